// Which lanes are on the wall: models, and beside each its naive twins.

import { byId, make } from '../dom.js';
import { say } from './said.js';

const LANES_MAX = 6;

let shape = ''; // of the list that is drawn

const boxes = () => [...byId('chooser-list').querySelectorAll('input')];
const chosen = () => boxes().filter((box) => box.checked).map((box) => box.value);

function limit() {
  const count = chosen().length;
  for (const box of boxes()) box.disabled = !box.checked && count >= LANES_MAX;
  byId('chooser-show').disabled = count === 0;
}

function makeBox(id, isTwin) {
  const box = make('input', '');
  box.type = 'checkbox';
  box.value = id;
  box.addEventListener('change', limit);
  return make('label', isTwin ? 'check twin' : 'check', box, make('span', 'mono', id));
}

function check(shown) {
  for (const box of boxes()) box.checked = shown.includes(box.value);
  limit();
}

// The boxes follow the wall, unless somebody is choosing.
export function showChooser({ models, shown }) {
  const now = JSON.stringify(models);
  const isNew = now !== shape;
  if (isNew) {
    shape = now;
    byId('chooser-list').replaceChildren(...models.map(({ id, twins = [] }) =>
      make('div', 'family', makeBox(id, false), ...twins.map((twin) => makeBox(twin, true)))));
  }
  if (isNew || !byId('chooser').open) check(shown);
}

export function startChooser(speak) {
  say(byId('chooser-show'), 'show these');
  byId('chooser-form').addEventListener('submit', (event) => {
    event.preventDefault();
    speak({ type: 'lanes', lanes: chosen() });
    byId('chooser').open = false;
  });
  byId('chooser').addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    byId('chooser').open = false;
    byId('chooser').querySelector('summary').focus();
  });
}
