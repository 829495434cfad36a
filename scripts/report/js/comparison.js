// The lecture notes' table: in each cell what the textbook says, what was predicted, and what was measured.
import { heading, link, make, scroller, table } from 'report/dom';
import { fillSection, leftOut, missing, modelName, whyMissing } from 'report/models';
import { either, hasWords, named, word, words } from 'report/words';

const IN_THE_NOTES = { clients: '客户端个数', io_type: 'io类型', api: 'api使用难度', debugging: '调试难度',
  reliability: '可靠性', throughput: '吞吐量' };

const unique = (values) => [...new Set(values)];

// How many of the measured cells a claim agrees with. key: textbook_agrees or prediction_agrees.
export function scoreOf(comparison, key) {
  const held = comparison.filter((one) => one[key] !== null);
  return { agree: held.filter((one) => one[key]).length, of: held.length };
}

// A claim and its mark: a sign, a colour and a text, so that none is needed alone.
function claim(kind, text, agrees) {
  const key = agrees === null ? 'open' : agrees ? 'agrees' : 'differs';
  const sign = { open: '·', agrees: '✓', differs: '≠' }[key];
  const mark = make('span', `mark ${key}`, sign);
  mark.role = 'img';
  mark.ariaLabel = words(`comparison.${key}`);
  mark.title = words(`comparison.${key}`);
  return make('p', `claim ${kind}`, make('span', 'who', words(`comparison.${kind}`)),
    make('span', 'said', text, text === '–' ? null : mark));
}

// What a chart or section that proves something is called; null if the page has none such.
export function evidenceTitle(data, evidence) {
  if (evidence === 'api' || evidence === 'exam') return words(`${evidence}.nav`);
  const chart = data.charts.find(({ name }) => `chart-${name}` === evidence);
  return chart ? named('chart', chart.name.replace(/-(echo|ws)$/, '')) : null;
}

// The sentence beside a measured word. One that only says n/a is no reason: a better one may be known.
function sentence(data, one) {
  const said = either(one).replace(/^n\/a[:：]?\s*/, '');
  if (said) return said;
  return whyMissing(data, one.model)
    ?? (hasWords(`topic.none.${one.topic}`) ? words(`topic.none.${one.topic}`) : words('na.why'));
}

function measured(data, one) {
  const why = sentence(data, one);
  const title = evidenceTitle(data, one.evidence);
  const proof = title && link('evidence', `#${one.evidence}`, words('comparison.evidence', { what: title }));
  return [make('p', 'claim measured', make('span', 'who', words('comparison.measured')),
    one.measured === null ? missing(why) : make('strong', 'said', word(one.measured))),
  make('p', 'sentence', why), proof];
}

function comparisonCell(data, one, withPrediction) {
  const children = [claim('textbook', word(one.textbook), one.textbook_agrees)];
  if (withPrediction) children.push(claim('you', one.predicted ? word(one.predicted) : '–', one.prediction_agrees));
  const label = make('div', 'model-label', modelName(one.model));
  const cell = make('td', '', label, ...children, ...measured(data, one));
  Object.assign(cell.dataset, { topic: one.topic, model: one.model });
  cell.dataset.agrees = one.textbook_agrees === null ? 'open' : one.textbook_agrees ? 'yes' : 'no';
  return cell;
}

function topicHead(topic) {
  const title = named('topic', topic);
  const inNotes = IN_THE_NOTES[topic] ?? title;
  const also = make('span', 'in-notes', inNotes);
  also.lang = 'zh-CN';
  return heading('topic', 'row', title, inNotes === title ? null : also);
}

function comparisonTable(data, withPrediction) {
  const models = unique(data.comparison.map(({ model }) => model));
  const head = [heading('', 'col', words('comparison.topic')),
    ...models.map((model) => heading('', 'col', modelName(model, true)))];
  const rows = unique(data.comparison.map(({ topic }) => topic)).map((topic) => [topicHead(topic),
    ...models.map((model) => data.comparison.find((one) => one.topic === topic && one.model === model))
      .map((one) => (one ? comparisonCell(data, one, withPrediction) : make('td', '', missing())))]);
  return table('comparison', head, rows);
}

function legend(withPrediction, comparison) {
  const book = scoreOf(comparison, 'textbook_agrees');
  const you = scoreOf(comparison, 'prediction_agrees');
  const entry = (key, sign) => make('li', '', make('span', `mark ${key}`, sign), ` ${words(`comparison.${key}`)}`);
  return [make('p', 'answer', words('comparison.score', book),
    withPrediction && you.of > 0 ? ` ${words('comparison.score.you', you)}` : null),
  make('ul', 'legend', entry('agrees', '✓'), entry('differs', '≠'), entry('open', '·'))];
}

function rules(data) {
  return make('div', 'rules', make('h3', '', words('comparison.rules')),
    make('dl', '', ...Object.entries(data.rules).map(([topic, rule]) =>
      make('div', '', make('dt', '', named('topic', topic)), make('dd', '', either(rule))))));
}

export function showComparison(section, data) {
  const withPrediction = data.comparison.some(({ predicted }) => predicted !== null);
  if (!withPrediction && data.comparison.every((one) => one.measured === null)) {
    leftOut(section, words('comparison.none', { profile: data.profile }));
    return;
  }
  const title = words('comparison.title');
  const lead = words(withPrediction ? 'comparison.lead.predicted' : 'comparison.lead');
  fillSection(section, title, make('p', 'lead', lead), ...legend(withPrediction, data.comparison),
    scroller(title, comparisonTable(data, withPrediction)), rules(data));
}
