// The administrator's calls. All paths are relative, so that the page also works below a path of a proxy.
import { current } from "./token.js";

// Refusal is an answer that is no success. Status 0: there was no answer.
export class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    Object.assign(this, { status, code });
  }
}

// open makes a call and returns the answer, whose body is not read.
export async function open(method, path, { body, signal } = {}) {
  const headers = {};
  if (current()) headers.Authorization = `Bearer ${current()}`;
  if (body) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: body && JSON.stringify(body), signal, cache: "no-store", credentials: "omit", redirect: "error", referrerPolicy: "no-referrer" });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new Refusal(0, "unreachable", "The node does not answer.");
  }
  if (answer.ok) return answer;
  const { error = "refused", message = answer.statusText } = await answer.json().catch(() => ({}));
  throw new Refusal(answer.status, error, message);
}

// ask makes a call and returns the JSON of the answer.
export async function ask(method, path, options) {
  const answer = await open(method, path, options);
  return answer.json();
}

// query returns a path with the parameters that have a value.
export function query(path, parameters) {
  const all = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== "" && value !== undefined));
  return all.size ? `${path}?${all}` : path;
}
