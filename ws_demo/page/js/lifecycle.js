// The state of the room's connection: in the bar on top, as the lit node of the diagram, and in one sentence.

import { byId } from './dom.js';
import { write } from './text.js';

const FADE_MS = 1500;
const COUNT_MS = 100;
const HINTS = {
  CONNECTING: 'TCP connects, then the handshake is under way.',
  OPEN: 'Both sides may send at any time.',
  CLOSING: '`close()` was called. The page waits for the close frame of the other side.',
  CLOSED: 'There is no connection.',
  OFFLINE: 'No connection, as you wished. What you write waits in the outbox.',
};

let countTimer = 0;

// A state that lasts only an instant, like CLOSED before WAITING, stays visible while it fades.
function fade(node) {
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  const fading = getComputedStyle(document.documentElement).getPropertyValue('--fading');
  node.querySelector('rect').animate([{ fill: fading, offset: 0 }], FADE_MS);
}

function light(state) {
  for (const node of document.querySelectorAll('[data-node]')) {
    const isLit = node.dataset.node === state;
    if (node.classList.contains('lit') && !isLit) fade(node);
    node.classList.toggle('lit', isLit);
  }
}

function showWaiting({ least, most, attempt, wasOpen }) {
  write(byId('state-hint'), wasOpen
    ? 'Attempt {attempt} comes after a random time of {least} to {most} s.'
    : 'The server cannot be reached, or it refused the handshake: a browser does not tell a page which. Attempt {attempt} comes after a random time of {least} to {most} s.',
  { attempt, least: least / 1000, most: most / 1000 });
}

function showCountdown(text) {
  for (const element of document.querySelectorAll('[data-countdown]')) element.textContent = text;
}

function countDown(until) {
  const left = Math.max(0, until - performance.now());
  showCountdown(`${(left / 1000).toFixed(1)} s`);
}

export function showState(state, wait) {
  clearInterval(countTimer);
  showCountdown('n s');
  byId('state').dataset.state = state;
  byId('state').textContent = state;
  byId('reconnect').hidden = state !== 'WAITING';
  light(state);
  if (wait) {
    const until = performance.now() + wait.delay;
    countDown(until);
    countTimer = setInterval(() => countDown(until), COUNT_MS);
    showWaiting(wait);
  } else {
    write(byId('state-hint'), HINTS[state]);
  }
}
