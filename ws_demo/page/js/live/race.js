// The race: each model's ratio to another with its interval, round after round.

import { byId, make } from '../dom.js';
import { number } from '../format.js';
import { axisFor, marksOf, placeOf, ratioText } from './axis.js';
import { put, say } from './said.js';

const WORDS = {
  more: ['▲', 'faster'],
  less: ['▼', 'slower'],
  same: ['=', 'the same, within {within}%'],
  open: ['?', 'cannot be told yet'],
};
const NOTHING = ['…', 'no figure yet'];
const STATES = {
  starting: 'the servers start …',
  running: 'it runs: round {rounds}, {seconds} s',
  over: 'it is over: {rounds} rounds, {seconds} s',
};
const WHY = {
  narrow: 'all intervals are narrow',
  time: 'its time is up',
  stopped: 'it was stopped',
  failed: 'it has failed',
};
const START_AXIS = 2;
const DISTURBED_PERCENT = 10; // of the slices: worth a word

const rows = [];
let axis = START_AXIS;
let drawn = 0;

function makeRow() {
  const row = { name: make('span', 'name'), control: make('span', 'control-sign'), fill: make('i', 'fill'),
    low: make('i', 'edge'), high: make('i', 'edge'), median: make('i', 'median'), ratio: make('b', 'ratio'),
    interval: make('span', 'interval'), sign: make('b', 'sign'), word: make('span', 'word-text'), needed: make('span', 'needed') };
  row.sign.ariaHidden = 'true';
  row.element = make('li', 'runner',
    make('div', 'who', row.name, row.control),
    make('div', 'track', make('i', 'one'), row.fill, row.low, row.high, row.median),
    make('div', 'figures', row.ratio, row.interval),
    make('div', 'verdict', make('span', 'word', row.sign, ' ', row.word), row.needed));
  return row;
}

function move(element, place, scale = null) {
  element.style.transform = `translateX(${100 * place}%)${scale === null ? '' : ` scaleX(${scale})`}`;
}

const isKnown = (value) => (value ?? null) !== null;

function showBar(row, { low, high, median }) {
  const hasInterval = isKnown(low) && isKnown(high);
  for (const part of [row.fill, row.low, row.high]) part.hidden = !hasInterval;
  row.median.hidden = !isKnown(median);
  if (hasInterval) {
    const [from, to] = [placeOf(low, axis), placeOf(high, axis)];
    move(row.fill, from, Math.max(to - from, 0.002));
    move(row.low, from);
    move(row.high, to);
  }
  if (isKnown(median)) move(row.median, placeOf(median, axis));
}

const percent = (within) => (isKnown(within) ? Number((100 * within).toPrecision(2)) : '?');

// What the control says: a model against itself. `of`: that model.
const CONTROL = {
  more: 'it differs from `{of}`, which it is: something disturbs this race',
  less: 'it differs from `{of}`, which it is: something disturbs this race',
  same: 'against `{of}`: the same, within {within}%',
  open: 'against `{of}`: cannot be told yet',
};

function showControl(row, control) {
  const { of, word, within } = control ?? {};
  if (of) say(row.control, 'control: `{of}` once more', { of });
  else say(row.control, 'control: a model once more, to see how well this race can tell');
  row.needed.hidden = !of || !CONTROL[word];
  if (!row.needed.hidden) say(row.needed, CONTROL[word], { of, within: percent(within) });
}

function showNeeded(row, { word, rounds, rounds_needed: needed }) {
  row.needed.hidden = word !== 'open' || !isKnown(needed) || needed <= rounds;
  if (!row.needed.hidden) say(row.needed, 'round {rounds} of about {needed}', { rounds, needed });
}

function showRow(row, lane, control) {
  const [sign, english] = WORDS[lane.word] ?? NOTHING;
  row.element.dataset.name = lane.name;
  row.element.dataset.word = WORDS[lane.word] ? lane.word : 'none';
  row.element.classList.toggle('control', lane.control);
  row.control.hidden = !lane.control;
  put(row.name, lane.name);
  showBar(row, lane);
  put(row.ratio, isKnown(lane.median) ? `× ${lane.median.toFixed(2)}` : '–');
  put(row.interval, isKnown(lane.low) && isKnown(lane.high) ? `${lane.low.toFixed(2)} … ${lane.high.toFixed(2)}` : '');
  put(row.sign, sign);
  say(row.word, english, { within: percent(lane.within) });
  if (lane.control) showControl(row, control);
  else showNeeded(row, lane);
}

function showAxis(against) {
  if (drawn !== axis) {
    drawn = axis;
    byId('race-marks').replaceChildren(...marksOf(axis).map((mark) => {
      const label = make('span', mark === 1 ? 'mark at-one' : 'mark', make('b', '', `× ${ratioText(mark)}`));
      move(label, placeOf(mark, axis));
      return label;
    }));
  }
  say(byId('race-against'), 'speed, with `{against}` as 1', { against });
}

// A machine that does other work, too, is no reason to wait for ever without a word.
function showDisturbed({ slices = 0, disturbed = 0 }) {
  const part = slices > 0 ? Math.round((100 * disturbed) / slices) : 0;
  byId('race-disturbed').hidden = part < DISTURBED_PERCENT;
  say(byId('race-disturbed'), 'other work disturbed {part}% of the slices: they do not count', { part });
}

function showState({ state, why, said, rounds, elapsed_s: seconds, settings }) {
  byId('race').dataset.state = state;
  say(byId('race-state'), STATES[state] ?? '{state}', { state, rounds, seconds: Math.round(seconds ?? 0) });
  byId('race-why').hidden = !why;
  if (why) say(byId('race-why'), WHY[why] ?? '{why}', { why });
  byId('race-said').hidden = !said;
  put(byId('race-said'), said ?? '');
  if (settings) {
    say(byId('race-settings'), 'clients: {clients} · in flight: {pipeline} · bytes: {size} · {protocol}', {
      clients: number(settings.clients), pipeline: number(settings.pipeline), size: number(settings.size), protocol: settings.protocol });
  }
}

export function showRace(race) {
  const ratios = race.lanes.flatMap(({ low, high, median }) => [low, high, median]).filter(isKnown);
  axis = axisFor(ratios, race.state === 'starting' ? START_AXIS : Math.max(axis, START_AXIS));
  while (rows.length < race.lanes.length) {
    rows.push(makeRow());
    byId('race-lanes').append(rows.at(-1).element);
  }
  rows.forEach((row, at) => {
    row.element.hidden = at >= race.lanes.length;
    if (at < race.lanes.length) showRow(row, race.lanes[at], race.control);
  });
  showAxis(race.against);
  showState(race);
  showDisturbed(race);
  byId('race-chart').hidden = race.lanes.length === 0;
  byId('race-empty').hidden = true;
}
