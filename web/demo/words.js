// The words for what the client and the server say in codes.

const reasons = new Map([
  ["busy", "the server is busy"],
  ["full", "the server is full"],
  ["memory", "the server is short of memory"],
  ["draining", "the server is going away"],
  ["user_full", "this user has too many connections"],
  ["address_full", "this address has too many connections"],
  ["directory", "the server cannot look up users now"],
  ["lost", "no answer from the server"],
  ["offline", "no network"],
  ["banned", "an administrator has banned this user"],
  ["origin", "the server does not take pages of this site"],
  ["user_unknown", "the server does not know this user"],
  ["user_inactive", "this user is not active"],
  ["token_missing", "the server needs a token"],
  ["token_expired", "the token has expired"],
  ["token_revoked", "the token was revoked"],
  ["token_malformed", "this is no token"],
  ["token_signature", "the token was signed with another secret"],
  ["token_key_unknown", "the server does not know the token's key"],
  ["SecurityError", "a page from https cannot use ws:"],
  ["close:1008", "too many messages"],
  ["close:1009", "a message was too long"],
  ["close:1012", "the server is restarting"],
  ["close:1013", "this page was too slow"],
  ["close:4001", "the token has expired"],
  ["close:4002", "the token was revoked"],
  ["close:4003", "this user is no longer active"],
  ["close:4004", "an administrator has disconnected this user"],
]);

export function reasonOf(why) { return reasons.get(why) ?? why.replace("close:", "closed with code ").replace("http:", "the server answers "); }

const losses = new Map([
  ["epoch", "the messages are numbered anew"],
  ["expired", "it was too long ago"],
  ["too_many", "there were more than the server keeps"],
  ["unknown", "the server does not know where this page was"],
]);

// returned says what became of the messages that came while there was no connection.
export function returned({ resumed, missed, reason, topic }, away) {
  const back = topic ? `#${topic}` : away >= 1 ? `Back after ${duration(away)}` : "Back again";
  if (!resumed) return `${back}. Messages may be missing: ${losses.get(reason) ?? reason}.`;
  return missed ? `${back}, ${missed} missed ${missed === 1 ? "message" : "messages"}.` : `${back}. Nothing was missed.`;
}

export function duration(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

// contentOf returns what a person would read in a message's data, which may be any JSON value.
export function contentOf(data) {
  if (typeof data === "string") return data;
  if (typeof data?.content === "string") return data.content;
  return JSON.stringify(data) ?? "";
}

// fate says what became of a message, from the server's receipt.
export function fate({ online, stored, seq }) {
  if (online) return "sent";
  if (stored) return "kept for later";
  return seq === undefined ? "nobody is there" : "sent";
}
