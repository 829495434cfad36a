// Shorthands for the document. Whatever comes from the data goes in as text nodes, never as HTML.

export const byId = (id) => document.getElementById(id);

// make('li', 'note', 'some text', anotherElement): null and false are left out.
export function make(tag, className, ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children.filter((child) => child !== null && child !== false));
  return element;
}

export function button(className, text, onClick) {
  const element = make('button', `button ${className}`, text);
  element.type = 'button';
  element.addEventListener('click', onClick);
  return element;
}

export function link(className, to, ...children) {
  const element = make('a', className, ...children);
  element.href = to;
  return element;
}

// A cell that heads a row or a column.
export function heading(className, scope, ...children) {
  const cell = make('th', className, ...children);
  cell.scope = scope;
  return cell;
}

// On a narrow screen rows become cards, and each cell tells what its column is called.
export function cell(className, label, ...children) {
  const element = make('td', className, ...children);
  element.dataset.label = label;
  return element;
}

export function table(className, head, rows) {
  return make('table', `data ${className}`, make('thead', '', make('tr', '', ...head)),
    make('tbody', '', ...rows.map((row) => make('tr', '', ...row))));
}

// What is wider than the screen scrolls in its own box, by keyboard, too.
export function scroller(label, ...children) {
  const element = make('div', 'scroller', ...children);
  element.tabIndex = 0;
  element.setAttribute('role', 'group');
  element.setAttribute('aria-label', label);
  return element;
}

// Something that tells more when it is pointed at, focused or touched: see tip.js.
export function hinted(element, hint) {
  if (!hint) return element;
  element.classList.add('hover');
  element.dataset.tip = hint;
  element.tabIndex = 0;
  return element;
}
