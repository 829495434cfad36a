// A row of the wall: a shape, what it means, how many there are, and the dots. A few dots stand in the shape's place.

import { make } from '../dom.js';
import { number } from '../format.js';
import { Dots, LINGER } from './dots.js';
import { put, say } from './said.js';

const FEW = 4;

export class Kind {
  #what = make('span', 'what');
  #count = make('b', 'count');
  #dots = new Dots();
  #absent = LINGER;

  // `isFixed`: it is shown with 0, too.
  constructor(isFixed = false) {
    this.isFixed = isFixed;
    const sign = make('i', 'dot sign');
    sign.ariaHidden = 'true';
    this.element = make('div', 'kind', sign, this.#what, this.#count, this.#dots.element);
    this.element.hidden = !isFixed;
  }

  show(kind, english, values, count) {
    this.element.dataset.kind = kind;
    this.element.dataset.count = count;
    say(this.#what, english, values);
    put(this.#count, number(count));
    this.#dots.show(count, this.isFixed || count > 0);
    const { room } = this.#dots;
    this.element.dataset.room = room === 0 ? 'none' : room <= FEW ? 'few' : 'many';
    this.#absent = count > 0 ? 0 : this.#absent + 1;
    this.element.hidden = !this.isFixed && this.#absent >= LINGER;
  }

  hide() {
    this.#absent = LINGER;
    this.element.hidden = true;
  }
}
