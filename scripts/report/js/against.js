// This run beside another one: figures whose ranges over the repetitions do not touch.
import { cell, heading, hinted, make, scroller, table } from 'report/dom';
import { figure, grouped, percent } from 'report/format';
import { fillSection, leftOut, missing, modelName } from 'report/models';
import { named, words } from 'report/words';

const asked = { text: '', all: false };

// Rows that are to be shown.
export function wanted(rows, { text, all }) {
  const pieces = text.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    const line = [row.workload, row.protocol, row.model, row.figure, row.clients].join(' ').toLowerCase();
    return (all || row.beyond) && pieces.every((piece) => line.includes(piece));
  });
}

function withSpread(row, side, label) {
  const [value, least, greatest] = [side, `${side}_least`, `${side}_greatest`].map((key) => figure(row[key]));
  if (value === null) return cell('number', label, missing());
  const text = make('span', '', value);
  return cell('number', label, least === null ? text : hinted(text, words('table.spread', { least, greatest })));
}

function change(row) {
  const text = percent(row.change_percent);
  const label = words('against.change');
  if (text === null) return cell('number', label, missing());
  const sign = row.change_percent > 0 ? '▲' : row.change_percent < 0 ? '▼' : '=';
  const mark = make('span', row.beyond ? 'beyond' : 'within', `${row.beyond ? '●' : '○'} ${sign} ${text}`);
  mark.title = words(row.beyond ? 'against.beyond' : 'against.within');
  return cell('number', label, mark);
}

function againstTable(rows) {
  const head = [words('against.workload'), words('table.protocol'), words('table.clients'), words('table.model'),
    words('table.figure'), words('against.there'), words('against.here'), words('against.change')];
  return table('against as-cards', head.map((text) => heading('', 'col', text)), rows.map((row) => [
    heading('row', 'row', row.workload), cell('', head[1], named('protocol', row.protocol)),
    cell('number', head[2], Number.isFinite(row.clients) ? grouped(row.clients) : missing()),
    cell('', head[3], modelName(row.model)), cell('', head[4], row.figure),
    withSpread(row, 'there', head[5]), withSpread(row, 'here', head[6]), change(row)]));
}

// What of the set-up is not the same; [what, here, there].
export function differences(here, there) {
  const [ours, theirs] = [new Map(here), new Map(there)];
  return [...new Set([...ours.keys(), ...theirs.keys()])].filter((what) => ours.get(what) !== theirs.get(what))
    .map((what) => [what, ours.get(what) ?? null, theirs.get(what) ?? null]);
}

function setUp(data) {
  const rows = differences(data.preface, data.against.preface ?? []);
  if (rows.length === 0) return [make('p', '', words('against.same'))];
  const head = ['against.what', 'against.there', 'against.here'].map((key) => heading('', 'col', words(key)));
  return [make('h3', '', words('against.differ')), scroller(words('against.differ'), table('set-up as-cards', head,
    rows.map(([what, here, there]) => [heading('row', 'row', named('preface', what)),
      cell('', words('against.there'), there ?? missing()), cell('', words('against.here'), here ?? missing())])))];
}

function filterForm(rows, draw) {
  const text = make('input', '');
  Object.assign(text, { type: 'search', value: asked.text, placeholder: words('against.filter.hint') });
  const all = make('input', '');
  Object.assign(all, { type: 'checkbox', checked: asked.all });
  for (const field of [text, all]) {
    field.addEventListener('input', () => {
      Object.assign(asked, { text: text.value, all: all.checked });
      draw();
    });
  }
  return make('div', 'filter', make('label', '', make('span', '', words('against.filter')), text),
    make('label', '', all, make('span', '', words('against.all'))));
}

export function showAgainst(section, data) {
  if (!data.against) {
    leftOut(section, words('against.none'));
    return;
  }
  const { label, rows } = data.against;
  const title = words('against.title', { label });
  const shown = make('p', 'quiet');
  shown.ariaLive = 'polite';
  const box = scroller(title);
  const draw = () => {
    const some = wanted(rows, asked);
    const legend = `● ${words('against.beyond')}  ○ ${words('against.within')}`;
    shown.textContent = `${words('against.shown', { shown: some.length, rows: rows.length })}  ${legend}`;
    box.replaceChildren(some.length > 0 ? againstTable(some) : make('p', 'quiet', words('against.nothing')));
  };
  const beyond = rows.filter((row) => row.beyond).length;
  fillSection(section, title, make('p', 'lead', words('against.lead', { beyond, rows: rows.length })),
    filterForm(rows, draw), shown, box, ...setUp(data));
  draw();
}
