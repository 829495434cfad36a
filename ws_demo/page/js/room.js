// The room on the screen: messages, the page's notes, and the list of members.

import { byId, make } from './dom.js';
import { bytesOf, milliseconds, number, timeOfDay } from './format.js';
import { write } from './text.js';

const LINES_MAX = 500;
const FOLDED_FROM = 100; // characters of a refused message; of a longer one only the beginning is shown
const REFUSED = {
  too_long: '✗ not sent: {bytes} bytes, at most {most} are allowed',
  empty: '✗ not sent: empty',
  memory: '✗ not sent: the server has no memory for it',
  history: '✗ not sent: the server cannot keep it: {detail}',
  full: '✗ not sent: the server has no place for the history of one more room',
};
const NOT_JOINED = {
  rate: 'Not joined: too often in too short a time, from here or from your address.',
  members: 'Not joined: you, or others at your address, are in rooms too often already.',
  rooms: 'Not joined: you, or others at your address, have opened too many rooms already.',
  memory: 'Not joined: the server has no memory for it.',
  history: 'Not joined: the server cannot use its history: {detail}',
  away: 'Not joined: the store that the servers share does not answer.',
};

const list = byId('messages');
let isConnected = false;
let isStoreAway = false;
let node = null; // of several servers that share the room: the one we are connected to

// Adds a line, or moves it. Unacknowledged messages stay at the end; a reader who has scrolled up is not moved.
function place(line) {
  const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
  const firstPending = list.querySelector('.pending');
  const before = line.classList.contains('pending') ? null : firstPending;
  if (!line.isConnected || (before && line.nextElementSibling !== before)) list.insertBefore(line, before);
  if (list.childElementCount > LINES_MAX) list.querySelector(':scope > :not(.pending)').remove();
  if (isAtEnd || line.classList.contains('own')) list.scrollTop = list.scrollHeight;
  byId('room-empty').hidden = true;
}

function messageLine(id, text) {
  const words = make('p', 'words', text);
  words.dir = 'auto';
  const line = make('li', 'message', make('bdi', 'from'), make('span', 'meta'), words);
  line.dataset.id = id;
  return line;
}

const find = (id) => list.querySelector(`[data-id="${CSS.escape(id)}"]`);

function pendingText() {
  if (!isConnected) return '… waiting for a connection';
  return isStoreAway ? '… waiting for the store' : '… sending';
}

function renewPending() {
  for (const meta of list.querySelectorAll('.pending .meta')) write(meta, pendingText());
}

// Whether the server has greeted us and is still there: only then are messages on their way.
export function setConnected(now) {
  isConnected = now;
  renewPending();
}

// Several servers share what is said through a store, Redis. While it does not answer, the room can be read only.
export function showStore(isAway) {
  if (isAway) note('The store that the servers share does not answer: the room can be read, and what you write waits here.');
  else if (isStoreAway) note('The store answers again.');
  isStoreAway = isAway;
  byId('store-away').hidden = !isAway;
  renewPending();
}

// Which of several servers we are connected to; a server that is alone says nothing of it.
export function showNode(name) {
  if (name && node && name !== node) note('You were on server {before}, and are now on server {name}.', { before: node, name });
  else if (name && !node) note('One of several servers: {name}.', { name });
  node = name ?? null;
}

export function showPending(id, text) {
  const line = messageLine(id, text);
  line.classList.add('own', 'pending');
  write(line.querySelector('.from'), 'you');
  write(line.querySelector('.meta'), pendingText());
  place(line);
}

// delay: milliseconds, or null for a message from the history
export function showMessage(message, delay, isOwn) {
  const line = (message.id && find(message.id)) ?? messageLine(message.id ?? '', message.text);
  line.classList.remove('pending', 'refused');
  line.classList.toggle('own', isOwn);
  line.dataset.seq = message.seq;
  const from = line.querySelector('.from');
  delete from.dataset.text; // no longer "you"
  from.textContent = message.from;
  line.querySelector('.words').textContent = message.text;
  const time = timeOfDay(new Date(message.at));
  const values = { mark: isOwn ? '✓ ' : '', time, delay: delay === null ? '' : milliseconds(delay) };
  write(line.querySelector('.meta'), delay === null ? '{mark}{time} · kept' : '{mark}{time} · {delay}', values);
  place(line);
}

// Its text must not push out of sight what the others say.
function fold(line) {
  const words = line.querySelector('.words');
  const begin = [...words.textContent.slice(0, FOLDED_FROM)].slice(0, -1).join(''); // no half of a character
  const folded = make('details', 'folded', make('summary', '', `${begin}…`));
  words.before(folded);
  folded.append(words);
}

export function showRefused(id, why, detail, most) {
  const line = find(id);
  if (!line) return;
  line.classList.replace('pending', 'refused');
  const text = line.querySelector('.words').textContent;
  write(line.querySelector('.meta'), REFUSED[why], { detail, bytes: number(bytesOf(text).length), most: number(most) });
  if (text.length > FOLDED_FROM) fold(line);
}

export function showNotJoined({ why, detail }) {
  note(NOT_JOINED[why], { detail });
}

// The name that the server has given us, where it is not the one we asked for.
export function showName(name, wanted) {
  if (wanted && name !== wanted) note('There is another “{wanted}” here: your name is “{name}”.', { wanted, name });
}

export function note(english, values) {
  const line = make('li', 'note');
  write(line, english, values);
  const last = [...list.querySelectorAll(':scope > :not(.pending)')].at(-1);
  if (last?.textContent !== line.textContent) place(line); // not the same line twice
  return line;
}

// Only the last return is of interest: an earlier line that says the same goes.
let missedNothing = null;

function noteMissedNothing() {
  missedNothing?.remove();
  missedNothing = note('Back. You have missed nothing.');
}

export function clear() {
  list.replaceChildren();
  byId('room-empty').hidden = false;
}

export function showHere({ members, names }) {
  const count = make('strong', '');
  write(count, members === 1 ? 'only you are here' : '{members} here', { members });
  const chips = names.map((name) => make('bdi', 'chip', name));
  if (members > names.length) chips.push(make('span', 'chip', `+ ${members - names.length}`));
  byId('here').replaceChildren(count, ...chips);
}

export function nobodyHere() {
  byId('here').replaceChildren();
}

export function showLost(lost) {
  note('Too slow: {lost} messages fell out of the history before they could be sent.', { lost });
}

// Shows what hello says about the time without a connection.
export function showResumed({ isFirst, isNewServer, lost, kept }) {
  if (isNewServer) note('The server is a new one: what the old one kept is gone.');
  if (lost === 1) note('1 message fell out of the history.');
  if (lost > 1) note('{lost} messages fell out of the history.', { lost });
  if (isFirst || isNewServer) {
    if (kept > 0) note('From the history: {kept}', { kept });
  } else if (kept === 0) noteMissedNothing();
  else if (kept === 1) note('1 message came while you were away.');
  else note('{kept} messages came while you were away.', { kept });
}
