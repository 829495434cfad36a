// One figure of each model: a dot for its median, and a bar from its least to its greatest. A list: each row says in
// words what it draws.
import { make } from 'report/dom';
import { figure, grouped } from 'report/format';
import { modelName } from 'report/models';
import { words } from 'report/words';

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

function rowOf({ model, value, least, greatest, isPart }, end) {
  const track = make('span', 'track', placed('between', least / end, greatest / end),
    placed(isPart ? 'dot part' : 'dot', value / end, value / end));
  track.ariaHidden = 'true';
  const range = least === greatest ? ''
    : ` ${words('range', { least: figure(least), greatest: figure(greatest) })}`;
  const text = make('span', 'told', make('strong', '', figure(value)), isPart ? make('sup', '', '†') : null,
    make('span', 'range', range));
  const row = make('li', '', modelName(model), track, text);
  row.dataset.model = model;
  return row;
}

function axis(ticks) {
  const end = ticks.at(-1);
  const row = make('li', 'axis', make('span', ''), make('span', 'track', ...ticks.map((tick) => {
    const mark = placed('tick', tick / end, tick / end);
    mark.append(grouped(tick));
    return mark;
  })));
  row.ariaHidden = 'true';
  return row;
}

// rows: [{ model, value, least, greatest, isPart }]; isPart: only of the clients that were served.
export function intervals(title, rows) {
  const ticks = axisOf(Math.max(...rows.map(({ greatest }) => greatest)));
  const list = make('ul', 'intervals', ...rows.map((row) => rowOf(row, ticks.at(-1))), axis(ticks));
  list.ariaLabel = title;
  return make('figure', 'answer-chart', make('figcaption', '', make('strong', '', title)), list);
}
