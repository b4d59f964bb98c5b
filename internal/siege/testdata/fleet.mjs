// Copies of momentum.js in one process. All that happens to them is a line of JSON on the output:
//
//	{"at":MS,"client":N,"state":"waiting","why":"busy","until":MS}     {"at":MS,"client":N,"text":"data of a message"}
//
// Arguments: the module, the URL. Lines of the input: "token TOKEN" adds a client and connects it; "send TEXT" has each client send a
// text to the user of the next one. The end of the input closes all.
import { createInterface } from "node:readline";

const [module, url] = process.argv.slice(2);
const { connect } = await import(module);
const fleet = [];

const tell = (client, happening) => process.stdout.write(JSON.stringify({ at: Date.now(), client, ...happening }) + "\n");
const userOf = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url")).sub;

function add(token) {
  const number = fleet.length;
  const client = connect({ url, token });
  fleet.push({ client, user: userOf(token) });
  client.on("state", ({ state, why, until }) => tell(number, { state, why, until }));
  client.on("message", ({ data }) => tell(number, { text: data }));
  client.on("gap", () => tell(number, { trouble: "gap" }));
  client.on("resumed", ({ resumed, reason }) => resumed || tell(number, { trouble: reason }));
}

function send(text) {
  fleet.forEach(({ client }, number) => {
    const { user } = fleet[(number + 1) % fleet.length];
    client.sendTo(user, text).catch((error) => tell(number, { trouble: String(error.code ?? error) }));
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  const space = line.indexOf(" ");
  ({ token: add, send })[line.slice(0, space)](line.slice(space + 1));
}
for (const { client } of fleet) client.close();
