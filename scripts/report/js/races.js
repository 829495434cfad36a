// Any two models against each other: how often one was ahead within the same round, and how that race went.
import { cell, heading, make, scroller, table } from 'report/dom';
import { grouped } from 'report/format';
import { fillSection, leftOut, missing, modelName } from 'report/models';
import { ratioElement } from 'report/ratio';
import { named, words } from 'report/words';

const CHOICES = ['protocol', 'workload', 'clients'];
const NEAR = 50; // clients: what is shown first
const chosen = { figure: 'rate' };

const distinct = (values) => [...new Set(values)];

const apart = (one, clients) => Math.abs(Math.log(one.clients) - Math.log(clients));

// The race that is wanted, or the one that is most like it: a choice before another goes first.
export function raceOf(races, wanted) {
  const like = ['protocol', 'workload'].reduce((left, key) => {
    const having = left.filter((one) => one[key] === wanted[key]);
    return having.length > 0 ? having : left;
  }, races);
  return like.toSorted((one, other) => apart(one, wanted.clients ?? NEAR) - apart(other, wanted.clients ?? NEAR))[0];
}

// What may be chosen beside the choices before it.
export function optionsOf(races, race, key) {
  const before = CHOICES.slice(0, CHOICES.indexOf(key));
  return distinct(races.filter((one) => before.every((name) => one[name] === race[name])).map((one) => one[key]));
}

const pairOf = ([, , model, against, text, word, within, needed, rounds]) =>
  ({ model, against, text, word, within, needed, rounds });

function matrix(data, race) {
  const pairs = data.pairs.filter(([id, figure]) => id === race.id && figure === chosen.figure).map(pairOf);
  const names = data.models.map(({ name }) => name).filter((name) => pairs.some(({ model }) => model === name));
  const found = (model, against) => pairs.find((one) => one.model === model && one.against === against);
  const compared = (model, against) => {
    const pair = found(model, against);
    if (model === against) return cell('itself', against, '·');
    return cell(pair?.word ?? '', against, pair ? ratioElement(pair, chosen.figure) : missing());
  };
  return table('matrix', [words('races.against'), ...names.map((name) => modelName(name))].map((one) =>
    heading('', 'col', one)), names.map((model) =>
    [heading('row', 'row', modelName(model)), ...names.map((against) => compared(model, against))]));
}

// ---- how it went ----

export function costOf({ widest, wanted, rounds, elapsed_s: seconds }) {
  const times = (widest / wanted) ** 2; // an interval shrinks with the square root of the rounds
  return { rounds: rounds * times, minutes: Math.ceil(seconds * times / 60) };
}

function widthSaid(race) {
  const { widest, wanted, lane } = race;
  const percent = (value) => (100 * value).toFixed(1);
  if (widest === null) return words('races.unknown');
  const said = words('races.widest', { percent: percent(widest), model: lane ?? '?' });
  if (widest <= wanted) return said;
  const { rounds, minutes } = costOf(race);
  return said + words('races.cost', { percent: percent(wanted), rounds: grouped(rounds), minutes: grouped(minutes) });
}

function controlSaid(race) {
  const { control } = race;
  const result = race[`control_${chosen.figure}`];
  if (!control || !result) return null;
  const text = words(result.off ? 'races.control.off' : 'races.control', { model: control, text: result.text });
  return make(result.off ? 'strong' : 'span', result.off ? 'bad' : '', text);
}

function raceLine(race) {
  const { starts, rounds, why, elapsed_s: seconds, slices, disturbed } = race;
  const line = [words('races.went', { starts, rounds: grouped(rounds), seconds: seconds.toFixed(0) }),
    words(`races.${why}`), widthSaid(race), words('races.disturbed', { disturbed: grouped(disturbed ?? 0),
      slices: grouped(slices ?? 0) })].join(' ');
  const control = controlSaid(race);
  return make('p', 'race-line', line, control && ' ', control);
}

// ---- the choice ----

function choice(name, values, value, onChange) {
  const select = make('select', '', ...values.map(([key, text]) => {
    const option = make('option', '', text);
    option.value = String(key);
    return option;
  }));
  select.name = name;
  select.value = String(value);
  select.addEventListener('change', () => onChange(select.value));
  return make('label', 'choice', make('span', '', words(`races.${name}`)), select);
}

function choices(section, data, race) {
  const say = { protocol: (value) => named('protocol', value), workload: (value) => named('workload', value),
    clients: grouped };
  const change = (name, value) => {
    Object.assign(chosen, { ...race, figure: chosen.figure, [name]: name === 'clients' ? Number(value) : value });
    showRaces(section, data);
    section.querySelector(`select[name="${name}"]`).focus();
  };
  return make('div', 'choices', ...CHOICES.map((name) => choice(name,
    optionsOf(data.races, race, name).map((value) => [value, say[name](value)]), race[name],
    (value) => change(name, value))),
  choice('figure', ['rate', 'cpu'].map((key) => [key, words(`races.figure.${key}`)]), chosen.figure,
    (value) => change('figure', value)));
}

export function showRaces(section, data) {
  const races = data.races.filter(({ id }) => data.pairs.some(([race]) => race === id));
  if (races.length === 0) {
    leftOut(section, words('races.none'));
    return;
  }
  const race = raceOf(races, { protocol: 'echo', workload: 'ping-pong', ...chosen });
  const title = words('races.title');
  fillSection(section, title, make('p', 'lead', words('races.lead')), choices(section, { ...data, races }, race),
    scroller(title, matrix(data, race)), raceLine(race));
}
