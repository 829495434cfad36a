// Shows what goes over the wire: the two heads of the handshake, and the last frames.

import { byId, make } from './dom.js';
import { bytesOf, number, timeOfDay } from './format.js';
import { drawFrame, headerBytes, opcodeName, OPCODE_CLOSE, OPCODE_TEXT, payloadLength } from './frames.js';
import { write } from './text.js';

const FRAMES_MAX = 12;
const KEY_LINES = /^(GET |HTTP\/1\.1 101|Upgrade:|Connection:|Sec-WebSocket-(Key|Version|Accept|Extensions):)/i;
const ASK_MS = 300; // after a frame is shown: the server is asked for several at a time

function showHead(element, head) {
  const lines = head.trimEnd().split('\r\n').map((line) =>
    make(KEY_LINES.test(line) ? 'mark' : 'span', 'line', `${line}\n`));
  element.replaceChildren(...lines);
}

export function showHandshake(hello) {
  showHead(byId('handshake-request'), hello.request);
  showHead(byId('handshake-response'), hello.response);
  write(byId('request-bytes'), '{bytes} bytes', { bytes: number(hello.request_bytes) });
  write(byId('response-bytes'), '{bytes} bytes', { bytes: number(hello.response_bytes) });
}

// The room's connection: the messages of each direction are numbered, as the server does. `untold`: what is shown, and
// waits for the server to say what it took on the wire; by direction and number.
let current = null; // { socket, ask, numbers: { in, out }, untold: Map, timer }

const isDeflated = () => current !== null && /\bpermessage-deflate\b/.test(current.socket.extensions);

const isMasked = (direction) => direction === 'out'; // a client masks, a server does not

function fill(line, direction, frame, sizes) {
  const title = make('span', 'way');
  write(title, isMasked(direction) ? '↑ out' : '↓ in');
  const bytes = make('span', 'quiet');
  write(bytes, ...sizes);
  line.replaceChildren(make('div', 'title', title, make('span', 'kind', opcodeName(frame)), bytes,
    make('span', 'quiet', line.dataset.time)), drawFrame(frame));
}

const frameOf = (direction, opcode, payload, more = {}) => ({
  bytes: headerBytes(opcode, more.deflated ?? payload.length, isMasked(direction), more.deflated !== undefined),
  key: isMasked(direction) ? 'unknown' : null, payload, missing: 0, ...more });

const sizeOf = (direction, { bytes, payload }) => bytes.length + (isMasked(direction) ? 4 : 0) + payload.length;

// Until the server has told, a compressed connection's frame is drawn as if it were not compressed.
function addFrame(direction, opcode, payload, n = null) {
  if (byId('frames-hold').checked) return;
  const frame = frameOf(direction, opcode, payload);
  const plain = number(sizeOf(direction, frame));
  const waits = n !== null && isDeflated();
  const line = make('li', 'frame');
  line.dataset.direction = direction;
  line.dataset.time = timeOfDay(new Date(), true);
  fill(line, direction, frame,
    waits ? ['? bytes on the wire, {plain} uncompressed', { plain }] : ['{bytes} bytes', { bytes: plain }]);
  byId('frames').prepend(line);
  if (byId('frames').childElementCount > FRAMES_MAX) byId('frames').lastElementChild.remove();
  if (!waits) return;
  current.untold.set(`${direction} ${n}`, { line, payload, plain });
  current.timer ??= setTimeout(() => {
    current.timer = null;
    current.ask();
  }, ASK_MS);
}

// The last messages of one direction: `first` is the number of the first, and each is [payload, wire, compressed].
function tell(direction, { first, messages }) {
  messages.forEach(([, wire, compressed], i) => {
    const key = `${direction} ${first + i}`;
    const shown = current.untold.get(key);
    if (!shown) return;
    const deflated = compressed ? payloadLength(wire, isMasked(direction)) : undefined;
    const more = compressed ? { deflated } : {};
    shown.line.dataset.wire = wire;
    fill(shown.line, direction, frameOf(direction, OPCODE_TEXT, shown.payload, more), compressed
      ? ['{bytes} bytes on the wire, {plain} uncompressed', { bytes: number(wire), plain: shown.plain }]
      : ['{bytes} bytes', { bytes: number(wire) }]);
    current.untold.delete(key);
  });
}

// The server's answer: what it has received, and what it has sent.
export function showWire({ received, sent }) {
  tell('out', received);
  tell('in', sent);
  for (const [key, { line }] of current.untold) if (!line.isConnected) current.untold.delete(key);
}

const isClock = (text) => /^\{\s*"type":\s*"(clock|time|wire)"/.test(text);

export function showText(direction, text) {
  const n = current.numbers[direction]++;
  if (isClock(text) && !byId('frames-clock').checked) return;
  addFrame(direction, OPCODE_TEXT, bytesOf(text), n);
}

// `ask`: a function that asks the server for what showWire shows.
// A page sees only close frames that were answered: their code and reason are in the close event.
export function watchFrames(socket, ask) {
  clearTimeout(current?.timer);
  current = { socket, ask, numbers: { in: 0, out: 0 }, untold: new Map(), timer: null };
  socket.addEventListener('message', ({ data }) => { if (current.socket === socket) showText('in', data); });
  socket.addEventListener('close', ({ wasClean, code, reason }) => {
    const hasCode = code !== 1005; // "none was given"
    const payload = hasCode ? [code >> 8, code & 0xff, ...bytesOf(reason)] : [];
    if (wasClean) addFrame('in', OPCODE_CLOSE, Uint8Array.from(payload));
  });
}
