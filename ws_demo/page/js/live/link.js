// Whether this page is connected, in words; and what to do when it is not.

import { byId } from '../dom.js';
import { explainRefusal, hideRefusal } from '../refusal.js';
import { say } from './said.js';

const STATES = {
  CONNECTING: 'connecting …',
  OPEN: 'connected',
  CLOSING: 'closing …',
  CLOSED: 'not connected',
  WAITING: 'no connection',
};
const NO_STAGE = { 404: 'There is no stage here: `scripts/live.sh` begins one.' };

export function showLink(state, wait, path) {
  byId('state').dataset.state = state;
  say(byId('state'), STATES[state] ?? state);
  byId('reconnect').hidden = state !== 'WAITING';
  if (state === 'WAITING') {
    say(byId('reconnect-text'), 'What you see is old. Next attempt within {seconds} s.', { seconds: Math.ceil(wait.most / 1000) });
    if (!wait.wasOpen) explainRefusal(path, wait.attempt, NO_STAGE);
  }
  if (state === 'OPEN') hideRefusal();
}
