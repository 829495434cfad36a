// The charts: one below the other, or echo and WebSocket side by side where there is room; why they look like that; and
// the figures that they show, as a table and as a file.
import { csvOf, download } from 'report/csv';
import { button, cell, heading, hinted, make, scroller, table } from 'report/dom';
import { figure, grouped } from 'report/format';
import { fillSection, leftOut, missing, modelName, modelsIn } from 'report/models';
import { either, named, words } from 'report/words';

const chosen = {}; // base -> the protocol whose tab is open
const opened = new Set(); // names of charts whose table is shown
const drawings = new Map(); // name -> svg

export const baseOf = (name) => name.replace(/-(echo|ws)$/, '');

// [{ base, charts }], in the order of the data.
export function groupsOf(charts) {
  const groups = new Map();
  for (const chart of charts) {
    const base = baseOf(chart.name);
    groups.set(base, [...groups.get(base) ?? [], chart]);
  }
  return [...groups].map(([base, members]) => ({ base, charts: members }));
}

// The rows of data.figures that a chart shows.
export function rowsOf(figures, { name, protocol }) {
  const base = baseOf(name);
  return figures.filter((row) => row[0] === base && (protocol === '' || row[1] === protocol));
}

// ---- the drawing ----

// gnuplot's hover texts become ours, and the marks of a chart one stop of the tab key: arrows go from mark to mark.
function prepareMarks(svg) {
  const marks = [...svg.querySelectorAll('.hover')];
  for (const mark of marks) {
    const title = mark.querySelector('title');
    mark.dataset.tip = title?.textContent.trim() ?? '';
    mark.setAttribute('role', 'img');
    mark.setAttribute('aria-label', mark.dataset.tip);
    mark.setAttribute('tabindex', mark === marks[0] ? '0' : '-1');
    title?.remove(); // the browser would show it, too
  }
  svg.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const next = marks[marks.indexOf(event.target.closest('.hover')) + step];
    if (!step || !next) return;
    event.preventDefault();
    for (const mark of marks) mark.setAttribute('tabindex', mark === next ? '0' : '-1');
    next.focus();
  });
}

// In pixels, what a drawing has to be wide in a large room for its smallest text to be READABLE.
const READABLE = 20;

function noteReadableWidth(svg) {
  const sizes = [...svg.querySelectorAll('text')].map((text) =>
    Number.parseFloat((text.closest('[font-size]') ?? text).getAttribute('font-size')));
  const least = Math.min(...sizes.filter((size) => size > 0));
  const width = svg.viewBox.baseVal.width * READABLE / least;
  if (Number.isFinite(width)) svg.style.setProperty('--readable', `${Math.ceil(width)}px`);
}

function takeDrawings() {
  for (const svg of document.getElementById('drawings').content.querySelectorAll('svg[data-chart]')) {
    const own = document.importNode(svg, true);
    prepareMarks(own);
    noteReadableWidth(own);
    drawings.set(svg.dataset.chart, own);
  }
}

// ---- the figures ----

const RATIO = 'against the floor: '; // how figures begin that are one

function figureCell(row, label) {
  if (!row) return cell('number', label, missing());
  const [value, least, greatest] = row.slice(5).map(figure);
  if (value === null) return cell('number', label, missing());
  const text = make('span', '', value);
  return cell('number', label,
    least === null || least === greatest ? text : hinted(text, words(row[4].startsWith(RATIO)
      ? 'table.interval' : 'table.spread', { least, greatest })));
}

// A row for each protocol, figure and count of clients; a column for each model.
function figuresTable(data, rows) {
  const hasProtocols = new Set(rows.map((row) => row[1])).size > 1; // else the caption has it
  const models = modelsIn(data, rows.map(([, , model]) => ({ model })));
  const found = new Map(rows.map((row) => [JSON.stringify([row[1], row[4], row[3], row[2]]), row]));
  const keys = [...new Set(rows.map((row) => JSON.stringify([row[1], row[4], row[3]])))].map((key) => JSON.parse(key));
  const head = [...hasProtocols ? [words('table.protocol')] : [], words('table.figure'), words('table.clients'),
    ...models.map((model) => modelName(model))].map((text) => heading('', 'col', text));
  return table('figures', head, keys.map(([protocol, name, clients]) => [
    ...hasProtocols ? [cell('', words('table.protocol'), named('protocol', protocol))] : [], heading('', 'row', name),
    cell('number', words('table.clients'), Number.isFinite(clients) ? grouped(clients) : missing()),
    ...models.map((model) => figureCell(found.get(JSON.stringify([protocol, name, clients, model])), model))]));
}

function tableToggle(chart, box) {
  const toggle = button('toggle', words('charts.table'), () => {
    box.hidden = !box.hidden;
    toggle.ariaExpanded = String(!box.hidden);
    opened[box.hidden ? 'delete' : 'add'](chart.name);
  });
  toggle.ariaExpanded = String(!box.hidden);
  return toggle;
}

// For the back row of a class.
function fullScreen(element) {
  if (!document.fullscreenEnabled) return null;
  return button('large', words('charts.large'), () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else element.requestFullscreen();
  });
}

function titleOf(chart) {
  const title = named('chart', baseOf(chart.name));
  return chart.protocol ? `${title}, ${named('protocol', chart.protocol)}` : title;
}

function chartFigure(data, chart) {
  const title = titleOf(chart);
  const drawing = drawings.get(chart.name);
  const caption = make('figcaption', '', make('strong', '', chart.protocol ? named('protocol', chart.protocol) : ''));
  const element = make('figure', '',
    drawing ? scroller(title, drawing) : make('p', 'undrawn', words('charts.undrawn')), caption);
  element.id = `chart-${chart.name}`;
  element.ariaLabel = title;
  element.dataset.chart = chart.name;
  const buttons = make('span', 'buttons', drawing && fullScreen(element));
  caption.append(buttons);
  addFigures(data, chart, { element, buttons, isOpen: !drawing || opened.has(chart.name) });
  return element;
}

// What the chart shows, as a file and as a table.
function addFigures(data, chart, { element, buttons, isOpen }) {
  const rows = rowsOf(data.figures, chart);
  if (rows.length === 0) return;
  const title = titleOf(chart);
  const box = scroller(title, figuresTable(data, rows));
  box.classList.add('figures-box');
  box.hidden = !isOpen;
  const file = button('csv', words('charts.csv'), () => download(`io-models-${chart.name}.csv`, csvOf(rows)));
  file.title = words('charts.csv.long', { chart: title });
  buttons.append(file, tableToggle(chart, box));
  element.append(box);
}

// ---- a group: one chart, or one for each protocol ----

function choose(group, protocol) {
  chosen[group.dataset.base] = protocol;
  for (const one of group.querySelectorAll('.tabs button')) one.ariaPressed = String(one.dataset.protocol === protocol);
  for (const one of group.querySelectorAll('figure')) {
    one.classList.toggle('not-chosen', one.dataset.chart !== `${group.dataset.base}-${protocol}`);
  }
}

function tabs(group, charts) {
  return make('div', 'tabs', ...charts.map(({ protocol }) => {
    const tab = button('tab', named('protocol', protocol), () => choose(group, protocol));
    tab.dataset.protocol = protocol;
    return tab;
  }));
}

function reasons(data, base) {
  const why = data.why.filter(({ chart }) => chart === base);
  if (why.length === 0) return null;
  return make('div', 'why', make('h4', '', words('charts.why')), make('ul', '', ...why.map((one) => {
    const item = make('li', '', either(one));
    item.dataset.model = one.model;
    return item;
  })));
}

function chartGroup(data, { base, charts }) {
  const group = make('div', charts.length > 1 ? 'group pair' : 'group');
  group.dataset.base = base;
  const isPair = charts.length > 1;
  const title = make('h3', '', named('chart', base));
  group.append(make('div', 'group-head', title, isPair && tabs(group, charts)),
    make('div', 'drawn', ...charts.map((chart) => chartFigure(data, chart))));
  const why = reasons(data, base);
  if (why) group.append(why);
  if (isPair) choose(group, chosen[base] ?? charts[0].protocol);
  return group;
}

// The figure of that id may be behind a tab.
export function bringOutChart(id) {
  const element = document.getElementById(id)?.closest('figure');
  const group = element?.closest('.pair');
  if (group) choose(group, element.dataset.chart.slice(group.dataset.base.length + 1));
}

export function showCharts(section, data) {
  if (drawings.size === 0) takeDrawings();
  if (data.charts.length === 0) {
    leftOut(section, words('charts.none'));
    return;
  }
  const all = data.why.filter(({ chart }) => chart === 'all').map((one) => make('p', 'lead', either(one)));
  const hasMarks = [...drawings.values()].some((svg) => svg.querySelector('.hover'));
  fillSection(section, words('charts.title'), ...all,
    hasMarks && make('p', 'quiet screen-only', words('charts.hint')),
    ...groupsOf(data.charts).map((group) => chartGroup(data, group)));
}
