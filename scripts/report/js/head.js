// What was measured, where and when, in one line; unfolded, all of it, and what to be careful about.
import { make } from 'report/dom';
import { grouped } from 'report/format';
import { named, words } from 'report/words';

const IN_THE_LINE = ['Measured', 'Machine', 'Kernel'];
const DATE = /^\d{4}-\d\d-\d\d \d\d:\d\d/; // the time zone and the duration are below

function factList(facts) {
  return make('dl', 'facts', ...facts.map(([what, value]) =>
    make('div', '', make('dt', '', named('preface', what)), make('dd', '', value ?? words('na')))));
}

function stateOf(state) {
  const isComplete = state === 'complete';
  const what = isComplete ? words('state.complete') : words('state.partial', { what: state });
  const element = make('strong', 'state', `${isComplete ? '✓' : '!'} ${what}`);
  element.dataset.state = isComplete ? 'complete' : 'partial';
  return element;
}

function notesBox(notes) {
  return make('div', 'notes', make('strong', '', words('page.notes')),
    make('ul', '', ...notes.map((note) => make('li', '', note))));
}

function summaryLine({ preface, notes }) {
  const facts = new Map(preface);
  const shown = IN_THE_LINE.map((what) => facts.get(what)).filter(Boolean)
    .map((value) => DATE.exec(value)?.[0] ?? value);
  const state = facts.get('State');
  return make('summary', '', state ? stateOf(state) : null, ` ${words('page.set-up')}: ${shown.join(' · ')}`,
    notes.length > 0 ? make('span', 'note-count', ` · ${words('page.note-count', { count: notes.length })}`) : null);
}

// One model raced as two, which must come out the same: how that went, in one line.
export function calibrationOf(races) {
  const results = races.flatMap((race) => ['rate', 'cpu'].map((figure) =>
    ({ figure, race, ...race[`control_${figure}`] }))).filter(({ text }) => /\(/.test(text ?? ''));
  return { shown: results.find(({ figure, race }) => figure === 'rate' && race.clients > 1) ?? results[0] ?? null,
    off: results.filter(({ off }) => off).length, count: results.length };
}

function calibrationLine({ races }) {
  const { shown, off, count } = calibrationOf(races);
  if (shown === null) return make('p', 'calibration', words(races.length > 0 ? 'control.none' : 'races.none'));
  const { control, protocol, workload, clients } = shown.race;
  const line = words('control.ratio', { model: control, text: shown.text, clients: grouped(clients),
    protocol: named('protocol', protocol), workload: named('workload', workload) });
  const result = make(off > 0 ? 'strong' : 'span', off > 0 ? 'bad' : '',
    words(off > 0 ? 'control.off' : 'control.on', { off, count }));
  return make('p', 'calibration', line, ' ', result);
}

export function showHead(element, data) {
  const rest = data.preface.filter(([what]) => what !== 'State');
  const details = make('details', '', summaryLine(data), make('p', 'lead', words('page.lead')), factList(rest),
    data.notes.length > 0 ? notesBox(data.notes) : null);
  details.open = element.querySelector('details')?.open ?? false;
  element.replaceChildren(make('h1', '', words('page.title')), details, calibrationLine(data));
}
