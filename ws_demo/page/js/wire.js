// Shows what goes over the wire: the two heads of the handshake, and the last frames.

import { byId, make } from './dom.js';
import { bytesOf, number, timeOfDay } from './format.js';
import { drawFrame, headerBytes, opcodeName, OPCODE_CLOSE, OPCODE_TEXT } from './frames.js';
import { write } from './text.js';

const FRAMES_MAX = 12;
const KEY_LINES = /^(GET |HTTP\/1\.1 101|Upgrade:|Connection:|Sec-WebSocket-(Key|Version|Accept):)/i;

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

// direction: 'in' or 'out'. A client masks, a server does not.
function addFrame(direction, opcode, payload) {
  if (byId('frames-hold').checked) return;
  const isOut = direction === 'out';
  const frame = { bytes: headerBytes(opcode, payload.length, isOut), key: isOut ? 'unknown' : null, payload, missing: 0 };
  const size = frame.bytes.length + (isOut ? 4 : 0) + payload.length;
  const title = make('span', 'way');
  write(title, isOut ? '↑ out' : '↓ in');
  const bytes = make('span', 'quiet');
  write(bytes, '{bytes} bytes', { bytes: number(size) });
  const line = make('li', 'frame', make('div', 'title', title, make('span', 'kind', opcodeName(frame)), bytes,
    make('span', 'quiet', timeOfDay(new Date(), true))), drawFrame(frame));
  line.dataset.direction = direction;
  byId('frames').prepend(line);
  if (byId('frames').childElementCount > FRAMES_MAX) byId('frames').lastElementChild.remove();
}

const isClock = (text) => /^\{\s*"type":\s*"(clock|time)"/.test(text);

export function showText(direction, text) {
  if (isClock(text) && !byId('frames-clock').checked) return;
  addFrame(direction, OPCODE_TEXT, bytesOf(text));
}

// A page sees only close frames that were answered: their code and reason are in the close event.
export function watchFrames(socket) {
  socket.addEventListener('message', ({ data }) => showText('in', data));
  socket.addEventListener('close', ({ wasClean, code, reason }) => {
    const hasCode = code !== 1005; // "none was given"
    const payload = hasCode ? [code >> 8, code & 0xff, ...bytesOf(reason)] : [];
    if (wasClean) addFrame('in', OPCODE_CLOSE, Uint8Array.from(payload));
  });
}
