// The second socket, /raw: the server sends the bytes that we write in hex, also if they are broken frames.

import { socketAddress } from './connection.js';
import { byId, make } from './dom.js';
import { hex } from './format.js';
import { drawFrame, takeFrames } from './frames.js';
import { watch } from './log.js';
import { write } from './text.js';

const BYTES_MAX = 1024;
const FRAMES_SHOWN = 4;

const field = byId('raw-hex');
const result = byId('raw-result');
let socket = null;
let hasError = false;

// null if it is not hex. Spaces are ignored.
function typedBytes() {
  const digits = field.value.replace(/0x|[\s,]/gi, '');
  const isHex = /^([0-9a-f]{2})+$/i.test(digits) && digits.length <= 2 * BYTES_MAX;
  return isHex ? Uint8Array.from(digits.match(/../g), (pair) => parseInt(pair, 16)) : null;
}

function showTyped() {
  const bytes = typedBytes();
  byId('raw-send').disabled = bytes === null;
  field.setAttribute('aria-invalid', bytes === null);
  const { frames, rest } = takeFrames(bytes ?? new Uint8Array(), FRAMES_SHOWN);
  const drawn = frames.map(drawFrame);
  if (rest.length > 0) drawn.push(make('code', 'rest', hex(rest.subarray(0, 16))));
  byId('raw-preview').replaceChildren(...drawn);
}

function showClose({ code, reason, wasClean }) {
  const values = { code, reason };
  if (!wasClean) {
    write(result, hasError ? '▲ error, then ■ close with {code}: the browser has failed the connection.'
      : '■ close with {code}, without a close frame.', values);
  } else write(result, reason ? '■ close with {code} “{reason}”: in order.' : '■ close with {code}: in order.', values);
}

// Resolves with an open socket; rejects if it cannot be opened.
function openSocket() {
  return new Promise((resolve, reject) => {
    const opened = new WebSocket(socketAddress('raw'));
    watch(opened, 'raw');
    hasError = false;
    opened.addEventListener('open', () => {
      byId('raw-close').disabled = false;
      resolve(opened);
    });
    opened.addEventListener('message', ({ data }) => write(result, '● message “{data}”', { data }));
    opened.addEventListener('error', () => { hasError = true; });
    opened.addEventListener('close', (event) => {
      byId('raw-close').disabled = true;
      showClose(event);
      reject();
    });
  });
}

async function sendTyped() {
  const bytes = typedBytes();
  byId('raw-send').disabled = true;
  try {
    if (socket?.readyState !== WebSocket.OPEN) socket = await openSocket();
    write(result, 'Sent. What follows is in the log; for an unfinished frame, nothing: the browser waits for the rest.');
    socket.send(bytes);
  } catch {
    socket = null; // the close event has been shown
  }
  showTyped();
}

export function startRaw() {
  byId('raw-preset').addEventListener('change', ({ target }) => {
    field.value = target.value;
    showTyped();
  });
  field.addEventListener('input', showTyped);
  field.addEventListener('keydown', ({ key }) => {
    if (key === 'Enter' && !byId('raw-send').disabled) sendTyped();
  });
  byId('raw-send').addEventListener('click', sendTyped);
  byId('raw-close').addEventListener('click', () => socket.close(1000, 'enough'));
  showTyped();
}
