// The four events of a WebSocket, as they come: open, message, error, close. Newest first.
// Messages of one kind share a line as long as their connection lasts: it stays where the first one put it, with their
// number and the time of the last. So no clock and no feed moves open, error and close out of sight. Attempts that fail
// alike, one after the other, share their lines, too: a server that is gone for a night leaves two.

import { byId, make } from './dom.js';
import { bytesOf, size, timeOfDay } from './format.js';
import { write } from './text.js';

const LINES_MAX = { single: 200, shared: 200, life: 1000 }; // for one too many, the oldest of the same sort goes
const DETAIL_MAX = 90;
const MARKS = { open: '○', message: '●', error: '▲', close: '■' };

const list = byId('log');
const failures = new Map(); // socket -> (key -> { element, count }): the lines of attempts that failed since it was open

function removeOldest(sort) {
  const lines = list.querySelectorAll(`:scope > [data-sort="${sort}"]`);
  if (lines.length > LINES_MAX[sort]) lines[lines.length - 1].remove();
}

function countOneMore(line, detail) {
  const time = timeOfDay(new Date());
  line.count++;
  line.element.dataset.count = line.count;
  write(line.element.querySelector('.detail'), '× {count}, last {time}: {detail}', { count: line.count, time, detail });
}

// sort: 'single' or 'shared', of messages; 'life', of the other three events
function newLine(sort, socket, event, detail, code) {
  const element = make('li', 'event', make('span', 'time', timeOfDay(new Date(), true)), make('span', 'socket', socket),
    make('span', 'what', `${MARKS[event]} ${event}`), make('span', 'detail', detail));
  Object.assign(element.dataset, { sort, event, socket, count: 1 });
  if (code !== null) element.dataset.code = code;
  list.prepend(element);
  removeOldest(sort);
  return { element, count: 1 };
}

// Returns addLine(event, detail, { kind, code }) for one connection. `kind` is null for a message that has its own line.
export function logOf(socket) {
  const own = new Map();
  let isOpened = false;
  return (event, detail, { kind = null, code = null } = {}) => {
    if (event === 'open') {
      isOpened = true;
      failures.delete(socket);
    } else if (!isOpened && !failures.has(socket)) failures.set(socket, new Map());
    const lines = isOpened ? own : failures.get(socket);
    const key = event === 'message' ? kind && `message ${kind}` : `${event} ${code}`;
    const line = key && lines.get(key);
    if (line?.element.isConnected) {
      countOneMore(line, detail);
      return;
    }
    const sort = event !== 'message' ? 'life' : key ? 'shared' : 'single';
    const added = newLine(sort, socket, event, detail, code);
    if (key) lines.set(key, added);
  };
}

export function addClose(addLine, { code, reason, wasClean }) {
  addLine('close', `code ${code}, wasClean ${wasClean}${reason ? `, reason “${reason}”` : ''}`, { code });
}

const typeOf = (data) => /^\{\s*"type":\s*"(\w+)"/.exec(data)?.[1] ?? null;

// kind: used for messages without a type, if all of them are of one kind
export function watch(socket, name, kind = null) {
  const addLine = logOf(name);
  socket.addEventListener('open', () => addLine('open', new URL(socket.url).pathname));
  socket.addEventListener('message', ({ data }) => {
    const type = typeOf(data) ?? kind;
    addLine('message', type ? `${type}, ${size(bytesOf(data).length)}` : data.slice(0, DETAIL_MAX), { kind: type });
  });
  socket.addEventListener('error', () => addLine('error', ''));
  socket.addEventListener('close', (event) => addClose(addLine, event));
}

byId('log-messages').addEventListener('change', ({ target }) => {
  list.classList.toggle('without-messages', !target.checked);
});
