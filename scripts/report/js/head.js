// What was measured, where and when; and what to be careful about.
import { make } from 'report/dom';
import { named, words } from 'report/words';

const SHOWN = ['Measured', 'Profile', 'Machine', 'CPUs', 'Kernel'];

export function factList(facts) {
  return make('dl', 'facts', ...facts.map(([what, value]) =>
    make('div', '', make('dt', '', named('preface', what)), make('dd', '', value ?? words('na')))));
}

function stateOf(state) {
  const isComplete = state === 'complete';
  const what = isComplete ? words('state.complete') : words('state.partial', { what: state });
  const sign = make('span', 'sign', isComplete ? '✓' : '!');
  const element = make('p', 'state', make('span', '', words('preface.State')), make('strong', '', sign, ` ${what}`));
  element.dataset.state = isComplete ? 'complete' : 'partial';
  return element;
}

function notesBox(notes) {
  return make('div', 'notes', make('strong', '', words('page.notes')),
    make('ul', '', ...notes.map((note) => make('li', '', note))));
}

export function showHead(element, data) {
  const state = data.preface.find(([what]) => what === 'State');
  const facts = data.preface.filter(([what]) => SHOWN.includes(what));
  const rest = data.preface.filter(([what]) => what !== 'State' && !SHOWN.includes(what));
  const children = [make('h1', '', words('page.title')), make('p', 'lead', words('page.lead')),
    state ? stateOf(state[1]) : null, factList(facts),
    rest.length > 0 ? make('details', '', make('summary', '', words('page.more')), factList(rest)) : null,
    data.notes.length > 0 ? notesBox(data.notes) : null];
  element.replaceChildren(...children.filter(Boolean));
}
