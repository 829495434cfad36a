// What the director can do to a lane, or to all: buttons, and the keys 1 to 9.

import { byId, make } from '../dom.js';
import { say } from './said.js';

const NAMES = {
  idle_clients: '500 idle clients',
  slow_reader: 'a slow reader',
  blocking_handler: 'a blocking handler',
  few_descriptors: '64 descriptors',
  cut: 'cut all off',
};
const ENDS_ITSELF = ['cut'];
const ALL = 'all';

export const nameOfAct = (act) => (Object.hasOwn(NAMES, act) ? NAMES[act] : act);

let stage = { acts: [], shown: [], on: [] };
let target = ALL;
let speak = () => {};

const isOnIn = (act, lane) => stage.on.some((one) => one.act === act && (one.lane === lane || one.lane === ALL));
const isOn = (act) => (target === ALL ? stage.shown.length > 0 && stage.shown.every((lane) => isOnIn(act, lane)) : isOnIn(act, target));

function push(act) {
  speak({ type: 'act', act, lane: target, on: ENDS_ITSELF.includes(act) || !isOn(act) });
}

function makeTarget(lane) {
  const option = make('option', '', lane);
  option.value = lane;
  if (lane === ALL) say(option, 'all lanes');
  return option;
}

function makeButton(act, at) {
  const button = make('button', 'act');
  const name = make('span', '');
  button.type = 'button';
  button.dataset.act = act;
  say(name, nameOfAct(act));
  button.append(make('kbd', '', String(at + 1)), name);
  button.addEventListener('click', () => push(act));
  return button;
}

function mark() {
  for (const button of byId('act-buttons').children) {
    if (!ENDS_ITSELF.includes(button.dataset.act)) button.ariaPressed = String(isOn(button.dataset.act));
  }
}

const same = (one, other) => one.length === other.length && one.every((item, at) => item === other[at]);

// The host says what there is, and what is on. What is chosen and focused stays so, while it is there.
export function showActs(now) {
  const before = stage;
  stage = now;
  if (!stage.shown.includes(target)) target = ALL;
  if (!same(before.shown, stage.shown) || byId('act-lane').length === 0)
    byId('act-lane').replaceChildren(...[ALL, ...stage.shown].map(makeTarget));
  byId('act-lane').value = target;
  if (!same(before.acts, stage.acts)) byId('act-buttons').replaceChildren(...stage.acts.map(makeButton));
  mark();
}

// True: the key was one of these.
export function pushByKey(key) {
  const act = /^[1-9]$/.test(key) ? stage.acts[Number(key) - 1] : undefined;
  if (act) push(act);
  return act !== undefined;
}

export function startActs(send) {
  speak = send;
  byId('act-lane').addEventListener('change', ({ target: { value } }) => {
    target = value;
    mark();
  });
}
