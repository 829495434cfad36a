// Connects the modules: what comes from the connection goes to the modules that show it.

import { showAccept } from './accept.js';
import { Clock } from './clock.js';
import { Connection, socketAddress } from './connection.js';
import { Delivery } from './delivery.js';
import { byId } from './dom.js';
import { Feed } from './feed.js';
import { bytesOf, number, wellFormed } from './format.js';
import { clientKey } from './key.js';
import { showLab, startLab } from './lab.js';
import { showState } from './lifecycle.js';
import { watch } from './log.js';
import { startMenu } from './menu.js';
import { drawMeters, showMeters } from './meters.js';
import { cleanName } from './names.js';
import { startRaw } from './raw.js';
import { startReaders } from './readers.js';
import { explainRefusal, hideRefusal } from './refusal.js';
import * as room from './room.js';
import { drawStatistics, showStatistics } from './statistics.js';
import { chinese } from './text-zh.js';
import { startLanguage, text, write } from './text.js';
import { showHandshake, showText, showWire, watchFrames } from './wire.js';

const NAME_MAX = 32; // bytes of UTF-8, of a room and of a user

const nameFields = [byId('room-name'), byId('user-name')];
const joined = { room: null, name: '' };
const key = clientKey();
const clock = new Clock();

function path() {
  const { room: name, name: user } = joined;
  const resume = delivery.epoch ? `&epoch=${delivery.epoch}&after=${delivery.last}` : '';
  const who = user ? `&name=${encodeURIComponent(user)}` : '';
  return `room?room=${encodeURIComponent(name)}${who}&key=${key}${resume}`;
}

const connection = new Connection(() => socketAddress(path()), {
  socket(socket) {
    watch(socket, 'room');
    watchFrames(socket, () => connection.send({ type: 'wire' }));
  },
  sent: (words) => showText('out', words),
  state(state, wait) {
    showState(state, wait);
    showLab(state, joined.room !== null);
    if (state === 'WAITING' && !wait.wasOpen) explainRefusal(path(), wait.attempt);
    else if (state !== 'CONNECTING' && state !== 'CLOSED') hideRefusal();
    if (state !== 'OPEN') {
      clock.stop();
      delivery.disconnected();
      room.setConnected(false);
      room.nobodyHere();
    }
  },
  received(message) {
    switch (message.type) {
      case 'hello': greet(message); break;
      case 'message': delivery.message(message); break;
      case 'refused': refused(message); break;
      case 'lost': delivery.lost(message); break;
      case 'here': room.showHere(message); break;
      case 'time': clock.answered(message); break;
      case 'store': showStore(message.state === 'away'); break;
      case 'wire': showWire(message); break;
      case 'clock': showStatistics(message.stats, clock); break;
    }
  },
});

const delivery = new Delivery((message) => connection.send(message), {
  pending: room.showPending,
  refused: room.showRefused,
  resumed: room.showResumed,
  lost: room.showLost,
  message: (message, wasKept, isOwn) => room.showMessage(message, wasKept ? null : clock.since(message.at), isOwn),
});

// A refusal without an id is about joining, not about a message.
function refused(message) {
  if ('id' in message) delivery.refused(message);
  else room.showNotJoined(message);
}

function showStore(isAway) {
  room.showStore(isAway);
  if (!isAway) delivery.storeIsBack();
}

function greet(hello) {
  showHandshake(hello);
  showAccept(hello.request, hello.response);
  room.showHere(hello);
  clock.start(hello.at, (message) => connection.send(message));
  room.setConnected(true);
  room.showNode(hello.node);
  room.showStore(hello.store === 'away');
  delivery.hello(hello);
  showBytes();
  room.showName(hello.name, joined.name);
}

const nameIn = (input) => cleanName(wellFormed(input.value));

function checkName(input) {
  const length = bytesOf(nameIn(input)).length;
  const isGood = length <= NAME_MAX && (length > 0 || !input.required);
  input.setCustomValidity(isGood ? '' : text('1 to 32 bytes of UTF-8, with something to see in them'));
}

function join() {
  nameFields.forEach(checkName);
  if (!nameFields.every((input) => input.reportValidity())) return;
  const [name, user] = nameFields.map(nameIn);
  if (name !== joined.room) {
    const givenUp = delivery.forget();
    room.clear();
    if (givenUp > 0) room.note('Not acknowledged in “{room}”, and given up: {givenUp}', { room: joined.room, givenUp });
  }
  joined.room = name;
  joined.name = user;
  const url = new URL(location);
  url.searchParams.set('room', name);
  url.searchParams.set('name', joined.name);
  history.replaceState(null, '', url);
  byId('say-text').disabled = false;
  byId('say').disabled = false;
  connection.open();
  byId('say-text').focus({ preventScroll: true });
}

// How much of a message's limit is used: bytes of UTF-8, as the server counts them.
function showBytes() {
  const bytes = bytesOf(wellFormed(byId('say-text').value)).length;
  const isTooLong = bytes > delivery.textMax;
  byId('say-text').setAttribute('aria-invalid', isTooLong);
  byId('say-bytes').classList.toggle('over', isTooLong);
  write(byId('say-bytes'), isTooLong ? '✗ {bytes} of {most} bytes: too long' : '{bytes} of {most} bytes',
    { bytes: number(bytes), most: number(delivery.textMax) });
}

function say() {
  const field = byId('say-text');
  if (field.value.trim() === '') return;
  if (delivery.say(field.value)) {
    field.value = '';
    showBytes();
  } else room.note('The outbox is full: 100 messages wait for their acknowledgement.');
}

function onSubmit(form, action) {
  byId(form).addEventListener('submit', (event) => {
    event.preventDefault();
    action();
  });
}

const feed = new Feed(clock, { changed: showMeters, socket: (socket) => watch(socket, 'feed', 'event') });

function toggleFeed() {
  byId('feed-empty').hidden = true;
  if (feed.isRunning) feed.stop();
  else feed.start(() => Number(byId('poll-interval').value));
  write(byId('poll-start'), feed.isRunning ? 'stop' : 'start all three');
}

// A browser may keep a box checked over a reload.
connection.slowMotion = byId('slow-motion').checked;
drawMeters();
drawStatistics();
write(byId('poll-start'), 'start all three');
startLanguage(chinese);
startLab(connection);
startMenu();
startReaders();
startRaw();
showState('CLOSED', null);
showLab('CLOSED', false);
nameFields.forEach((input) => input.addEventListener('input', () => checkName(input)));
byId('say-text').addEventListener('input', showBytes);
showBytes();
onSubmit('join-form', join);
onSubmit('say-form', say);
byId('poll-start').addEventListener('click', toggleFeed);
byId('connect-now').addEventListener('click', () => connection.connectNow());
byId('slow-motion').addEventListener('change', ({ target }) => { connection.slowMotion = target.checked; });
addEventListener('online', () => connection.connectNow());

const asked = new URLSearchParams(location.search);
if (asked.has('name')) byId('user-name').value = asked.get('name');
if (asked.has('room')) {
  byId('room-name').value = asked.get('room');
  join();
}
byId('not-running').remove();
