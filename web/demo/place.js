// Where the page connects to, and as whom.

// tokenGiven takes the token out of the fragment, which never reaches a server, before anything is waited for:
// it must not stay in the address bar or the history.
export function tokenGiven() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token) history.replaceState(null, "", location.pathname + location.search);
  return token;
}

// server asks the sidecar for the WebSocket port, and whether it lets guests in. A file server knows neither.
export async function server() {
  const own = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`;
  try {
    const told = await (await fetch("server.json")).json();
    return { url: urlOf(told, own), guests: told.guests === true };
  } catch {
    return { url: own, guests: false };
  }
}

// urlOf guesses the server's address: this page's own host. Only a page that came straight from the
// admin port is to go to another one, which the sidecar names; a proxy in between shows in
// the port being none of the sidecar's.
function urlOf({ port, page_port }, own) {
  const direct = location.protocol === "http:" && Number(location.port || 80) === page_port;
  return direct ? `ws://${location.hostname}:${port}/ws` : own;
}

// guestToken asks a server in development mode for a token.
export async function guestToken(username) {
  const answer = await fetch("guest", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ username }),
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.message);
  return body.token;
}

// claimsOf reads a token's payload, to show whose it is. The page cannot check it; the server does.
export function claimsOf(token) {
  try {
    const part = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
    const bytes = Uint8Array.from(atob(part), (c) => c.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}
