// The answer at a glance: which model served the most clients, how evenly, and at what cost; and one chart.
import { cell, heading, hinted, make, scroller, table } from 'report/dom';
import { bytes, count, duration, grouped } from 'report/format';
import { intervals } from 'report/intervals';
import { fillSection, leftOut, missing, modelName, modelsIn, whyMissing } from 'report/models';
import { ratioElement, saidOf } from 'report/ratio';
import { hasWords, words } from 'report/words';

// Of each cost: where it is in the data, how it is written, and why it may be missing.
const COSTS = [
  { name: 'p99', key: 'p99_us', format: duration, why: 'na.answers' },
  { name: 'memory', key: 'memory_per_connection', format: bytes, why: 'na.why' },
  { name: 'threads', key: 'threads', format: count, why: 'na.threads' },
];
const COLUMNS = ['held', 'served', 'place', 'rate', 'fairness', ...COSTS.map(({ name }) => name), 'labels'];

const servedAll = (point, clients) => Math.round(point.served) === clients;

// The most clients that were asked for, and what each model made of them.
export function mostClients(data) {
  const clients = Math.max(...data.sweep.map((point) => point.clients));
  const points = modelsIn(data, data.sweep).map((model) =>
    ({ model, point: data.sweep.find((one) => one.model === model && one.clients === clients) ?? null }));
  return { clients, points };
}

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

// Jain's index, and the least, median and most messages of a client. The data says what is not fair: unfair_point.
function fairnessCell(point) {
  const label = words('glance.fairness');
  if (!Number.isFinite(point.jain)) return cell('number', label, missing());
  const [least, median, most] = (point.per_client ?? []).map((value) => count(value) ?? words('na'));
  const index = make('span', point.unfair ? 'bad' : '', `${point.unfair ? '✗ ' : ''}${point.jain.toFixed(2)}`);
  return cell('number fairness', label, hinted(index, words('glance.jain')), ' ',
    make('span', 'what', words('glance.each', { least, median, most })));
}

// Against the floor, with its interval and the word for it; then what was measured.
function rateCell(point, clients) {
  const label = words('glance.rate');
  if (count(point.messages_per_s) === null) return cell('number', label, missing(words('na.answers')));
  const isPart = !servedAll(point, clients);
  const rate = words('glance.per-second', { rate: count(point.messages_per_s) });
  const mark = isPart && make('sup', '', '†');
  if (!point.ratio) return cell('number rate', label, rate, mark);
  return cell('number rate', label, ratioElement(point.ratio, 'rate', ` · ${rate}`, mark));
}

function placeCell({ place }) {
  const label = words('glance.place');
  return cell('number', label, hinted(make('span', '', place ?? '–'),
    words(place ? 'glance.place.why' : 'glance.place.none')));
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

// What the tables call a point, such as client-bound; the rule is the view `label`.
function labelsCell({ labels }) {
  const names = (labels ?? '').split(', ').filter(Boolean);
  const shown = names.flatMap((name) => {
    const key = `label.${name.split(' ')[0]}`;
    return [hinted(make('span', 'label', name), hasWords(key) ? words(key) : null), ' '];
  });
  return cell('labels', words('glance.labels'), ...shown.length > 0 ? shown : ['–']);
}

function row(data, { model, point }, clients, most) {
  const first = heading('row', 'row', modelName(model, true));
  if (point) {
    return [first, held(words('glance.held'), point.connected, clients),
      held(words('glance.served'), point.served, clients), placeCell(point), rateCell(point, clients),
      fairnessCell(point),
      ...COSTS.map((cost) => costCell(cost, point, clients, most[cost.name])), labelsCell(point)];
  }
  const why = whyMissing(data, model) ?? words('na.clients', { clients: grouped(clients) });
  return [first, ...COLUMNS.map((name) => cell('number', words(`glance.${name}`), missing(why)))];
}

function glanceTable(data, clients, points) {
  const known = points.map(({ point }) => point).filter(Boolean);
  const greatest = (key) => Math.max(0, ...known.map((point) => point[key] ?? 0));
  const most = Object.fromEntries(COSTS.map(({ name, key }) => [name, greatest(key)]));
  const head = [words('table.model'), ...COLUMNS.map((name) => words(`glance.${name}`))]
    .map((text) => heading('', 'col', text));
  return table('glance as-cards', head, points.map((one) => row(data, one, clients, most)));
}

// Models that could not be measured at all have a row, too.
function withUnmeasured(data, points) {
  const absent = data.models.filter(({ name, missing: why, yardstick }) =>
    why && !yardstick && !points.some(({ model }) => model === name));
  return [...points, ...absent.map(({ name }) => ({ model: name, point: null }))];
}

// ---- the chart ----

// Throughput against the floor, at the number of clients that the word for it is about.
function answerChart(data) {
  const clients = data.thousand;
  const points = data.sweep.filter((point) => point.clients === clients && Number.isFinite(point.ratio?.median));
  if (points.length === 0) return null;
  const shown = points.map((point) => {
    const { median, low, high, text, word } = point.ratio;
    return { model: point.model, value: median, least: low ?? median, greatest: high ?? median, text,
      isPart: !servedAll(point, clients), isOpen: word === 'open',
      says: `${saidOf(point.ratio, 'rate')} · ${words('glance.per-second', { rate: count(point.messages_per_s) })}` };
  });
  return intervals(words('glance.chart', { clients: grouped(clients) }), shown);
}

export function showGlance(section, data) {
  if (data.sweep.length === 0) {
    leftOut(section, words('glance.none', { profile: data.profile }));
    return;
  }
  const { clients, points } = mostClients(data);
  const all = withUnmeasured(data, points);
  const isPart = data.sweep.some((point) => !servedAll(point, point.clients));
  const title = words('glance.title', { clients: grouped(clients) });
  fillSection(section, title, lead(clients, all), scroller(title, glanceTable(data, clients, all)), answerChart(data),
    isPart && make('p', 'quiet', words('glance.footnote')), make('p', 'quiet', words('glance.reading')));
}
