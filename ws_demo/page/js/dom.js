// Two shorthands for the document. Text from other guests is added as text nodes, never as HTML.

export const byId = (id) => document.getElementById(id);

// make('li', 'note', 'some text', anotherElement)
export function make(tag, className, ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}
