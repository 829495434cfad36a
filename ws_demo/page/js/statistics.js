// The server's numbers, as the clock message brings them.

import { byId, make } from './dom.js';
import { milliseconds, number, size } from './format.js';
import { write } from './text.js';

const NUMBERS = {
  connections: { label: 'connections, of all kinds', show: number },
  rooms: { label: 'rooms', show: number },
  messages_in: { label: 'messages in', show: number },
  messages_out: { label: 'messages out', show: number },
  bytes_in: { label: 'bytes in', show: size },
  bytes_out: { label: 'bytes out', show: size },
  bytes_saved: { label: 'saved by compression', show: size },
  slow_readers_dropped: { label: 'slow readers dropped', show: number },
  polls: { label: 'polls', show: number },
  loop_lag_ms: { label: 'lag of its loop', show: (ms) => `${Math.max(0, ms).toFixed(2)} ms` },
  uptime_s: { label: 'up for', show: (s) => `${number(Math.floor(s))} s` },
  round_trip_ms: { label: 'round trip', show: milliseconds },
  ahead_ms: { label: 'its clock is ahead by', show: (ms) => `${ms.toFixed(1)} ms` },
};

export function drawStatistics() {
  for (const [name, { label }] of Object.entries(NUMBERS)) {
    const title = make('dt', '');
    write(title, label);
    const value = make('dd', '', '–');
    value.id = `stat-${name}`;
    byId('statistics').append(make('div', 'figure', title, value));
  }
}

export function showStatistics(stats, clock) {
  const values = { ...stats, round_trip_ms: clock.best.roundTrip, ahead_ms: clock.ahead };
  for (const [name, { show }] of Object.entries(NUMBERS)) {
    if (Number.isFinite(values[name])) byId(`stat-${name}`).textContent = show(values[name]);
  }
}
