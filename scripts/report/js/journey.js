// One request's journey: four clients and the threads that serve them, call by call, as strace saw them. Lanes, blocks
// and a cursor that goes from event to event. The first half of this file has no DOM.
import { make } from 'report/dom';

const PLAY_MS = 8000; // for all of it
const ZOOMS = [1, 2, 4, 8, 16];
const SVG = 'http://www.w3.org/2000/svg';

// In pixels.
const LANE = { height: 30, gap: 4, between: 14 }; // between the clients and the server
const AXIS = 26;
const LABELS = 84; // beside the lanes
const NARROWEST = 560;
const PRINTED = 620;
const BLOCKS = { // in the order in which they are drawn: what is short must not be covered
  open: { top: 13, height: 4, least: 1 },
  asking: { top: 3, height: 24, least: 2 },
  waiting: { top: 5, height: 20, least: 1 },
  running: { top: 5, height: 20, least: 0.8 },
  moving: { top: 1, height: 28, least: 3 },
};
const LABEL_LEAST = 58; // a block that is not as wide has no words in it

export const journeyWords = {
  en: {
    jrn_title: 'One request’s journey',
    jrn_intro: 'Four clients come one after the other. Each asks, gets its answer, thinks for a while, asks again, gets its answer, and leaves. Who waits for whom, and in which system call?',
    jrn_slow: 'strace wrote this down, and stops the server at each system call to do so: the order of things is right, their durations are not. Nothing here says how fast a model is.',
    jrn_none: 'No conversation was traced in this run: strace is not installed, or not allowed.',
    jrn_model: 'model',
    jrn_note_bio: 'A thread for each client, and each sleeps in recvfrom for its own client only. The main thread sleeps in accept4.',
    jrn_note_pseudo_async: 'Two workers. While A and B think, both workers sleep in recvfrom, for A and for B: C and D are connected, have asked, and nobody reads it until A and B have gone.',
    jrn_note_nio: 'One thread for all. It sleeps in epoll_wait until anything is ready; recvfrom and sendto then only copy, and never sleep.',
    jrn_note_aio: 'One thread for all. It sleeps in io_uring_enter until anything is complete. No recvfrom, no sendto: the kernel has done that by itself when the thread wakes up.',
    jrn_note_aio_future: 'As aio: one thread, and it sleeps in io_uring_enter. Each receive is handed in anew, where aio’s first one goes on for ever; both are handed in by the call that sleeps.',
    jrn_note_framework: 'libev’s loop: one thread that sleeps in epoll_wait, as in nio. The application only writes handlers.',
    jrn_waiting: 'waiting: asleep in a system call',
    jrn_moving: 'moving: bytes pass, or are handed to the ring',
    jrn_running: 'running: short calls, and between calls',
    jrn_asking: 'asking: sent, no answer yet',
    jrn_open: 'connected',
    jrn_state_waiting: 'waits',
    jrn_state_moving: 'moves bytes',
    jrn_state_running: 'runs',
    jrn_state_asking: 'asks',
    jrn_state_open: 'is connected',
    jrn_client: 'client {name}',
    jrn_thread: 'thread {name}',
    jrn_main: 'main',
    jrn_asks: 'message {number} of {count}: sent, waiting for the answer',
    jrn_for: 'for {time} ms',
    jrn_longest: 'Longest wait for an answer:',
    jrn_first: 'to the beginning',
    jrn_back: 'step back',
    jrn_forward: 'step forward',
    jrn_play: 'play',
    jrn_pause: 'pause',
    jrn_narrower: 'narrower',
    jrn_wider: 'wider',
    jrn_show: 'show the line',
    jrn_step: '{number} of {count}',
    jrn_keys: 'Keys: ← and → step, space plays. A click on a block goes to it.',
    jrn_timeline: 'time-line; the arrow keys step through its events',
  },
  zh: {
    jrn_title: '一次请求的旅程',
    jrn_intro: '四个客户端先后到来。每个都发一条消息，收到回应，想一会儿，再发一条，再收到回应，然后离开。谁在等谁？等在哪个系统调用里？',
    jrn_slow: '这是 strace 的记录，它在每个系统调用处都让服务器停一下：先后次序是对的，时间长短不是。这里看不出哪个模型更快。',
    jrn_none: '这次运行没有跟踪记录：没有安装 strace，或者不允许使用。',
    jrn_model: '模型',
    jrn_note_bio: '每个客户端一个线程，各自睡在 recvfrom 里，只等自己的客户端。主线程睡在 accept4 里。',
    jrn_note_pseudo_async: '两个工作线程。A 和 B 思考时，两个线程都睡在 recvfrom 里，一个等 A，一个等 B：C 和 D 已经连上，也发了请求，但在 A 和 B 离开之前没有人去读。',
    jrn_note_nio: '一个线程服务所有客户端。它睡在 epoll_wait 里，直到有任何一个就绪；之后 recvfrom 和 sendto 只复制数据，从不睡眠。',
    jrn_note_aio: '一个线程服务所有客户端。它睡在 io_uring_enter 里，直到有任何操作完成。看不到 recvfrom 和 sendto：线程醒来时，内核已经自己做完了。',
    jrn_note_aio_future: '和 aio 一样：一个线程，睡在 io_uring_enter 里。每次接收都要重新提交，而 aio 的第一次接收一直有效；二者都由那个会睡眠的调用一并提交。',
    jrn_note_framework: 'libev 的事件循环：一个线程睡在 epoll_wait 里，和 nio 一样。应用程序只写处理器。',
    jrn_waiting: '等待：睡在系统调用里',
    jrn_moving: '搬运：复制数据，或提交到环',
    jrn_running: '运行：短的调用，以及调用之间',
    jrn_asking: '提问：已发送，还没有回应',
    jrn_open: '已连接',
    jrn_state_waiting: '等待',
    jrn_state_moving: '搬运数据',
    jrn_state_running: '运行',
    jrn_state_asking: '提问',
    jrn_state_open: '已连接',
    jrn_client: '客户端 {name}',
    jrn_thread: '线程 {name}',
    jrn_main: '主线程',
    jrn_asks: '第 {number} 条消息（共 {count} 条）：已发送，等待回应',
    jrn_for: '{time} 毫秒',
    jrn_longest: '等待回应最久：',
    jrn_first: '回到开头',
    jrn_back: '后退一步',
    jrn_forward: '前进一步',
    jrn_play: '播放',
    jrn_pause: '暂停',
    jrn_narrower: '缩小',
    jrn_wider: '放大',
    jrn_show: '看源代码',
    jrn_step: '{number} / {count}',
    jrn_keys: '按键：← 和 → 单步，空格播放。点击一个块可以跳到它。',
    jrn_timeline: '时间线；用方向键逐个查看事件',
  },
};

// ---- without the DOM ----

const unique = (values) => [...new Set(values)];
const isClient = (lane) => lane.startsWith('client ');

export const modelsOf = (rows) => unique(rows.map(({ model }) => model));

// The clients first; otherwise as they come.
export function lanesOf(rows) {
  const lanes = unique(rows.map(({ lane }) => lane));
  return [...lanes.filter(isClient), ...lanes.filter((lane) => !isClient(lane))];
}

export const endOf = (rows) => Math.max(...rows.map(({ end_us }) => end_us));

// What the cursor stops at, in the order of start: everything that is a call, but not what merely lasts.
export function stepsOf(rows) {
  const lanes = lanesOf(rows);
  return rows.filter(({ call, state }) => call && state !== 'open')
    .sort((a, b) => a.start_us - b.start_us || lanes.indexOf(a.lane) - lanes.indexOf(b.lane));
}

export const stepped = (index, by, count) => Math.max(0, Math.min(count - 1, index + by));

// The last step that has begun by then; the first, if none has.
export const stepAt = (steps, time) => Math.max(0, steps.findLastIndex(({ start_us }) => start_us <= time));

export const scaleOf = (end, width) => (time) => (end > 0 ? (time / end) * width : 0);

// Round times, in microseconds: about `count` of them.
export function ticksOf(end, count) {
  const least = end / count;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= least);
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, i) => i * step);
}

// Of each client, in microseconds.
export function longestAsks(rows) {
  const asks = rows.filter(({ state }) => state === 'asking');
  return unique(asks.map(({ lane }) => lane)).sort().map((lane) => ({
    lane, us: Math.max(...asks.filter((row) => row.lane === lane).map((row) => row.end_us - row.start_us)),
  }));
}

export const milliseconds = (us) => (us / 1000).toFixed(us < 10000 ? 2 : 1);

// "recvfrom A": what fits into a block.
export const labelOf = ({ call, text }) => [call, /\[client (\w)\]$/.exec(text)?.[1]].filter(Boolean).join(' ');

// ---- with it ----

const kept = new WeakMap(); // element -> { model, index, zoomed }, for when it is shown again in the other language

function draw(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function button(className, text, action) {
  const element = make('button', className, text);
  element.type = 'button';
  element.addEventListener('click', action);
  return element;
}

function patterns() {
  const tile = { width: 7, height: 7, patternUnits: 'userSpaceOnUse' };
  const paper = (name) => draw('rect', { width: 7, height: 7, class: `jrn-${name}-paper` });
  const hatch = draw('pattern', { ...tile, id: 'jrn-hatch', patternTransform: 'rotate(45)' }, paper('hatch'),
    draw('rect', { width: 2, height: 7, class: 'jrn-hatch-ink' }));
  const dots = draw('pattern', { ...tile, id: 'jrn-dots' }, paper('dots'),
    draw('circle', { cx: 3.5, cy: 3.5, r: 1.5, class: 'jrn-dots-ink' }));
  return draw('defs', {}, hatch, dots);
}

class Journey {
  constructor(element, rows, words, revealCall) {
    this.rows = rows;
    this.words = words;
    this.revealCall = revealCall;
    this.memory = kept.get(element) ?? { index: 0, zoomed: 0 };
    kept.set(element, this.memory);
    this.animation = 0;
    this.build(element);
    this.choose(this.models.includes(this.memory.model) ? this.memory.model : this.firstModel, this.memory.index);
  }

  get models() {
    return modelsOf(this.rows);
  }

  get firstModel() {
    return this.models.includes('pseudo_async') ? 'pseudo_async' : this.models[0];
  }

  // A lane or model of another version has no words of ours: then `otherwise` is said.
  wordsOr(otherwise, key, values) {
    return Object.hasOwn(journeyWords.en, key) ? this.words(key, values) : otherwise;
  }

  // ---- the page's part ----

  build(element) {
    const { words } = this;
    this.tabs = make('div', 'jrn-tabs');
    this.tabs.setAttribute('role', 'group');
    this.tabs.setAttribute('aria-label', words('jrn_model'));
    for (const model of this.models) this.tabs.append(button('jrn-tab', model, () => this.choose(model, 0)));
    this.note = make('p', 'jrn-note');
    this.asks = make('p', 'jrn-asks');
    this.labels = make('div', 'jrn-labels');
    this.canvas = make('div', 'jrn-canvas');
    this.scroller = make('div', 'jrn-scroller', this.labels, this.canvas);
    this.scroller.tabIndex = 0;
    this.scroller.setAttribute('role', 'group');
    this.scroller.setAttribute('aria-label', words('jrn_timeline'));
    this.buildEvent();
    const stage = make('div', 'jrn-stage', this.scroller, this.controls(), this.event);
    stage.addEventListener('keydown', (event) => this.key(event));
    element.replaceChildren(make('p', 'jrn-intro', words('jrn_intro')), make('p', 'jrn-slow', words('jrn_slow')),
      this.tabs, this.note, this.legend(), stage, this.asks);
    this.watch(element);
  }

  legend() {
    const swatch = (state) => {
      const size = state === 'open' ? { y: 6, height: 4 } : { y: 1, height: 14 };
      return draw('svg', { class: 'jrn-swatch', width: 26, height: 16, 'aria-hidden': 'true' },
        draw('rect', { class: `jrn-swatch-block jrn-${state}`, x: 1, width: 24, ...size }));
    };
    return make('ul', 'jrn-legend', ...['asking', 'waiting', 'moving', 'running', 'open'].map((state) =>
      make('li', '', swatch(state), this.words(`jrn_${state}`))));
  }

  controls() {
    const { words } = this;
    const sign = (text, key, action) => {
      const one = button('jrn-button', text, action);
      one.title = words(key);
      one.setAttribute('aria-label', words(key));
      return one;
    };
    this.playButton = button('jrn-button jrn-play', '', () => this.playOrPause());
    this.counter = make('span', 'jrn-counter');
    return make('div', 'jrn-controls', sign('|←', 'jrn_first', () => this.go(0)),
      sign('←', 'jrn_back', () => this.step(-1)), this.playButton,
      sign('→', 'jrn_forward', () => this.step(1)), this.counter,
      sign('−', 'jrn_narrower', () => this.zoom(-1)), sign('+', 'jrn_wider', () => this.zoom(1)),
      make('span', 'jrn-keys', words('jrn_keys')));
  }

  buildEvent() {
    this.told = make('div', 'jrn-told');
    this.told.setAttribute('aria-live', 'polite');
    this.show = button('jrn-button jrn-show', this.words('jrn_show'), () => {
      const { model, call } = this.steps[this.memory.index];
      this.revealCall(model, call);
    });
    this.event = make('div', 'jrn-event', this.told, this.show);
  }

  // The time-line is as wide as there is room. All of this ends when the element is shown anew.
  watch(element) {
    const { scroller } = this;
    const observer = new ResizeObserver(() => {
      if (!scroller.isConnected) observer.disconnect();
      else if (scroller.clientWidth !== this.room) this.redraw();
    });
    observer.observe(scroller);
    const print = (event) => {
      if (element.contains(scroller)) this.redraw(event.type === 'beforeprint' ? PRINTED : null);
    };
    addEventListener('beforeprint', print);
    addEventListener('afterprint', print);
  }

  // ---- the time-line ----

  choose(model, index) {
    this.pause();
    Object.assign(this.memory, { model });
    this.chosen = this.rows.filter((row) => row.model === model);
    this.steps = stepsOf(this.chosen);
    this.lanes = lanesOf(this.chosen);
    for (const tab of this.tabs.children) tab.setAttribute('aria-pressed', tab.textContent === model);
    this.note.textContent = this.wordsOr('', `jrn_note_${model}`);
    this.showAsks();
    this.memory.index = stepped(index, 0, this.steps.length);
    this.redraw();
    this.scroller.scrollLeft = 0;
  }

  showAsks() {
    const pieces = longestAsks(this.chosen).map(({ lane, us }) =>
      make('span', 'jrn-ask', `${this.laneName(lane)} `, make('b', '', `${milliseconds(us)} ms`)));
    this.asks.replaceChildren(this.words('jrn_longest'), ...pieces.flatMap((piece) => [' ', piece]));
  }

  laneName(lane) {
    const [kind, name] = lane.split(' ');
    return this.wordsOr(lane, `jrn_${kind}`, { name });
  }

  top(lane) {
    const number = this.lanes.indexOf(lane);
    return number * (LANE.height + LANE.gap) + (isClient(lane) ? 0 : LANE.between);
  }

  redraw(width = null) {
    this.room = this.scroller.clientWidth;
    const most = Math.max(NARROWEST, this.room - LABELS - 2) * ZOOMS[this.memory.zoomed];
    this.width = width ?? most;
    this.x = scaleOf(endOf(this.chosen), this.width - 12);
    const height = this.top(this.lanes.at(-1)) + LANE.height + 6;
    this.blocks = new Map();
    this.cursor = draw('line', { class: 'jrn-cursor', y1: 0, y2: height });
    this.frame = draw('rect', { class: 'jrn-frame', rx: 2 });
    const size = { width: this.width, height: height + AXIS };
    this.canvas.replaceChildren(draw('svg', { ...size, role: 'img', 'aria-label': this.words('jrn_title') },
      patterns(), this.axis(height), ...this.drawnBlocks(), ...this.drawnLabels(), this.frame, this.cursor));
    this.labels.replaceChildren(...this.lanes.map((lane) => {
      const label = make('div', isClient(lane) ? 'jrn-label' : 'jrn-label jrn-label-server', this.laneName(lane));
      label.style.top = `${this.top(lane)}px`;
      return label;
    }));
    this.labels.style.height = `${height}px`;
    this.point();
  }

  axis(height) {
    const ticks = ticksOf(endOf(this.chosen), Math.max(3, this.width / 90));
    return draw('g', { class: 'jrn-axis' }, ...ticks.flatMap((tick, i) => {
      const x = this.x(tick);
      return [draw('line', { x1: x, x2: x, y1: 0, y2: height }),
        draw('text', { x, y: height + 18, 'text-anchor': i === 0 ? 'start' : 'middle' }, `${tick / 1000} ms`)];
    }));
  }

  drawnBlocks() {
    return Object.entries(BLOCKS).flatMap(([state, { top, height, least }]) =>
      this.chosen.filter((row) => row.state === state).map((row) => {
        const from = this.x(row.start_us);
        const block = draw('rect', { class: `jrn-block jrn-${state}`, x: from, y: this.top(row.lane) + top,
          width: Math.max(least, this.x(row.end_us) - from), height });
        if (row.call && state !== 'open') this.bind(block, row);
        return block;
      }));
  }

  bind(block, row) {
    block.append(draw('title', {}, this.inWords(row)));
    block.addEventListener('pointerenter', () => { if (!this.animation) this.tell(row); });
    block.addEventListener('pointerleave', () => { if (!this.animation) this.tell(this.steps[this.memory.index]); });
    block.addEventListener('click', () => this.go(this.steps.indexOf(row)));
    this.blocks.set(row, block);
  }

  drawnLabels() {
    return this.chosen.filter(({ state }) => state === 'waiting' || state === 'asking').flatMap((row) => {
      const from = this.x(row.start_us);
      const wide = this.x(row.end_us) - from;
      const text = row.state === 'waiting' ? labelOf(row) : this.words('jrn_state_asking');
      return wide < Math.max(LABEL_LEAST, text.length * 7.5)
        ? [] : [draw('text', { class: 'jrn-name', x: from + 6, y: this.top(row.lane) + 19.5 }, text)];
    });
  }

  // ---- the cursor ----

  // "waits for 0.26 ms"
  stateOf({ state, start_us: start, end_us: end }) {
    const says = this.wordsOr(state, `jrn_state_${state}`);
    return `${says} ${this.words('jrn_for', { time: milliseconds(end - start) })}`;
  }

  inWords(row) {
    return `${milliseconds(row.start_us)} ms  ${this.laneName(row.lane)}  ${this.stateOf(row)}  ${this.textOf(row)}`;
  }

  textOf({ state, text }) {
    const ask = state === 'asking' && /^message (\d+) of (\d+)/.exec(text);
    return ask ? this.words('jrn_asks', { number: ask[1], count: ask[2] }) : text;
  }

  tell(row) {
    this.told.replaceChildren(make('span', 'jrn-time', `${milliseconds(row.start_us)} ms`),
      make('span', 'jrn-lane', this.laneName(row.lane)),
      make('span', `jrn-state jrn-state-${row.state}`, this.stateOf(row)),
      make('code', 'jrn-text', this.textOf(row)));
  }

  // Puts cursor, frame and words where they belong; `time` is not an event's start only while it plays.
  point(time = this.steps[this.memory.index].start_us) {
    const row = this.steps[this.memory.index];
    const block = this.blocks.get(row);
    const x = this.x(time);
    this.cursor.setAttribute('x1', x);
    this.cursor.setAttribute('x2', x);
    for (const name of ['x', 'y', 'width', 'height']) this.frame.setAttribute(name, block.getAttribute(name));
    this.tell(row);
    this.show.hidden = !this.revealCall;
    this.show.disabled = isClient(row.lane);
    const place = { number: this.memory.index + 1, count: this.steps.length };
    this.counter.textContent = this.words('jrn_step', place);
    this.playButton.textContent = this.animation ? `■ ${this.words('jrn_pause')}` : `▶ ${this.words('jrn_play')}`;
  }

  follow(x) {
    const { scroller } = this;
    const seen = scroller.clientWidth - LABELS;
    if (x < scroller.scrollLeft + 8 || x > scroller.scrollLeft + seen - 24) scroller.scrollLeft = x - seen / 3;
  }

  go(index, time) {
    if (time === undefined) this.pause();
    this.memory.index = index;
    this.point(time);
    this.follow(this.x(time ?? this.steps[index].start_us));
  }

  step(by) {
    this.go(stepped(this.memory.index, by, this.steps.length));
  }

  zoom(by) {
    this.memory.zoomed = stepped(this.memory.zoomed, by, ZOOMS.length);
    this.redraw();
    const middle = (this.scroller.clientWidth - LABELS) / 2;
    this.scroller.scrollLeft = this.x(this.steps[this.memory.index].start_us) - middle;
  }

  playOrPause() {
    if (this.animation) this.pause();
    else this.play();
  }

  play() {
    const end = endOf(this.chosen);
    const isOver = this.memory.index === this.steps.length - 1;
    const from = isOver ? 0 : this.steps[this.memory.index].start_us;
    const began = performance.now();
    const frame = (now) => {
      const time = from + ((now - began) / PLAY_MS) * end;
      if (time >= end || !this.scroller.isConnected) {
        this.pause();
        return;
      }
      this.animation = requestAnimationFrame(frame);
      this.go(stepAt(this.steps, time), Math.max(from, time));
    };
    this.animation = requestAnimationFrame(frame);
    this.point();
  }

  pause() {
    if (!this.animation) return;
    cancelAnimationFrame(this.animation);
    this.animation = 0;
    this.point();
  }

  key(event) {
    const action = {
      ArrowRight: () => this.step(1), ArrowLeft: () => this.step(-1), ' ': () => this.playOrPause(),
      Home: () => this.go(0), End: () => this.go(this.steps.length - 1),
    }[event.key];
    const isButtons = event.key === ' ' && event.target !== this.scroller; // it presses the button
    if (!action || isButtons || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    action();
  }
}

// data.journey: [{ model, lane, start_us, end_us, state, call, text }]; words(key): a text of journeyWords;
// revealCall(model, call): shows where that model's source makes this system call, by its kernel's name.
export function showJourney(element, data, words, revealCall) {
  const rows = (data.journey ?? []).filter(({ state }) => Object.hasOwn(BLOCKS, state)).map((row) =>
    ({ ...row, start_us: Number(row.start_us), end_us: Number(row.end_us) }));
  element.classList.add('jrn');
  if (rows.length === 0) element.replaceChildren(make('p', 'jrn-none', words('jrn_none')));
  else new Journey(element, rows, words, revealCall);
}
