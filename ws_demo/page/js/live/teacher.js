// Who directs asks: a ready question, or one of his own; closes the vote, runs, and says which was right.

import { byId, make } from '../dom.js';
import { own } from '../text.js';
import { say } from './said.js';

let questions = [];
let speak = () => {};

function makeQuestion(question) {
  const button = make('button', 'ready', own(question));
  button.type = 'button';
  button.dataset.question = question.id;
  button.addEventListener('click', () => {
    speak({ type: 'ask', question: question.id });
    byId('ready').open = false;
  });
  return make('li', '', button);
}

export function showQuestions(some) {
  questions = some;
  byId('ready-list').replaceChildren(...questions.map(makeQuestion));
}

export const redrawQuestions = () => showQuestions(questions);

// The buttons that make sense now.
export function showTeacher(ask) {
  const isAsked = Boolean(ask?.question);
  const isNew = isAsked !== (byId('teacher').dataset.asked === 'true');
  byId('teacher').dataset.asked = isAsked;
  if (isNew) byId('ready').open = !isAsked;
  if (isNew && isAsked) byId('own').open = false;
  byId('ask-bars').hidden = !isAsked || Boolean(ask.bars);
  byId('ask-run').hidden = !isAsked || !ask.can_run || (ask.right ?? null) !== null;
  byId('ask-run').disabled = isAsked && ask.running;
  byId('ask-clear').hidden = !isAsked;
}

const choices = () => [...byId('own-choices').querySelectorAll('input')];

function ask(event) {
  event.preventDefault();
  const text = byId('own-text').value.trim();
  const given = choices().map((field) => field.value.trim()).filter((choice) => choice !== '');
  if (text === '' || given.length < 2) return;
  speak({ type: 'ask', text, choices: given });
  byId('own-form').reset();
  byId('own').open = false;
}

function makeField(at) {
  const field = make('input', '');
  field.maxLength = 80;
  field.autocomplete = 'off';
  field.required = at < 2;
  const name = make('span', '');
  say(name, at < 2 ? 'answer {letter}' : 'answer {letter}, if there is one', { letter: 'ABCDE'[at] });
  return make('label', '', name, field);
}

export function startTeacher(send) {
  speak = send;
  byId('own-choices').append(...Array.from({ length: 5 }, (_, at) => makeField(at)));
  byId('own-form').addEventListener('submit', ask);
  byId('ask-bars').addEventListener('click', () => speak({ type: 'bars' }));
  byId('ask-run').addEventListener('click', () => speak({ type: 'run' }));
  byId('ask-clear').addEventListener('click', () => speak({ type: 'clear' }));
  showTeacher(null);
}
