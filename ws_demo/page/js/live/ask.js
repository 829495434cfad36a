// The question: phones answer by one touch, the projector counts, and shows the bars when the host sends them.

import { byId, make } from '../dom.js';
import { number } from '../format.js';
import { own } from '../text.js';
import { put, say } from './said.js';

const CHOICES_MAX = 5;

let asked = null; // the host's last word about the question
let mine = null; // { id, choice }: the vote that counts for this page
let sent = null; // { id, choice }: on its way
let directs = false;
let guests = 0;
let speak = () => {};
let rows = [];

const counts = (vote) => vote !== null && asked !== null && vote.id === asked.id;

function vote(choice) {
  if (!asked?.open || directs) return;
  sent = { id: asked.id, choice };
  speak({ type: 'vote', ...sent });
  draw();
}

function makeRow(at) {
  const row = { words: make('span', 'words'), mine: make('span', 'mine'), right: make('span', 'right-sign'),
    bar: make('i', 'level'), count: make('b', 'count'), button: make('button', 'choice'), judge: make('button', 'judge') };
  row.button.type = 'button';
  row.judge.type = 'button';
  row.track = make('span', 'track', row.bar);
  row.button.append(make('b', 'letter', 'ABCDE'[at]), row.words, row.mine, row.right, row.count, row.track);
  row.button.addEventListener('click', () => vote(at));
  say(row.right, '✓ so it was');
  say(row.judge, 'this was right');
  row.judge.addEventListener('click', () => speak({ type: 'outcome', choice: at }));
  row.element = make('li', '', row.button, row.judge);
  row.element.hidden = true;
  return row;
}

function showMine(row, at) {
  const isSent = counts(sent) && sent.choice === at;
  const isMine = !counts(sent) && counts(mine) && mine.choice === at;
  row.button.ariaPressed = String(isSent || isMine);
  row.mine.hidden = !isSent && !isMine;
  if (isSent) say(row.mine, 'on its way …');
  else if (isMine) say(row.mine, '✓ your answer');
}

function showBar(row, at) {
  const { bars } = asked;
  row.count.hidden = !bars;
  row.track.hidden = !bars;
  if (!bars) return;
  const all = bars.reduce((sum, count) => sum + count, 0);
  put(row.count, all > 0 ? `${number(bars[at])} · ${Math.round(100 * bars[at] / all)}%` : '0');
  row.bar.style.transform = `scaleX(${all > 0 ? bars[at] / Math.max(...bars) : 0})`;
}

function showRow(row, at) {
  const choice = asked.choices[at];
  row.element.hidden = !choice;
  if (!choice) return;
  put(row.words, own(choice));
  row.button.disabled = directs || !asked.open;
  row.element.classList.toggle('right', asked.right === at);
  row.right.hidden = asked.right !== at;
  row.judge.hidden = !directs || asked.can_run || asked.open || (asked.right ?? null) !== null;
  showMine(row, at);
  showBar(row, at);
}

function showHint() {
  const hint = byId('ask-hint');
  hint.hidden = false;
  if (asked.running) say(hint, 'It runs now.');
  else if (!asked.open) hint.hidden = true;
  else if (directs) say(hint, 'Answer on your phone.');
  else if (counts(sent) || counts(mine)) say(hint, 'You may change your answer, as long as nobody has closed the vote.');
  else say(hint, 'What do you expect? Touch one.');
}

function showOutcome() {
  const { outcome, right, bars } = asked;
  const isKnown = (right ?? null) !== null;
  byId('ask-outcome').hidden = !outcome && !isKnown;
  byId('ask-outcome-words').hidden = !outcome;
  if (outcome) put(byId('ask-outcome-words'), own(outcome));
  byId('ask-score').hidden = !isKnown || !bars;
  if (isKnown && bars)
    say(byId('ask-score'), '{right} of {all} votes had it right', { right: bars[right], all: bars.reduce((sum, one) => sum + one, 0) });
}

function draw() {
  byId('ask').dataset.asked = asked !== null;
  document.body.dataset.running = Boolean(asked?.running);
  byId('ask-question').hidden = asked === null;
  byId('ask-empty').hidden = asked !== null;
  if (asked === null) return;
  byId('ask').dataset.open = asked.open;
  put(byId('ask-text'), own(asked.question));
  rows.forEach(showRow);
  put(byId('ask-votes'), number(asked.votes));
  say(byId('ask-votes-of'), asked.open ? 'votes, of {guests} pages' : 'votes; the vote is closed', { guests: number(guests) });
  showHint();
  showOutcome();
}

export function showAsk(ask) {
  if (ask.id !== asked?.id) sent = counts(sent) ? sent : null;
  asked = ask.question ? ask : null;
  if (asked && !asked.open) sent = null; // too late: what counts is what the host has said
  draw();
}

// True: no vote of this page is on its way any more.
export function showMyVote({ id, choice }) {
  mine = { id, choice };
  if (sent && sent.id === id && sent.choice === choice) sent = null;
  draw();
  return sent === null;
}

export function voteRefused() {
  sent = null;
  draw();
}

// After a new connection: a vote that has no answer is said again.
export function voteAgain() {
  if (counts(sent) && asked.open) speak({ type: 'vote', ...sent });
}

export function showGuests(count) {
  guests = count;
  draw();
}

export function setDirects(is) {
  directs = is;
  draw();
}

export const redrawAsk = draw;

export function startAsk(send) {
  speak = send;
  rows = Array.from({ length: CHOICES_MAX }, (_, at) => makeRow(at));
  byId('ask-choices').append(...rows.map(({ element }) => element));
  draw();
}
