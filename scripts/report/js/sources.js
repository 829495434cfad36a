// sources.js - two servers side by side, or all: a row for each function of the skeleton, folded until it is asked for;
// which tokens are not in the other column, and what the calls of each cell cost in the measurement.
//
// showSources(element, sources, data, words) draws all of it, and again in another language. sources: what
// scripts/report/sources.py writes. data: { syscalls: [{ model, protocol, name, per_message }],
// waits: [{ model, protocol?, waits_per_message }] }; what is not in it is shown as not measured.
import { differing, isCode, unitsOf } from 'report/diff';
import { make } from 'report/dom';

// ---- no document needed ----

// Calls per message, with what can be read off at a glance.
export function perMessage(value) {
  if (value >= 0.095) return value.toFixed(2);
  return value >= 0.0001 ? String(Number(value.toPrecision(2))) : '< 0.0001';
}

const linesOf = (cell = []) => cell.flatMap((piece) => piece.lines);

// Where to look for a call first: where each message passes.
const BUSY_ROWS = ['conn_recv', 'conn_send', 'model_block', 'server_accept', 'conn_tick', 'conn_close'];
const TAG_LINES_ABOVE = 3;

// The line { row, n } to show for a system call of a model: where it waits, where each message passes, else the first.
export function lineOfCall(sources, model, name) {
  const found = [];
  for (const row of sources.rows) {
    const lines = linesOf(row.cells[model]);
    lines.forEach((line, place) => {
      if (!line.calls?.includes(name)) return;
      const near = lines.slice(Math.max(0, place - TAG_LINES_ABOVE), place + 1);
      const waits = near.some(({ tags }) => tags.includes('WAIT'));
      const busy = BUSY_ROWS.includes(row.name) ? BUSY_ROWS.indexOf(row.name) : BUSY_ROWS.length;
      found.push({ row: row.name, n: line.n, rank: 2 * busy + (waits ? 0 : 1) });
    });
  }
  found.sort((one, other) => one.rank - other.rank);
  return found[0] ?? null;
}

// ---- words ----

const TAGS = { 'WAIT': 'W', 'no WAIT': 'W', 'COPY': 'C', 'OWNS': 'O', 'LIMIT': 'L' };

export const sourcesWords = {
  en: {
    'src.title': 'Side by side',
    'src.lead': 'The same functions in the same order: what differs is the I/O model. Choose two servers, and unfold a '
      + 'function. What is tinted is not in the other column; comments are not compared.',
    'src.left': 'Left',
    'src.right': 'Right',
    'src.model': 'Server',
    'src.every': 'all servers',
    'src.protocol': 'Cost measured with',
    'src.go': 'Go to',
    'src.go.none': 'a function…',
    'src.open': 'open all',
    'src.close': 'close all',
    'src.legend': 'Marks',
    'src.tag.WAIT': 'WAIT: may sleep',
    'src.tag.no WAIT': 'no WAIT: does not sleep',
    'src.tag.COPY': 'COPY: bytes cross the kernel’s border',
    'src.tag.OWNS': 'OWNS: memory changes hands',
    'src.tag.LIMIT': 'LIMIT: a bound',
    'src.differs': 'not in the other column; of several: not in the one on the left',
    'src.share': '{percent}% of the code differs',
    'src.alike': 'the same code',
    'src.call': 'system call or submission',
    'src.lines': '{count} lines',
    'src.waits': '{value} waits/msg',
    'src.waits.none': 'waits/msg: n/a',
    'src.waits.why': 'Calls that may sleep, per message: the server’s own count, over all places where it waits.',
    'src.cost': '{name} {value}/msg',
    'src.cost.all': 'all {places} places',
    'src.cost.why': 'System calls per message, counted under strace by name, over the whole server. Made in: {rows}.',
    'src.cost.none': '{name}: not among the calls that this measurement counted. Made in: {rows}.',
    'src.submits': 'submits {name}',
    'src.submits.why': 'No system call: it is put into the ring, and goes to the kernel with the next io_uring_enter.',
    'src.same': 'same as {model}',
    'src.nothing': '{model} has nothing of this.',
    'src.missing': 'No servers: sources.json was empty.',
    'src.unmeasured': 'System calls were not counted in this measurement: n/a.',
    'src.row.model': 'the model in five lines, and its time line',
    'src.row.includes': 'includes and declarations',
    'src.row.constants': 'batches and periods',
    'src.row.struct conn': 'what is kept of a connection, and its parts',
    'src.row.struct server': 'what all connections share',
    'src.row.conn_open': 'a client has come',
    'src.row.conn_linger': 'after our FIN, until the peer’s',
    'src.row.conn_close': 'says goodbye and frees the connection',
    'src.row.conn_recv': 'takes what has come',
    'src.row.conn_send': 'sends what is to leave',
    'src.row.conn_tick': 'what time has made of a connection',
    'src.row.conn_advance': 'one step of the conversation, or all of it',
    'src.row.model_block': 'the model’s own: threads, queue, Selector, ring, futures',
    'src.row.server_accept': 'waits for clients',
    'src.row.server_tick': 'the clock, where it is not a limit on recv and send',
    'src.row.server_run': 'the loop around it all',
    'src.row.server_open': 'set-up',
    'src.row.server_close': 'lets replies leave, and ends',
    'src.row.options': 'the model’s own options',
    'src.row.main': 'options, open, run, close',
  },
  zh: {
    'src.title': '并排对照',
    'src.lead': '函数相同，顺序相同：不同之处就是 I/O 模型。选择两个服务器，再展开一个函数。带底色的是另一列里没有的；注释不作比较。',
    'src.left': '左',
    'src.right': '右',
    'src.model': '服务器',
    'src.every': '所有服务器',
    'src.protocol': '开销取自',
    'src.go': '跳转到',
    'src.go.none': '某个函数…',
    'src.open': '全部展开',
    'src.close': '全部收起',
    'src.legend': '标记',
    'src.tag.WAIT': 'WAIT：可能休眠（等待）',
    'src.tag.no WAIT': 'no WAIT：不会休眠',
    'src.tag.COPY': 'COPY：字节越过内核边界（拷贝）',
    'src.tag.OWNS': 'OWNS：内存的归属转移',
    'src.tag.LIMIT': 'LIMIT：上限',
    'src.differs': '另一列里没有；多列时：左边一列里没有',
    'src.share': '代码有 {percent}% 不同',
    'src.alike': '代码相同',
    'src.call': '系统调用或提交',
    'src.lines': '{count} 行',
    'src.waits': '每条消息等待 {value} 次',
    'src.waits.none': '每条消息的等待次数：n/a',
    'src.waits.why': '每条消息中可能休眠的调用次数：由服务器自己统计，包括所有等待的地方。',
    'src.cost': '{name} {value}/消息',
    'src.cost.all': '{places} 处合计',
    'src.cost.why': '每条消息的系统调用次数：用 strace 按名称统计，是整个服务器的总数。调用处：{rows}。',
    'src.cost.none': '{name}：不在本次测量统计到的调用之中。调用处：{rows}。',
    'src.submits': '提交 {name}',
    'src.submits.why': '这里没有系统调用：请求先放进环里，随下一次 io_uring_enter 一起交给内核。',
    'src.same': '与 {model} 相同',
    'src.nothing': '{model} 没有这一部分。',
    'src.missing': '没有服务器：sources.json 是空的。',
    'src.unmeasured': '本次测量没有统计系统调用：n/a。',
    'src.row.model': '五行说清的模型，以及时间线',
    'src.row.includes': '头文件和声明',
    'src.row.constants': '批量与周期',
    'src.row.struct conn': '一个连接要保存的东西，以及它的组成部分',
    'src.row.struct server': '所有连接共用的东西',
    'src.row.conn_open': '来了一个客户端',
    'src.row.conn_linger': '发出 FIN 之后，等对方的 FIN',
    'src.row.conn_close': '道别，并释放连接',
    'src.row.conn_recv': '接收到达的数据',
    'src.row.conn_send': '发送要离开的数据',
    'src.row.conn_tick': '时间对连接意味着什么（超时）',
    'src.row.conn_advance': '对话的一步，或者整个对话',
    'src.row.model_block': '模型自己的部分：线程、队列、Selector、环、Future',
    'src.row.server_accept': '等待客户端',
    'src.row.server_tick': '时钟（如果它不是 recv 和 send 的时限）',
    'src.row.server_run': '最外层的循环',
    'src.row.server_open': '准备',
    'src.row.server_close': '让回复发完，然后结束',
    'src.row.options': '模型自己的选项',
    'src.row.main': '选项、打开、运行、关闭',
  },
};

// ---- the page ----

const NARROW = '(max-width: 699px)';
const READ_BELOW = 60; // pixels below the bar
const FLASH_MS = 2600;
const DIAGRAM = /^ \* {5}/; // a time line in the comment at the head
const BLOCK_LABEL = 'conn_thread, queue_*, selector_*, ring_*, future_*';

// What the reader has chosen: it outlives a change of language. pair: the names of two servers, left and right, once
// something is drawn; a narrow window shows the first. open: the rows that are unfolded.
const chosen = { pair: null, every: false, protocol: null, open: new Set() };

// What is on the page: { root, table, sources, data, words, narrow, places }
let view = null;

// One of our words, with {name} filled in.
const say = (key, values) => view.words(key, values);

const slug = (name) => name.replace(/\W/g, '-');
const rowLabel = (row) => (row.name === 'model_block' ? BLOCK_LABEL : row.name);
const rowNamed = (name) => view.sources.rows.find((row) => row.name === name);
const hasWords = (key) => key in sourcesWords.en;

function rowTitle(row) {
  const key = `src.row.${row.name}`;
  return hasWords(key) ? say(key) : row.title;
}

// The models that have a column now.
function shownModels() {
  const { models } = view.sources;
  if (chosen.every && !view.narrow.matches) return models;
  const names = view.narrow.matches ? chosen.pair.slice(0, 1) : chosen.pair;
  return names.map((name) => models.find((model) => model.name === name));
}

const WAITS = 'waits'; // among the places; no system call is called so

// { "bio recvfrom": [row, ...] }: the rows in which a model makes a call. strace counts by name, not by place; nor does
// a server tell its waits apart.
function findPlaces(sources) {
  const places = new Map();
  for (const row of sources.rows) {
    for (const [model, cell] of Object.entries(row.cells)) {
      for (const call of new Set(cell.flatMap((piece) => (piece.waits ? [...piece.calls, WAITS] : piece.calls)))) {
        const key = `${model} ${call}`;
        places.set(key, [...(places.get(key) ?? []), row.name]);
      }
    }
  }
  return places;
}

const protocolsIn = (data) => [...new Set((data.syscalls ?? []).map(({ protocol }) => protocol).filter(Boolean))];
const ofProtocol = (one) => !one.protocol || one.protocol === chosen.protocol;

function measuredCall(model, name) {
  const found = (view.data.syscalls ?? []).find((one) => one.model === model && one.name === name && ofProtocol(one));
  return found?.per_message ?? null;
}

function measuredWaits(model) {
  const found = (view.data.waits ?? []).find((one) => one.model === model && ofProtocol(one));
  return found?.waits_per_message ?? null;
}

// ---- cost of a cell ----

// That a figure is the sum over several places.
function allOf(places) {
  return places.length > 1 ? [make('small', '', ` ${say('src.cost.all', { places: places.length })}`)] : [];
}

function callCost(model, row, name) {
  const places = view.places.get(`${model} ${name}`);
  const rows = places.map((place) => rowLabel(rowNamed(place))).join(', ');
  const value = measuredCall(model, name);
  const chip = make('button', value === null ? 'src-cost src-unknown' : 'src-cost');
  chip.type = 'button';
  chip.append(make('span', '', value === null ? name : say('src.cost', { name, value: perMessage(value) })));
  if (value !== null) chip.append(...allOf(places));
  chip.title = say(value === null ? 'src.cost.none' : 'src.cost.why', { name, rows });
  chip.addEventListener('click', () => {
    const line = linesOf(row.cells[model]).find(({ calls }) => calls?.includes(name));
    flash(lineElement(model, line.n));
  });
  return chip;
}

function submission(name) {
  const chip = make('span', 'src-cost src-submits', say('src.submits', { name }));
  chip.title = say('src.submits.why');
  return chip;
}

function waitsChip(model, places = []) {
  const value = measuredWaits(model);
  const chip = make('span', 'src-cost src-waits',
    value === null ? say('src.waits.none') : say('src.waits', { value: perMessage(value) }), ...allOf(places));
  chip.title = say('src.waits.why');
  return chip;
}

function costs(model, row, cell) {
  const distinct = (key) => [...new Set(cell.flatMap((piece) => piece[key] ?? []))];
  const byCost = (one, other) => (measuredCall(model, other) ?? -1) - (measuredCall(model, one) ?? -1);
  const waits = cell.some((piece) => piece.waits) && measuredWaits(model) !== null;
  const calls = distinct('calls').sort(byCost).map((name) => callCost(model, row, name));
  const waiting = waits ? [waitsChip(model, view.places.get(`${model} ${WAITS}`))] : [];
  return make('div', 'src-costs', ...waiting, ...calls,
    ...distinct('submits').map(submission));
}

// ---- a cell ----

function mark(tag) {
  const element = make('span', `src-mark src-${slug(tag)}`, TAGS[tag]);
  element.title = say(`src.tag.${tag}`);
  return element;
}

// An arrow may begin a line, but not be torn.
const arrow = () => [make('wbr', ''), make('span', 'src-arrow', '->')];

// A token's text in its colour; kind: what pygments calls it, '' for none.
function tokenDrawn([kind, text]) {
  const pieces = text.split('->').flatMap((piece, place) => (place > 0 ? [...arrow(), piece] : [piece]));
  return kind ? [make('span', `src-${kind}`, ...pieces)] : pieces;
}

// The units of a line, those that differ marked; between two of these, the white space is marked, too.
function unitsDrawn(units, marks) {
  const isMarked = (place) => marks[place] || (!isCode(units[place]) && marks[place - 1] && marks[place + 1]);
  const runs = [];
  units.forEach(([kind, text], place) => {
    const marked = Boolean(isMarked(place));
    const last = runs.at(-1);
    if (last?.kind === kind && last.marked === marked) last.text += text;
    else runs.push({ kind, marked, text });
  });
  return runs.flatMap(({ kind, marked, text }) =>
    (marked ? [make('mark', 'src-differs', ...tokenDrawn([kind, text]))] : tokenDrawn([kind, text])));
}

// marks: for each of its units, does it differ?
function lineDrawn(line, marks) {
  const number = make('span', 'src-n', String(line.n));
  const signs = make('span', 'src-marks', ...line.tags.map(mark));
  signs.ariaHidden = 'true'; // the word itself is in the line
  const code = make('code', DIAGRAM.test(line.text) ? 'src-text src-diagram' : 'src-text');
  code.append(...unitsDrawn(unitsOf(line), marks));
  code.style.setProperty('--src-indent', `${/^ */.exec(line.text)[0].length}ch`);
  const element = make('div', marks.some(Boolean) ? 'src-line src-touched' : 'src-line', number, signs, code);
  element.dataset.n = line.n;
  return element;
}

// Pieces do not show the blank lines they end with.
function pieceDrawn(piece, marksOf) {
  let count = piece.lines.length;
  while (count > 0 && piece.lines[count - 1].text === '') count--;
  const lines = piece.lines.slice(0, count).map((line) => lineDrawn(line, marksOf.get(line) ?? []));
  const element = make('div', 'src-piece', ...lines);
  element.dataset.piece = piece.name;
  if (piece.name === 'model') element.tabIndex = 0; // its time line may have to be scrolled
  return element;
}

// { model: { marks, same } } of a row: for each line which units differ, and the model whose code is the same. Each
// column is held against the one on its left, the first against its neighbour; a column without code has none.
function comparison(row, models) {
  const found = new Map();
  models.slice(1).forEach(({ name }, place) => {
    const pair = [models[place].name, name];
    const lines = pair.map((model) => linesOf(row.cells[model]));
    if (lines.some((some) => some.length === 0)) return;
    const both = differing(...lines.map((some) => some.map(unitsOf)));
    const same = both.flat(2).every((differs) => !differs);
    pair.forEach((model, side) => {
      if (side === 0 && place > 0) return;
      const marks = new Map(lines[side].map((line, at) => [line, both[side][at]]));
      found.set(model, { marks, same: same ? pair[1 - side] : null });
    });
  });
  return found;
}

// How much of a row's code is marked.
function degree(compared, row) {
  if (compared.size !== 2) return null;
  const units = [...compared].flatMap(([model]) => linesOf(row.cells[model]).flatMap(unitsOf).filter(isCode)).length;
  const differ = [...compared.values()].flatMap(({ marks }) => [...marks.values()].flat()).filter(Boolean).length;
  const percent = Math.max(1, Math.round(100 * differ / units));
  return make('span', 'src-degree', differ === 0 ? say('src.alike') : say('src.share', { percent }));
}

// compared: what differs in this cell, if it is held against another one.
function cellDrawn(row, model, compared) {
  const cell = row.cells[model] ?? [];
  const element = make('div', 'src-cell');
  element.dataset.model = model;
  element.role = 'group';
  element.ariaLabel = `${model}: ${rowLabel(row)}`;
  if (cell.length === 0) {
    element.append(make('p', 'src-nothing', say('src.nothing', { model })));
    return element;
  }
  const bar = costs(model, row, cell);
  if (compared?.same) bar.prepend(make('span', 'src-same', say('src.same', { model: compared.same })));
  if (bar.childElementCount > 0) element.append(bar);
  element.append(make('div', 'src-code', ...cell.map((piece) => pieceDrawn(piece, compared?.marks ?? new Map()))));
  return element;
}

// ---- rows and columns ----

function rowDrawn(row, models) {
  const id = `src-row-${slug(row.name)}`;
  const compared = comparison(row, models);
  const cells = make('div', 'src-cells', ...models.map(({ name }) => cellDrawn(row, name, compared.get(name))));
  cells.id = `${id}-cells`;
  const button = make('button', 'src-toggle', make('code', '', rowLabel(row)), make('span', 'src-what', rowTitle(row)));
  button.append(degree(compared, row) ?? '');
  button.type = 'button';
  button.setAttribute('aria-controls', cells.id);
  const section = make('section', 'src-row', make('h3', 'src-row-head', button), cells);
  section.id = id;
  section.dataset.row = row.name;
  section.setAttribute('aria-label', rowLabel(row));
  button.addEventListener('click', () => setOpen(row.name, !chosen.open.has(row.name)));
  return section;
}

const rowElement = (name) => view.table.querySelector(`[data-row="${name}"]`);
const lineElement = (model, n) => view.table.querySelector(`[data-model="${model}"] [data-n="${n}"]`);

function setOpen(name, isOpen) {
  chosen.open[isOpen ? 'add' : 'delete'](name);
  const section = rowElement(name);
  section.querySelector('.src-cells').hidden = !isOpen;
  section.querySelector('.src-toggle').setAttribute('aria-expanded', String(isOpen));
}

function headDrawn(model) {
  const head = make('div', 'src-head', make('strong', '', model.name),
    make('span', 'src-size', say('src.lines', { count: model.lines })), waitsChip(model.name));
  head.title = model.file;
  return head;
}

// What is being read: a row, and how much of it is above that place. Null when the table is further down.
function readingPlace() {
  const edge = view.bar.getBoundingClientRect().bottom;
  const row = [...view.table.children].find((one) => one.getBoundingClientRect().bottom > edge + READ_BELOW);
  if (!row || view.table.getBoundingClientRect().top >= edge) return null;
  const { top, height } = row.getBoundingClientRect();
  return { name: row.dataset.row, at: Math.max(top, edge), share: Math.max(0, edge - top) / height };
}

// However its height has changed.
function backTo({ name, at, share }) {
  const box = rowElement(name)?.getBoundingClientRect();
  if (box) window.scrollBy({ top: box.top + share * box.height - at, behavior: 'instant' });
}

function drawTable() {
  const place = readingPlace();
  const models = shownModels();
  view.root.style.setProperty('--src-columns', models.length);
  view.heads.replaceChildren(...models.map(headDrawn));
  view.table.replaceChildren(...view.sources.rows
    .filter((row) => models.some(({ name }) => row.cells[name]) || !view.narrow.matches)
    .map((row) => rowDrawn(row, models)));
  for (const { dataset } of view.table.children) setOpen(dataset.row, chosen.open.has(dataset.row));
  if (place) backTo(place);
}

// ---- the bar on top ----

// choices: [value, text]
function selection(label, choices, value, onChange) {
  const select = make('select', '');
  for (const [choice, text] of choices) select.append(new Option(text, choice, false, choice === value));
  select.addEventListener('change', () => onChange(select.value, select));
  return make('label', 'src-select', make('span', '', label), select);
}

// A server takes the place on the left (0) or on the right (1); one that is on the other side changes places with it.
function take(side, name) {
  if (chosen.pair[1 - side] === name) chosen.pair[1 - side] = chosen.pair[side];
  chosen.pair[side] = name;
}

function modelSelection(key, side) {
  const names = view.sources.models.map(({ name }) => [name, name]);
  return selection(say(key), names, chosen.pair[side], (name) => {
    take(side, name);
    onWidth();
    view.bar.querySelectorAll('select')[side].focus();
  });
}

function everyButton() {
  const button = make('button', 'src-button', say('src.every'));
  button.type = 'button';
  button.ariaPressed = String(chosen.every);
  button.addEventListener('click', () => {
    chosen.every = !chosen.every;
    button.ariaPressed = String(chosen.every);
    drawTable();
  });
  return button;
}

function columns() {
  if (view.narrow.matches || chosen.pair.length < 2) return [modelSelection('src.model', 0)];
  const more = view.sources.models.length > 2 ? [everyButton()] : [];
  return [modelSelection('src.left', 0), modelSelection('src.right', 1), ...more];
}

function goSelection() {
  const choices = view.sources.rows.map((row) => [row.name, rowLabel(row)]);
  return selection(say('src.go'), [['', say('src.go.none')], ...choices], '', (name, select) => {
    revealFunction(name);
    select.value = '';
  });
}

function protocolSelection() {
  const protocols = protocolsIn(view.data);
  if (protocols.length < 2) return [];
  return [selection(say('src.protocol'), protocols.map((name) => [name, name]), chosen.protocol, (name) => {
    chosen.protocol = name;
    drawTable();
  })];
}

function allButton(key, isOpen) {
  const button = make('button', 'src-button', say(key));
  button.type = 'button';
  button.addEventListener('click', () => {
    for (const { dataset } of view.table.children) setOpen(dataset.row, isOpen);
  });
  return button;
}

function drawBar() {
  view.heads = make('div', 'src-heads');
  const controls = make('div', 'src-controls', ...columns(), goSelection());
  view.bar.replaceChildren(controls, view.heads);
}

// What is not needed so often that it has to stay in view.
function settings() {
  return make('div', 'src-controls', ...protocolSelection(), allButton('src.open', true),
    allButton('src.close', false));
}

function legend() {
  const entry = (sign, text) => make('li', '', sign, ` ${text}`);
  const list = make('ul', 'src-legend', ...Object.keys(TAGS).map((tag) => entry(mark(tag), say(`src.tag.${tag}`))),
    entry(make('span', 'src-sample src-differs'), say('src.differs')),
    entry(make('code', 'src-nb', 'recv'), say('src.call')));
  list.ariaLabel = say('src.legend');
  return list;
}

// ---- for the rest of the page ----

function choose(sources, data) {
  const names = sources.models.map(({ name }) => name);
  const known = ['bio', 'nio'].filter((name) => names.includes(name));
  chosen.pair ??= [...new Set([...known, ...names])].slice(0, 2);
  const protocols = protocolsIn(data);
  if (!protocols.includes(chosen.protocol)) chosen.protocol = protocols[0] ?? null;
}

function onWidth() {
  drawBar();
  drawTable();
}

export function showSources(element, sources, data, words) {
  view?.narrow.removeEventListener('change', onWidth);
  view = { sources, data: data ?? {}, words, narrow: window.matchMedia(NARROW), places: findPlaces(sources) };
  view.bar = make('div', 'src-bar');
  view.table = make('div', 'src-table');
  view.root = make('div', 'src-section', make('h2', 'src-title', say('src.title')));
  element.replaceChildren(view.root);
  if (sources.models.length === 0) {
    view.root.append(make('p', 'src-nothing', say('src.missing')));
    return;
  }
  choose(sources, view.data);
  view.root.append(make('p', 'src-lead', say('src.lead')), legend());
  if (!view.data.syscalls?.length) view.root.append(make('p', 'src-lead', say('src.unmeasured')));
  view.root.append(settings(), view.bar, view.table);
  onWidth();
  view.narrow.addEventListener('change', onWidth);
}

// Shows the model's column and opens the row, if they are not.
function bringOut(model, row) {
  if (!shownModels().some(({ name }) => name === model)) {
    take(view.narrow.matches ? 0 : 1, model);
    onWidth();
  }
  setOpen(row, true);
}

function flash(element) {
  element.tabIndex = -1;
  element.style.scrollMarginTop = `${view.bar.offsetHeight + 16}px`;
  element.scrollIntoView({ block: element.classList.contains('src-line') ? 'center' : 'start' });
  element.focus({ preventScroll: true });
  element.classList.add('src-flash');
  setTimeout(() => element.classList.remove('src-flash'), FLASH_MS);
}

// Shows where a model makes a system call (the kernel's name). False if it does not.
export function revealCall(model, name) {
  const place = view && lineOfCall(view.sources, model, name);
  if (!place) return false;
  bringOut(model, place.row);
  flash(lineElement(model, place.n));
  return true;
}

// Shows a row of the skeleton, or a function in the first column that has it. False if there is none.
export function revealFunction(name) {
  const isIt = (piece) => piece.name === name;
  const row = view && (rowNamed(name) ?? view.sources.rows.find(({ cells }) => Object.values(cells).flat().some(isIt)));
  if (!row) return false;
  const isRow = row.name === name;
  const names = view.sources.models.map((model) => model.name);
  const having = names.filter((model) => isRow || row.cells[model]?.some(isIt));
  const shown = shownModels().map((model) => model.name);
  const model = shown.find((one) => having.includes(one) && row.cells[one]) ?? having.find((one) => row.cells[one]);
  bringOut(model, row.name);
  const element = rowElement(row.name);
  flash(isRow ? element : element.querySelector(`[data-model="${model}"] [data-piece="${name}"]`));
  return true;
}
