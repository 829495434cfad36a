// A ratio of each model: a dot for its median, a bar for its interval, and a line where both would be the same, at 1. A
// list: each row says in words what it draws.
import { make } from 'report/dom';
import { modelName } from 'report/models';

const TICKS = 5; // about

// Round values from 0 up to the first that is not below `most`.
export function axisOf(most) {
  if (!(most > 0)) return [0, 1];
  const size = 10 ** Math.floor(Math.log10(most / TICKS));
  const step = [1, 2, 5, 10].map((times) => times * size).find((one) => one * TICKS >= most);
  return Array.from({ length: Math.ceil(most / step) + 1 }, (nothing, place) => place * step);
}

function placed(className, from, to) {
  const element = make('span', className);
  element.style.setProperty('--from', String(from));
  element.style.setProperty('--to', String(to));
  return element;
}

function rowOf({ model, value, least, greatest, text: ratio, says, isPart, isOpen }, end) {
  const track = make('span', isOpen ? 'track open' : 'track', placed('between', least / end, greatest / end),
    placed(isPart ? 'dot part' : 'dot', value / end, value / end), placed('one', 1 / end, 1 / end));
  track.ariaHidden = 'true';
  const text = make('span', 'told', make('strong', '', ratio), isPart ? make('sup', '', '†') : null,
    make('span', 'range', ` ${says}`));
  const row = make('li', '', modelName(model), track, text);
  row.dataset.model = model;
  return row;
}

function axis(ticks) {
  const end = ticks.at(-1);
  const row = make('li', 'axis', make('span', ''), make('span', 'track', ...ticks.map((tick) => {
    const mark = placed('tick', tick / end, tick / end);
    mark.append(String(Number(tick.toPrecision(3))));
    return mark;
  })));
  row.ariaHidden = 'true';
  return row;
}

// rows: [{ model, value, least, greatest, text, says, isPart, isOpen }]; isPart: only of the clients that were served;
// isOpen: it cannot be told apart from 1.
export function intervals(title, rows) {
  const ticks = axisOf(Math.max(1, ...rows.map(({ greatest }) => greatest)));
  const list = make('ul', 'intervals', ...rows.map((row) => rowOf(row, ticks.at(-1))), axis(ticks));
  list.ariaLabel = title;
  return make('figure', 'answer-chart', make('figcaption', '', make('strong', '', title)), list);
}
