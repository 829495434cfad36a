// What sections share about models and missing figures. Signs and colours are those of the charts (gnuplot/style.gp),
// and are drawn by report.css.
import { hinted, make } from 'report/dom';
import { hasWords, words } from 'report/words';

// A model's name as a column or a row is headed by it.
export function modelName(name, withWhat = false) {
  const what = withWhat && hasWords(`model.${name}`) ? make('span', 'what', words(`model.${name}`)) : null;
  const element = make('span', 'model', make('span', 'sign'), make('span', 'name', name), what);
  element.dataset.model = name;
  return element;
}

// Never an empty place: n/a, and why.
export const missing = (why) => hinted(make('span', 'na', words('na')), why || words('na.why'));

// Those that the data has rows of, in the order in which it names them; a yardstick is no model.
export function modelsIn(data, rows) {
  const having = new Set(rows.map(({ model }) => model));
  const known = data.models.filter(({ yardstick }) => !yardstick).map(({ name }) => name);
  return [...known.filter((name) => having.has(name)), ...[...having].filter((name) => !known.includes(name))];
}

// Why a model has no figures at all, if the run knows.
export const whyMissing = (data, model) => data.models.find(({ name }) => name === model)?.missing ?? null;

// The line that stands in the place of a section.
export function leftOut(section, text) {
  section.classList.add('left-out');
  section.replaceChildren(make('p', '', text));
}

// A section's heading, and what follows.
export function fillSection(section, title, ...children) {
  section.classList.remove('left-out');
  section.replaceChildren(make('h2', '', title), ...children.filter(Boolean));
}
