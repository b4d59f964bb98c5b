// A WebSocket client made with the ws library, driven by a test. The first argument says in JSON how to connect:
// {url, headers, protocols, deflate}. Each line of standard input is then a command and each line of standard
// output an event, both as JSON. Payloads are in base64, so that they need not be UTF-8.
import { createInterface } from 'node:readline';
import WebSocket from 'ws';

const { url, headers, protocols, deflate } = JSON.parse(process.argv[2]);
const commands = createInterface({ input: process.stdin });
const tell = (event) => process.stdout.write(JSON.stringify(event) + '\n');

// Without a threshold ws compresses every message, not only long ones.
const socket = new WebSocket(url, protocols, {
  headers,
  perMessageDeflate: deflate ? { threshold: 0 } : false,
});

let answered, wire;
socket.on('upgrade', (answer) => { answered = answer.headers; wire = answer.socket; });
socket.on('open', () => tell({ event: 'open', headers: answered }));
socket.on('message', (data, binary) => tell({ event: binary ? 'binary' : 'text', payload: data.toString('base64') }));
socket.on('pong', (data) => tell({ event: 'pong', payload: data.toString('base64') }));
socket.on('error', (error) => tell({ event: 'error', message: error.message }));
socket.on('close', (code, reason) => {
  tell({ event: 'close', code, message: reason.toString(), read: wire?.bytesRead, written: wire?.bytesWritten });
  commands.close();
  process.stdin.destroy();
});

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
