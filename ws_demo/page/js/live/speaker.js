// What this page says to the host. A word that was not taken (too many at once) is said again by itself, after a random
// time: 200 phones that were refused in one moment must not come back in one moment. No DOM.

const AGAIN_MS = { least: 500, most: 1500 };
const ANSWER_MS = 3000; // a refusal comes at once: a word older than this was taken

export class Speaker {
  #send;
  #words = new Map(); // type -> { word, at }: those that may still be refused, the last of each type
  #timer = 0;

  constructor(send) {
    this.#send = send;
  }

  say(word) {
    this.#words.delete(word.type);
    this.#words.set(word.type, { word, at: performance.now() });
    this.#send(word);
  }

  // The host has answered: a word of this type need not be said again.
  taken(type) {
    this.#words.delete(type);
  }

  // Which word was refused is not said: all that are new are said again, in their order. None of them does harm when it
  // comes twice.
  refused() {
    const since = performance.now() - ANSWER_MS;
    for (const [type, { at }] of this.#words) if (at < since) this.#words.delete(type);
    clearTimeout(this.#timer);
    const wait = AGAIN_MS.least + Math.random() * (AGAIN_MS.most - AGAIN_MS.least);
    this.#timer = setTimeout(() => [...this.#words.values()].forEach(({ word }) => this.say(word)), wait);
  }

  // A new connection: nothing old is said on it, but for what its caller says again.
  forget() {
    clearTimeout(this.#timer);
    this.#words.clear();
  }
}
