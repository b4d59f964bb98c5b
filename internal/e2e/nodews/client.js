// A WebSocket client made with the ws library, driven by a test. The first argument says in JSON how to connect:
// {url, headers, protocols, deflate}. Each line of standard input is then a command and each line of standard
// output an event, both as JSON. Payloads are in base64, so that they need not be UTF-8.
import { createInterface } from 'node:readline';
import WebSocket from 'ws';

const { url, headers, protocols, deflate } = JSON.parse(process.argv[2]);
const commands = createInterface({ input: process.stdin });
const tell = (event) => process.stdout.write(JSON.stringify(event) + '\n');

let socket, answered, wire, refusals = 0;
const maxRefusals = 3;

// A server that gets no processor for some seconds refuses a handshake (503 busy), and says when to come back: this client does.
function connect() {
  // Without a threshold ws compresses every message, not only long ones.
  socket = new WebSocket(url, protocols, { headers, perMessageDeflate: deflate ? { threshold: 0 } : false });
  socket.on('unexpected-response', (request, { statusCode, headers }) => {
    request.destroy();
    if (statusCode === 503 && ++refusals < maxRefusals) setTimeout(connect, headers['retry-after'] * 1000);
    else end(0, `the server answered ${statusCode}`);
  });
  socket.on('upgrade', (answer) => { answered = answer.headers; wire = answer.socket; });
  socket.on('open', () => tell({ event: 'open', headers: answered }));
  socket.on('message', (data, binary) => tell({ event: binary ? 'binary' : 'text', payload: data.toString('base64') }));
  socket.on('pong', (data) => tell({ event: 'pong', payload: data.toString('base64') }));
  socket.on('error', (error) => tell({ event: 'error', message: error.message }));
  socket.on('close', (code, reason) => { if (answered) end(code, reason.toString()); });
}

function end(code, message) {
  tell({ event: 'close', code, message, read: wire?.bytesRead, written: wire?.bytesWritten });
  commands.close();
  process.stdin.destroy();
}

connect();

commands.on('line', (line) => {
  const { command, payload = '', code } = JSON.parse(line);
  const bytes = Buffer.from(payload, 'base64');
  switch (command) {
    case 'text': socket.send(bytes, { binary: false }); break;
    case 'ping': socket.ping(bytes); break;
    case 'close': socket.close(code); break;
    default: tell({ event: 'error', message: `there is no command ${command}` });
  }
});
