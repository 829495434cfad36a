// The four events of a WebSocket, as they come: open, message, error, close. Newest first.

import { byId, make } from './dom.js';
import { bytesOf, size, timeOfDay } from './format.js';

const LINES_MAX = 200;
const DETAIL_MAX = 90;
const MARKS = { open: '○', message: '●', error: '▲', close: '■' };

const list = byId('log');
let newest = null; // { element, key, count }

// Messages of one kind in a row share a line: the clock comes every second. `kind` is null for a message that has its
// own line.
export function addLine(socket, event, detail, { kind = null, code = null } = {}) {
  const time = timeOfDay(new Date(), true);
  const key = kind && `${socket} ${event} ${kind}`;
  if (key && newest?.key === key) {
    newest.count++;
    newest.element.querySelector('.time').textContent = time;
    newest.element.querySelector('.detail').textContent = `× ${newest.count} ${detail}`;
    return;
  }
  const element = make('li', 'event', make('span', 'time', time), make('span', 'socket', socket),
    make('span', 'what', `${MARKS[event]} ${event}`), make('span', 'detail', detail));
  element.dataset.event = event;
  element.dataset.socket = socket;
  if (code !== null) element.dataset.code = code;
  list.prepend(element);
  if (list.childElementCount > LINES_MAX) list.lastElementChild.remove();
  newest = { element, key, count: 1 };
}

export function addClose(socket, { code, reason, wasClean }) {
  addLine(socket, 'close', `code ${code}, wasClean ${wasClean}${reason ? `, reason “${reason}”` : ''}`, { code });
}

const typeOf = (data) => /^\{\s*"type":\s*"(\w+)"/.exec(data)?.[1] ?? null;

// kind: used for messages without a type, if all of them are of one kind
export function watch(socket, name, kind = null) {
  socket.addEventListener('open', () => addLine(name, 'open', new URL(socket.url).pathname));
  socket.addEventListener('message', ({ data }) => {
    const type = typeOf(data) ?? kind;
    addLine(name, 'message', type ? `${type}, ${size(bytesOf(data).length)}` : data.slice(0, DETAIL_MAX), { kind: type });
  });
  socket.addEventListener('error', () => addLine(name, 'error', ''));
  socket.addEventListener('close', (event) => addClose(name, event));
}

byId('log-messages').addEventListener('change', ({ target }) => {
  list.classList.toggle('without-messages', !target.checked);
});
