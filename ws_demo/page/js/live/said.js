// Puts texts and numbers into the page, four times a second: an element that says the same already is left alone.

import { write } from '../text.js';

const last = new WeakMap(); // element -> what it says

export function say(element, english, values = {}) {
  const key = english + JSON.stringify(values);
  if (last.get(element) === key) return;
  last.set(element, key);
  write(element, english, values);
}

// What is the same in all languages: a number, an id.
export function put(element, text) {
  if (element.textContent !== String(text)) element.textContent = text;
}
