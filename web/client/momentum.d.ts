// Types of momentum.js. docs/CLIENTS.md describes the behaviour.

export type State = "connecting" | "open" | "waiting" | "closed";

export interface StateEvent {
  state: State;
  why: string; // a refusal's code, "http:STATUS", "close:CODE", "lost", "offline", "token", "closed", or ""
  until?: number; // the time of the next attempt as in Date.now(), while waiting
}

export interface Position { epoch: string; broadcast: number; direct: number }

export interface TopicPosition { epoch?: string; seq?: number }

export interface User { user_id: string; username: string }

export interface Message<T = any> {
  id: string;
  message_type: "text" | "notification" | "system_message";
  data: T;
  timestamp: string;
  from_user_id?: string;
  from_username?: string;
  to_user_id?: string; // a direct message
  topic?: string;
  seq?: number;
}

export interface Receipt { seq?: number; online: boolean; stored: boolean }

export interface Resumed {
  topic?: string; // if it is about a topic
  resumed: boolean; // false: messages may be missing
  missed?: number; // so many messages follow
  reason?: "epoch" | "expired" | "too_many" | "unknown";
  away: number; // seconds without a connection
}

export interface Gap { channel: "broadcast" | "direct" | "topic"; topic?: string; from: number; to: number }

export interface Presence {
  topic?: string;
  joined: User[]; // of many at once, some
  left: User[];
  online: number; // NaN: the server has not told
  listed?: true; // the users in joined were there before: the answer to the question of who is there
}

export interface ServerError { code: string; message?: string; ref_id?: string; topic?: string }

// Failure is the reason of every promise that is rejected.
export interface Failure extends Error { code: string }

export interface Events {
  state: StateEvent;
  message: Message;
  resumed: Resumed;
  gap: Gap;
  presence: Presence;
  error: ServerError;
}

export interface Options {
  url?: string | URL; // "/ws" of the page's own server by default
  token: string | ((why: string) => string | Promise<string>); // why: "" at first, then why the last token must be replaced
  position?: Position; // where an earlier client was
  presence?: boolean; // ask for the users that are online at each connection
  maxBytes?: number; // a longer message is refused ("too_long"): WS_MAX_MESSAGE_BYTES of the server, 65,536 by default
  idle?: number; // seconds without a message after which the server is asked whether it is there; 60 by default
  WebSocket?: any; // the class to use, where there is no global one
}

export interface SendOptions { type?: "text" | "notification"; to?: string; topic?: string }

export interface Subscription extends TopicPosition {
  readonly topic: string;
  readonly ready: Promise<void>; // rejected if the server refuses
  readonly presence: Map<string, string>;
  readonly online: number;
  unsubscribe(): Promise<void>;
}

export interface Client {
  readonly state: State;
  readonly why: string;
  readonly until?: number;
  readonly position: Position;
  readonly presence: Map<string, string>; // user id → name
  readonly online: number; // NaN: the server has not told
  on<K extends keyof Events>(name: K, handler: (event: Events[K]) => void): () => void; // the result removes the handler
  send(data: unknown, options?: SendOptions): Promise<Receipt>;
  sendTo(user: string, data: unknown, options?: SendOptions): Promise<Receipt>;
  publish(topic: string, data: unknown, options?: SendOptions): Promise<Receipt>;
  ask(type: string, data?: unknown): Promise<any>; // a request, and the data of its answer
  subscribe(topic: string, handler: (message: Message) => void, options?: { presence?: boolean; position?: TopicPosition }): Subscription;
  close(): void;
}

export function connect(options: Options): Client;
