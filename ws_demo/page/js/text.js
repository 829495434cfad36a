// Two languages. English stands where it is used: in the page (elements with data-text) and in the modules. The page's
// text-zh.js has the Chinese for each. `like this` becomes <code>; {name} is filled in.

import { byId, make } from './dom.js';

const written = new WeakMap(); // element -> { english, values }, to write it again in the other language
let language = 'en';
let chinese = {};

function fill(pattern, values) {
  return pattern.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function translated(english) {
  return language === 'zh' ? chinese[english] ?? english : english;
}

export function text(english, values = {}) {
  return fill(translated(english), values);
}

// Text of somebody else, who has given it in both languages: as it is.
export const own = (both) => both[language] ?? both.en;

export const isChinese = () => language === 'zh';

// Puts a text into an element. The text changes with the language as long as the element exists.
export function write(element, english, values = {}) {
  written.set(element, { english, values });
  element.dataset.text = '';
  const pieces = translated(english).split('`').map((piece) => fill(piece, values));
  element.replaceChildren(...pieces.map((piece, i) => (i % 2 === 0 ? piece : make('code', '', piece))));
}

// The English text that an element has in index.html.
function original(element) {
  const pieces = Array.from(element.childNodes, (node) =>
    node.nodeName === 'CODE' ? `\`${node.textContent}\`` : node.textContent);
  return { english: pieces.join('').replace(/\s+/g, ' ').trim(), values: {} };
}

function writeAll() {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  for (const element of document.querySelectorAll('[data-text]')) {
    const { english, values } = written.get(element) ?? original(element);
    write(element, english, values);
  }
  const other = byId('lang');
  other.lang = language === 'zh' ? 'en' : 'zh-CN';
  other.textContent = language === 'zh' ? 'EN' : '中文';
  other.ariaLabel = language === 'zh' ? 'EN, English' : '中文'; // with what is seen in it, for those who speak to the page
}

// A browser may forbid the storage; then the choice lasts as long as the page.
function remembered() {
  try {
    return localStorage.getItem('language');
  } catch {
    return null;
  }
}

function remember() {
  try {
    localStorage.setItem('language', language);
  } catch {
    // nothing is lost but the choice
  }
}

// `others`: the Chinese of this page; `changed`: called when the language has changed.
export function startLanguage(others, changed = () => {}) {
  chinese = others;
  const asked = new URLSearchParams(location.search).get('lang') ?? remembered() ?? navigator.language;
  language = asked.startsWith('zh') ? 'zh' : 'en';
  writeAll();
  byId('lang').addEventListener('click', () => {
    language = language === 'zh' ? 'en' : 'zh';
    remember();
    const url = new URL(location);
    url.searchParams.delete('lang'); // the choice is now the remembered one
    history.replaceState(null, '', url);
    writeAll();
    changed();
  });
}
