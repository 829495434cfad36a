// The three ways side by side: numbers, and bars of one scale.

import { byId, make } from './dom.js';
import { median } from './feed.js';
import { milliseconds, number, size } from './format.js';
import { write } from './text.js';

const WAYS = ['poll', 'long', 'ws'];
const FIGURES = {
  perEvent: { label: 'bytes per event', hasBar: true, show: (n) => size(Math.round(n)) },
  perPlain: { label: 'uncompressed', hasBar: true, show: (n) => size(Math.round(n)) },
  delay: { label: 'delay, median', hasBar: true, show: milliseconds },
  worst: { label: 'delay, worst', hasBar: false, show: milliseconds },
  events: { label: 'events', hasBar: false, show: number },
  beginBytes: { label: 'bytes to begin', hasBar: false, show: size },
  bytes: { label: 'bytes in all', hasBar: false, show: size },
  requests: { label: 'requests', hasBar: false, show: number },
};

// Without an event some figures have no value: NaN.
function figuresOf({ requests, bytes, beginBytes, plainBytes, counted, events, delays, worst }) {
  const some = events > 0;
  return { requests, bytes, events, beginBytes: requests > 0 ? beginBytes : NaN,
    perEvent: counted > 0 ? (bytes - beginBytes) / counted : NaN, perPlain: some ? plainBytes / events : NaN, delay: some ? median(delays) : NaN, worst: some ? worst : NaN };
}

export function drawMeters() {
  for (const way of WAYS) {
    const figures = make('dl', 'figures');
    for (const [name, { label, hasBar }] of Object.entries(FIGURES)) {
      const title = make('dt', '');
      write(title, label);
      const value = make('dd', '', make('span', 'number', '–'));
      if (hasBar) value.append(make('div', 'track', make('div', 'bar')));
      const figure = make('div', hasBar ? 'figure with-bar' : 'figure', title, value);
      figure.dataset.figure = name;
      figures.append(figure);
    }
    byId(`meter-${way}`).append(figures);
  }
}

function showFigure(meter, name, value, most) {
  const { hasBar, show } = FIGURES[name];
  const figure = meter.querySelector(`[data-figure="${name}"]`);
  figure.querySelector('.number').textContent = Number.isNaN(value) ? '–' : show(value);
  // By transform, which moves no other element: a width that changes in each picture of its transition would have the
  // whole page laid out again each time.
  if (hasBar) figure.querySelector('.bar').style.transform = `scaleX(${most > 0 ? (value || 0) / most : 0})`;
}

export function showMeters(tallies) {
  const all = WAYS.map((way) => figuresOf(tallies[way]));
  WAYS.forEach((way, i) => {
    const meter = byId(`meter-${way}`);
    for (const name of Object.keys(FIGURES)) {
      showFigure(meter, name, all[i][name], Math.max(...all.map((figures) => figures[name] || 0)));
    }
    const { requests, bytes, beginBytes, events, perEvent, perPlain, delay } = all[i];
    Object.assign(meter.dataset, { requests, bytes, beginBytes, events, perEvent, perPlain, delay: Number.isNaN(delay) ? '' : delay.toFixed(1) });
  });
}
