// What the stage shows now, how to join, who is here; and the keys of who directs.

import { byId } from '../dom.js';
import { number } from '../format.js';
import { pushByKey } from './acts.js';
import { put, say } from './said.js';

const BUSY = { starting: 'the servers start …', race: 'a race runs' };
const KEYS = { w: 'wall', r: 'race', q: 'ask' };
const NOTE_MS = 6000;
const WHY_NOT = {
  closed: 'Too late: the vote is closed.',
  not_director: 'Only who directs may do that.',
  busy: 'Not possible here, or not now.',
  wrong: 'That cannot be done.',
};

let noteTimer = 0;

export function showStage({ view, busy, address, guests }) {
  document.body.dataset.view = view;
  for (const button of byId('views').querySelectorAll('[data-view]')) button.ariaPressed = String(button.dataset.view === view);
  byId('busy').hidden = !busy;
  if (busy) say(byId('busy'), BUSY[busy] ?? '{busy}', { busy });
  byId('join').hidden = !address;
  for (const place of document.querySelectorAll('[data-address]')) {
    place.hidden = !address;
    put(place, (address ?? '').replace(/^https?:\/\//, ''));
  }
  put(byId('guests'), number(guests ?? 0));
}

export function showNo({ why }) {
  clearTimeout(noteTimer);
  say(byId('note'), WHY_NOT[why] ?? '{why}', { why });
  byId('note').hidden = false;
  noteTimer = setTimeout(() => { byId('note').hidden = true; }, NOTE_MS);
}

// Who does not direct has no control at all.
export function showDirects(directs) {
  document.body.dataset.directs = directs;
  for (const element of document.querySelectorAll('[data-director]')) element.hidden = !directs;
}

const isTyping = ({ target }) => target.closest?.('input:not([type=radio], [type=checkbox], [type=range]), textarea, select') !== null;

export function startStage(speak) {
  const show = (view) => speak({ type: 'view', view });
  for (const button of byId('views').querySelectorAll('[data-view]')) button.addEventListener('click', () => show(button.dataset.view));
  addEventListener('keydown', (event) => {
    if (document.body.dataset.directs !== 'true' || event.ctrlKey || event.altKey || event.metaKey || event.repeat || isTyping(event)) return;
    if (Object.hasOwn(KEYS, event.key)) show(KEYS[event.key]);
    else pushByKey(event.key);
  });
}
