// Dots of one kind: at most DOTS_MAX, and then a group with the number of the others. Dots are made once, and shown and
// hidden after that, so that the page does not grow.

import { make } from '../dom.js';
import { number } from '../format.js';
import { put } from './said.js';

export const DOTS_MAX = 64;

export class Dots {
  #dots = [];
  #shown = 0;
  #group = make('b', 'group');

  constructor() {
    this.#group.hidden = true;
    this.element = make('div', 'dots', this.#group);
    this.element.ariaHidden = 'true'; // the row says the number
  }

  show(count) {
    const wanted = Math.min(count, DOTS_MAX);
    while (this.#dots.length < wanted) {
      const dot = make('i', 'dot');
      dot.hidden = true;
      this.#dots.push(dot);
      this.#group.before(dot);
    }
    for (let at = Math.min(this.#shown, wanted); at < Math.max(this.#shown, wanted); at++) this.#dots[at].hidden = at >= wanted;
    this.#shown = wanted;
    this.#group.hidden = count <= DOTS_MAX;
    if (count > DOTS_MAX) put(this.#group, `+ ${number(count - DOTS_MAX)}`);
  }
}
