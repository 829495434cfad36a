// The three ways side by side: numbers, and bars of one scale.

import { byId, make } from './dom.js';
import { median } from './feed.js';
import { milliseconds, number, size } from './format.js';
import { write } from './text.js';

const WAYS = ['poll', 'long', 'ws'];
const FIGURES = {
  perEvent: { label: 'bytes per event', hasBar: true, show: (n) => size(Math.round(n)) },
  delay: { label: 'delay, median', hasBar: true, show: milliseconds },
  worst: { label: 'delay, worst', hasBar: false, show: milliseconds },
  requests: { label: 'requests', hasBar: false, show: number },
  events: { label: 'events', hasBar: false, show: number },
  bytes: { label: 'bytes', hasBar: false, show: number },
};

// Without an event some figures have no value: NaN.
function figuresOf({ requests, bytes, events, delays, worst }) {
  const some = events > 0;
  return { requests, bytes, events, perEvent: some ? bytes / events : NaN, delay: some ? median(delays) : NaN,
    worst: some ? worst : NaN };
}

export function drawMeters() {
  for (const way of WAYS) {
    const figures = make('dl', 'figures');
    for (const [name, { label, hasBar }] of Object.entries(FIGURES)) {
      const title = make('dt', '');
      write(title, label);
      const figure = make('div', hasBar ? 'figure with-bar' : 'figure', title, make('dd', '', '–'));
      figure.dataset.figure = name;
      if (hasBar) figure.append(make('div', 'track', make('div', 'bar')));
      figures.append(figure);
    }
    byId(`meter-${way}`).append(figures);
  }
}

function showFigure(meter, name, value, most) {
  const { hasBar, show } = FIGURES[name];
  const figure = meter.querySelector(`[data-figure="${name}"]`);
  figure.querySelector('dd').textContent = Number.isNaN(value) ? '–' : show(value);
  if (hasBar) figure.querySelector('.bar').style.width = most > 0 ? `${(100 * (value || 0)) / most}%` : '0';
}

export function showMeters(tallies) {
  const all = WAYS.map((way) => figuresOf(tallies[way]));
  WAYS.forEach((way, i) => {
    const meter = byId(`meter-${way}`);
    for (const name of Object.keys(FIGURES)) {
      showFigure(meter, name, all[i][name], Math.max(...all.map((figures) => figures[name] || 0)));
    }
    const { requests, bytes, events, delay } = all[i];
    Object.assign(meter.dataset, { requests, bytes, events, delay: Number.isNaN(delay) ? '' : delay.toFixed(1) });
  });
}
