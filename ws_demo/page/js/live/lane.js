// A lane of the wall: one server, its clients and threads as dots, what it uses, and what happens, in a sentence.

import { make } from '../dom.js';
import { number } from '../format.js';
import { isChinese } from '../text.js';
import { nameOfAct } from './acts.js';
import { Kind } from './kind.js';
import { put, say } from './said.js';
import { moreAbout, sentence } from './sentences.js';

// Those that are always shown come first, so that nothing moves when the others come.
const CLIENTS = {
  served: 'served just now',
  waiting: 'wait for an answer',
  unserved: 'never answered',
  idle: 'idle',
  connecting: 'connecting',
  away: 'away, to come back',
  refused: 'refused',
  failed: 'failed',
};
const FIXED = 3;
const BAD = { slow_reader: 'bad: does not read' };
const OTHER_BAD = 'bad: {kind}';
const THREAD_ROWS = 6; // LIMIT: groups of threads; all others share the last row
const BAD_ROWS = 3;
const SENTENCES = 3;
const STATES = { starting: 'starting …', up: '', died: '✗ has ended' };
const FIGURES = {
  messages: 'messages/s',
  cpu: 'of a CPU',
  descriptors: 'descriptors',
  memory: 'MiB',
};

const total = (counts) => Object.values(counts).reduce((sum, count) => sum + count, 0);

function many(count, makeOne) {
  return Array.from({ length: count }, makeOne);
}

function makeSentence() {
  const words = make('span', 'words');
  const more = make('a', 'more');
  more.target = '_blank';
  more.rel = 'noopener';
  say(more, 'why?');
  const element = make('p', 'sentence', words, ' ', more);
  element.hidden = true;
  return { element, words, more };
}

function showSentence({ element, words, more }, said) {
  element.hidden = !said;
  if (!said) return;
  const { mood, english, values } = sentence(said);
  element.dataset.rule = said.rule;
  element.dataset.mood = mood;
  say(words, english, values);
  more.hidden = !said.about;
  if (said.about) more.setAttribute('href', moreAbout(said.about, isChinese()));
}

// Of a group of threads: [kind, English, values]. What spins comes first, then what runs, then who sleeps where.
function kindOfThreads({ state, in: call, spins }) {
  if (spins) return ['spins', 'run and never sleep: they spin', {}];
  if (state === 'runs') return ['runs', 'running', {}];
  return call ? ['asleep', 'asleep in `{call}`', { call }] : ['asleep', 'asleep', {}];
}

const ORDER = ['spins', 'runs', 'asleep'];

function rowsOfThreads(groups) {
  const rows = groups.map((group) => [...kindOfThreads(group), group.count, group.in ?? '']);
  rows.sort((a, b) => ORDER.indexOf(a[0]) - ORDER.indexOf(b[0]) || (a[4] < b[4] ? -1 : 1));
  if (rows.length <= THREAD_ROWS) return rows;
  const rest = rows.splice(THREAD_ROWS - 1);
  return [...rows, ['asleep', 'asleep in other calls', {}, rest.reduce((sum, row) => sum + row[3], 0), '']];
}

export class Lane {
  #name = make('h3', 'name');
  #twin = make('span', 'twin');
  #state = make('span', 'state');
  #said = make('q', 'last-words');
  #on = make('ul', 'on');
  #chips = [];
  #sentences = many(SENTENCES, makeSentence);
  #clients = Object.fromEntries(Object.keys(CLIENTS).map((kind, at) => [kind, new Kind(at < FIXED)]));
  #bad = many(BAD_ROWS, () => new Kind());
  #threads = many(THREAD_ROWS, () => new Kind());
  #totals = { clients: make('b', 'total'), threads: make('b', 'total') };
  #figures = {};
  #cpu = make('i', 'level');

  constructor() {
    this.#said.lang = 'en';
    this.element = make('article', 'lane',
      make('header', '', this.#name, this.#on, this.#twin, this.#state),
      make('div', 'sentences', ...this.#sentences.map(({ element }) => element), this.#said),
      this.#part('clients', [...Object.values(this.#clients), ...this.#bad]),
      this.#part('threads', this.#threads),
      make('dl', 'figures', ...Object.entries(FIGURES).map(([name, english]) => this.#figure(name, english))));
  }

  #part(name, kinds) {
    const title = make('span', 'title');
    say(title, name);
    return make('section', name, make('h4', '', title, this.#totals[name]), ...kinds.map(({ element }) => element));
  }

  #figure(name, english) {
    const title = make('dt', '');
    this.#figures[name] = make('dd', 'value');
    this.#figures[name].dataset.figure = name;
    say(title, english);
    const level = name === 'cpu' ? [make('dd', 'track', this.#cpu)] : [];
    return make('div', 'figure', title, this.#figures[name], ...level);
  }

  show(lane) {
    this.element.dataset.lane = lane.id;
    this.element.dataset.state = lane.state;
    put(this.#name, lane.id);
    this.#twin.hidden = !lane.twin_of;
    if (lane.twin_of) say(this.#twin, 'naive twin of {model}', { model: lane.twin_of });
    this.#state.hidden = lane.state === 'up';
    say(this.#state, STATES[lane.state] ?? '{state}', { state: lane.state });
    this.#said.hidden = !lane.said;
    put(this.#said, lane.said ?? '');
    this.#sentences.forEach((place, at) => showSentence(place, lane.sentences?.[at]));
    this.#showClients(lane.clients ?? {}, lane.bad ?? {});
    this.#showThreads(lane.threads ?? []);
    this.#showFigures(lane);
  }

  #showClients(clients, bad) {
    put(this.#totals.clients, number(total(clients) + total(bad)));
    for (const [kind, english] of Object.entries(CLIENTS)) this.#clients[kind].show(kind, english, {}, clients[kind] ?? 0);
    const kinds = Object.keys(bad).sort();
    this.#bad.forEach((row, at) => {
      if (at < kinds.length) row.show('bad', BAD[kinds[at]] ?? OTHER_BAD, { kind: kinds[at] }, bad[kinds[at]]);
      else row.hide();
    });
  }

  #showThreads(groups) {
    put(this.#totals.threads, number(groups.reduce((sum, { count }) => sum + count, 0)));
    const rows = rowsOfThreads(groups);
    this.#threads.forEach((row, at) => {
      if (at < rows.length) row.show(...rows[at].slice(0, 4));
      else row.hide();
    });
  }

  #showFigures({ descriptors, descriptor_limit: limit, cpu, memory_kib: kib, messages_per_s: messages }) {
    const known = (value, shown) => ((value ?? null) === null ? '–' : shown(value));
    put(this.#figures.messages, known(messages, (rate) => number(Math.round(rate))));
    put(this.#figures.cpu, known(cpu, (part) => `${Math.round(100 * part)}%`));
    put(this.#figures.descriptors, known(descriptors, (count) => (limit ? `${number(count)} / ${number(limit)}` : number(count))));
    put(this.#figures.memory, known(kib, (size) => (size / 1024).toFixed(size < 102400 ? 1 : 0)));
    this.#cpu.style.transform = `scaleX(${Math.min(1, Math.max(0, cpu ?? 0))})`;
  }

  // What the director has switched on in this lane: ids.
  showOn(acts) {
    while (this.#chips.length < acts.length) {
      const chip = make('li', 'chip');
      this.#chips.push(chip);
      this.#on.append(chip);
    }
    this.#chips.forEach((chip, at) => {
      chip.hidden = at >= acts.length;
      if (at < acts.length) say(chip, nameOfAct(acts[at]));
    });
    this.#on.hidden = acts.length === 0;
  }
}
