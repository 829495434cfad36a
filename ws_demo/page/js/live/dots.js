// Dots of one kind: at most DOTS_MAX, and then a group with the number of the others. Dots are made once, and shown and
// hidden after that, so that the page does not grow.

import { make } from '../dom.js';
import { number } from '../format.js';
import { put } from './said.js';

export const DOTS_MAX = 64;
export const LINGER = 12; // pictures: what comes and goes does not move what is below it each time
const ROOM_MAX = 20; // dots: about a row, of those that are gone

export class Dots {
  #dots = [];
  #group = make('b', 'group');
  #most = 0; // since room was found; it took #age pictures
  #age = 0;
  room = 0; // so many have their place, shown or not

  constructor() {
    this.#group.hidden = true;
    this.element = make('div', 'dots', this.#group);
    this.element.ariaHidden = 'true'; // the row says the number
  }

  // Room grows at once. It shrinks to a row at once, and to what was needed when that was less for a while.
  #makeRoom(wanted) {
    this.#most = Math.max(this.#most, wanted);
    this.#age++;
    const room = Math.max(wanted, Math.min(this.room, ROOM_MAX));
    const isOld = wanted < room && this.#age >= LINGER;
    this.room = isOld ? this.#most : room;
    if (wanted < room && !isOld) return;
    this.#most = 0;
    this.#age = 0;
  }

  // Without `keepsRoom` those that go leave no place behind.
  show(count, keepsRoom) {
    const wanted = Math.min(count, DOTS_MAX);
    this.#makeRoom(wanted);
    if (!keepsRoom) this.room = wanted;
    while (this.#dots.length < wanted) {
      this.#dots.push(make('i', 'dot'));
      this.#group.before(this.#dots.at(-1));
    }
    this.#dots.forEach((dot, at) => {
      if (dot.hidden !== at >= this.room) dot.hidden = at >= this.room;
      dot.classList.toggle('gone', at >= wanted);
    });
    this.#group.hidden = count <= DOTS_MAX;
    if (count > DOTS_MAX) put(this.#group, `+ ${number(count - DOTS_MAX)}`);
  }
}
