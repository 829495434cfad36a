// What the lines of each model are for: its first reading beside its full server. scripts/report/concerns.py counts.
import { cell, heading, hinted, make, scroller, table } from 'report/dom';
import { fillSection, leftOut, missing, modelName, modelsIn } from 'report/models';
import { named, words } from 'report/words';

const CONCERNS = ['model', 'pressure', 'liveness', 'draining', 'goodbye', 'counters', 'set-up'];

// { concern: lines } of one reading, and all of them; null where it was not counted.
export function readingOf(rows, model, reading) {
  const own = rows.filter((row) => row.model === model && row.reading === reading);
  if (own.length === 0) return null;
  const lines = Object.fromEntries(own.map((row) => [row.concern, row.lines]));
  return { file: own[0].file, lines, all: own.reduce((sum, row) => sum + row.lines, 0) };
}

// A bar as long as its share of the longest, of a piece for each concern.
function bar({ lines, all }, longest) {
  const element = make('span', 'concern-bar');
  element.ariaHidden = 'true';
  element.style.setProperty('--share', String(all / longest));
  for (const concern of CONCERNS) {
    const piece = make('span', `concern-${concern}`);
    piece.style.setProperty('--lines', String(lines[concern] ?? 0));
    element.append(piece);
  }
  return element;
}

function row({ model, reading, found, first: least }, longest) {
  const first = heading('', 'row', modelName(model), ' ', make('span', 'what', words(`concerns.${reading}`)));
  if (!found) {
    return [first, ...[...CONCERNS, 'all', 'bar'].map((name) =>
      cell('number', named('concerns', name), missing(words('concerns.na'))))];
  }
  return [first, ...CONCERNS.map((name) => cell('number', named('concerns', name), String(found.lines[name] ?? 0))),
    cell('number', words('concerns.all'), hinted(make('span', 'value', String(found.all)), found.file)),
    cell('', words('concerns.bar'), make('span', 'value', `×${(found.all / least.all).toFixed(1)}`),
      bar(found, longest))];
}

// Without a first reading to hold the full server against, there is nothing to show.
export function showConcerns(section, data) {
  const models = modelsIn(data, data.concerns).filter((model) => readingOf(data.concerns, model, 'first'));
  if (models.length === 0) {
    leftOut(section, words('concerns.none'));
    return;
  }
  const readings = models.flatMap((model) => ['first', 'full'].map((reading) => ({
    model, reading, found: readingOf(data.concerns, model, reading), first: readingOf(data.concerns, model, 'first'),
  })));
  const longest = Math.max(...readings.map(({ found }) => found?.all ?? 0));
  const coloured = CONCERNS.map((name) => make('span', `concern-head concern-${name}`, named('concerns', name)));
  const head = [words('table.model'), ...coloured,
    words('concerns.all'), words('concerns.bar')].map((text) => heading('', 'col', text));
  const title = words('concerns.title');
  fillSection(section, title, make('p', 'lead', words('concerns.lead')),
    scroller(title, table('concerns', head, readings.map((one) => row(one, longest)))));
}
