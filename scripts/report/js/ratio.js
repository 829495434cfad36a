// What a ratio within the rounds of a race says, in the words that loadgen/race decided on: js/words.js has them in
// both languages. ratio: { text, word, within, needed, rounds }; its word is null where nothing was raced.
import { hinted, make } from 'report/dom';
import { grouped } from 'report/format';
import { words } from 'report/words';

// figure: 'rate' or 'cpu'.
export function saidOf({ word, within }, figure) {
  if (word === null) return words('ratio.none');
  if (word === 'same') return words('ratio.same', { percent: String(Number((100 * within).toPrecision(2))) });
  return words(word === 'open' ? 'ratio.open' : `ratio.${figure}.${word}`);
}

// What would help where it cannot be told.
export function hintOf({ word, needed, rounds }) {
  if (word === null) return words('ratio.none.why');
  if (word !== 'open') return words('ratio.interval');
  return needed > rounds ? words('ratio.needed', { rounds: grouped(needed) }) : words('ratio.few');
}

// Its text, and its word below; the hint when it is pointed at.
export function ratioElement(ratio, figure, ...more) {
  return make('span', `ratio ${ratio.word ?? 'none'}`, hinted(make('span', 'value', ratio.text), hintOf(ratio)),
    make('span', 'what', saidOf(ratio, figure), ...more));
}
