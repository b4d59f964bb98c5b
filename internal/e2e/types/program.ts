// A program in TypeScript that uses all that momentum.d.ts has. A line after "ts-expect-error" must be refused.
import { connect, type Client, type Failure, type Message, type Position, type Receipt, type StateEvent, type Subscription } from "./momentum.js";

const position: Position = { epoch: "e1", broadcast: 1, direct: 2 };
const client: Client = connect({
  url: new URL("wss://chat.example/ws"), token: async (why) => why, position, presence: true, idle: 30, maxBytes: 1000, WebSocket: class {},
});
const off: () => void = client.on("state", ({ state, why, until }: StateEvent) => console.log(state === "waiting", why.length, until?.toFixed()));
client.on("message", (m: Message<{ content: string }>) => console.log(m.data.content, m.seq, m.topic, m.from_username));
client.on("resumed", ({ resumed, missed, reason, away, topic }) => console.log(resumed, missed, reason === "expired", away, topic));
client.on("gap", ({ channel, from, to }) => console.log(channel, to - from));
client.on("presence", ({ joined, left, online, listed }) => console.log(joined[0]?.username, left.length, online, listed));
client.on("error", ({ code, message, topic, ref_id }) => console.log(code, message, topic, ref_id));
off();

const receipts: Promise<Receipt>[] = [
  client.send("hi"), client.send({ content: "hi" }, { type: "notification" }), client.sendTo("id", 1), client.publish("room.7", null),
];
receipts[0].then(({ seq, online, stored }) => console.log(seq, online, stored), ({ code }: Failure) => console.log(code));
const subscription: Subscription = client.subscribe("room.7", (m) => console.log(m.id), { presence: true, position: { epoch: "e1", seq: 4 } });
subscription.ready.then(() => console.log(subscription.topic, subscription.epoch, subscription.seq, subscription.presence.size, subscription.online));
subscription.unsubscribe().then(() => client.close());
client.ask("ping", 1).then((data) => console.log(data));
console.log(client.state, client.why, client.until, client.position.epoch, client.presence.get("id"), client.online);

// @ts-expect-error a token is needed
connect({ url: "ws://chat.example/ws" });
// @ts-expect-error there is no such event
client.on("open", () => {});
// @ts-expect-error clients may not send this type
client.send("hi", { type: "system_message" });
// @ts-expect-error the state is the client's
client.state = "open";
// @ts-expect-error a state is no number
const state: number = client.state;
