// The answer at a glance: which model held the most clients, and at what cost.
import { cell, heading, hinted, make, scroller, table } from 'report/dom';
import { bytes, count, duration, grouped } from 'report/format';
import { fillSection, leftOut, missing, modelName, modelsIn, whyMissing } from 'report/models';
import { words } from 'report/words';

// Of each cost: where it is in the data, how it is written, and why it may be missing.
const COSTS = [
  { name: 'threads', key: 'threads', format: count, why: 'na.threads' },
  { name: 'messages', key: 'messages_per_s', format: count, why: 'na.answers' },
  { name: 'p99', key: 'p99_us', format: duration, why: 'na.answers' },
  { name: 'memory', key: 'memory_per_connection', format: bytes, why: 'na.why' },
];

const servedAll = (point, clients) => Math.round(point.served) === clients;

// The most clients that were asked for, and what each model made of them.
export function mostClients(data) {
  const clients = Math.max(...data.sweep.map((point) => point.clients));
  const points = modelsIn(data, data.sweep).map((model) =>
    ({ model, point: data.sweep.find((one) => one.model === model && one.clients === clients) ?? null }));
  return { clients, points };
}

// Least and greatest of a cost among points, and of which models they are; null when none has it.
export function rangeOf(points, key) {
  const known = points.filter((point) => Number.isFinite(point[key]));
  if (known.length === 0) return null;
  const values = known.map((point) => point[key]);
  const end = (value) => ({ value, models: known.filter((point) => point[key] === value).map(({ model }) => model) });
  return { least: end(Math.min(...values)), greatest: end(Math.max(...values)) };
}

// ---- the facts ----

function lead(clients, points) {
  const having = points.filter(({ point }) => point);
  const holders = having.filter(({ point }) => servedAll(point, clients));
  const values = { clients: grouped(clients), count: holders.length, of: having.length,
    models: holders.map(({ model }) => model).join(', ') };
  const key = holders.length === 0 ? 'nobody' : holders.length === having.length ? 'all' : 'some';
  const others = having.filter(({ point }) => !servedAll(point, clients)).map(({ model, point }) =>
    words('glance.not', { model, connected: grouped(point.connected), served: grouped(point.served) }));
  return make('p', 'answer', make('strong', '', words(`glance.${key}`, values)), ` ${others.join(' ')}`);
}

function card({ name, key, format, why }, holders) {
  const range = rangeOf(holders, key);
  const title = make('span', 'label', words(`glance.${name}`));
  if (!range) return make('li', 'card', make('span', 'big', missing(words(why))), title);
  const [least, greatest] = [format(range.least.value), format(range.greatest.value)];
  const isSame = least === greatest;
  const big = isSame ? [least] : [make('span', '', least), make('span', 'to', '–'), make('span', '', greatest)];
  const ends = isSame ? words('glance.same')
    : words('glance.ends', { least: range.least.models.join(', '), greatest: range.greatest.models.join(', ') });
  return make('li', 'card', make('span', 'big', ...big), title, make('span', 'ends', ends));
}

function cards(clients, points) {
  const holders = points.map(({ point }) => point).filter((point) => point && servedAll(point, clients));
  if (holders.length === 0) return [];
  return [make('p', '', words('glance.cost')), make('ul', 'cards', ...COSTS.map((cost) => card(cost, holders)))];
}

// ---- the table ----

// A figure with a bar below it, as long as its share of the greatest one.
function withBar(text, share) {
  const bar = make('span', 'bar');
  bar.style.setProperty('--share', String(share));
  return make('div', 'measure', make('span', 'value', text), bar);
}

function held(label, value, clients) {
  const lost = clients - Math.round(value);
  const sign = lost === 0 ? make('span', 'good', words('yes'))
    : make('span', 'bad', `✗ ${words('glance.missing', { count: grouped(lost) })}`);
  return cell('number', label, grouped(value), ' ', sign);
}

function costCell({ name, key, format, why }, point, clients, most) {
  const label = words(`glance.${name}`);
  const text = format(point[key]);
  if (text === null) return cell('number', label, missing(words(why)));
  const isPart = name !== 'threads' && !servedAll(point, clients);
  const shown = make('span', '', text, isPart ? make('sup', '', '†') : null);
  if (isPart) hinted(shown, words('glance.only', { served: grouped(point.served) }));
  return cell('number', label, withBar(shown, most > 0 ? point[key] / most : 0));
}

function row(data, { model, point }, clients, most) {
  const first = heading('row', 'row', modelName(model, true));
  if (point) {
    return [first, held(words('glance.held'), point.connected, clients),
      held(words('glance.served'), point.served, clients),
      ...COSTS.map((cost) => costCell(cost, point, clients, most[cost.name]))];
  }
  const why = whyMissing(data, model) ?? words('na.clients', { clients: grouped(clients) });
  return [first, ...['held', 'served', ...COSTS.map(({ name }) => name)].map((name) =>
    cell('number', words(`glance.${name}`), missing(why)))];
}

function glanceTable(data, clients, points) {
  const known = points.map(({ point }) => point).filter(Boolean);
  const most = Object.fromEntries(COSTS.map(({ name, key }) => [name, rangeOf(known, key)?.greatest.value ?? 0]));
  const head = [words('table.model'), ...['held', 'served', ...COSTS.map(({ name }) => name)]
    .map((name) => words(`glance.${name}`))].map((text) => heading('', 'col', text));
  return table('glance as-cards', head, points.map((one) => row(data, one, clients, most)));
}

// Models that could not be measured at all have a row, too.
function withUnmeasured(data, points) {
  const absent = data.models.filter(({ name, missing: why, yardstick }) =>
    why && !yardstick && !points.some(({ model }) => model === name));
  return [...points, ...absent.map(({ name }) => ({ model: name, point: null }))];
}

export function showGlance(section, data) {
  if (data.sweep.length === 0) {
    leftOut(section, words('glance.none', { profile: data.profile }));
    return;
  }
  const { clients, points } = mostClients(data);
  const all = withUnmeasured(data, points);
  const isPart = points.some(({ point }) => point && !servedAll(point, clients));
  const title = words('glance.title', { clients: grouped(clients) });
  fillSection(section, title, lead(clients, all), ...cards(clients, all),
    scroller(title, glanceTable(data, clients, all)),
    isPart && make('p', 'quiet', words('glance.footnote')), make('p', 'quiet', words('glance.reading')));
}
