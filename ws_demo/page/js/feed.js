// Three ways to receive the same events: polling, long polling, and a WebSocket; and what each of them costs. No DOM.

import { socketAddress } from './connection.js';
import { bytesOf } from './format.js';
import { headerBytes, OPCODE_TEXT } from './frames.js';

const RETRY_MS = 1000;
const DELAYS_MAX = 200; // the median is that of the last 200 delays

// beginBytes: part of bytes, before the first event can come; again for each new WebSocket. plainBytes: what the events
// take, or would take without compression; counted: events that are in `bytes` already. What a compressed frame took on
// the wire the server says in the next one.
const newTally = () => ({ requests: 0, bytes: 0, beginBytes: 0, plainBytes: 0, counted: 0, events: 0, delays: [], worst: 0 });

const frameSize = (data) => {
  const payload = bytesOf(data).length;
  return headerBytes(OPCODE_TEXT, payload, false).length + payload;
};

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

// Resolves after some time, or immediately when `signal` aborts.
function sleep(ms, signal) {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal.addEventListener('abort', wake);
    if (signal.aborted) wake();
  });
}

export class Feed {
  #clock;
  #on; // changed(tallies), socket(socket)
  #stop = null; // an AbortController while it runs

  constructor(clock, on) {
    this.#clock = clock;
    this.#on = on;
  }

  get isRunning() {
    return this.#stop !== null;
  }

  // interval: function that returns the milliseconds between two polls
  start(interval) {
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const tallies = { poll: newTally(), long: newTally(), ws: newTally() };
    const run = { signal, changed: () => { if (!signal.aborted) this.#on.changed(tallies); } };
    run.changed();
    this.#ask(run, tallies.poll, 'feed/poll', interval);
    this.#ask(run, tallies.long, 'feed/long-poll', () => 0);
    this.#listen(run, tallies.ws);
  }

  stop() {
    this.#stop.abort();
    this.#stop = null;
  }

  #count(tally, at) {
    const delay = this.#clock.since(at);
    tally.events++;
    tally.worst = Math.max(tally.worst, delay);
    tally.delays.push(delay);
    if (tally.delays.length > DELAYS_MAX) tally.delays.shift();
  }

  // One request after the other. The first one only asks for the number of the last event.
  async #ask({ signal, changed }, tally, path, interval) {
    let last = -1;
    while (!signal.aborted) {
      try {
        const response = await fetch(last < 0 ? 'feed/poll?after=-1' : `${path}?after=${last}`, { signal });
        const answer = await response.json();
        const [bytesIn, bytesOut] = response.headers.get('Wire-Bytes').match(/\d+/g);
        tally.requests++;
        tally.bytes += Number(bytesIn) + Number(bytesOut);
        if (last < 0) tally.beginBytes = tally.bytes;
        tally.plainBytes = tally.bytes - tally.beginBytes;
        tally.counted += answer.events.length;
        answer.events.forEach((event) => this.#count(tally, event.at));
        last = answer.last;
        changed();
        if (interval() > 0) await sleep(interval(), signal);
      } catch {
        await sleep(RETRY_MS, signal); // the server is gone, or full; or stop() was called
      }
    }
  }

  #listen({ signal, changed }, tally) {
    if (signal.aborted) return;
    const socket = new WebSocket(socketAddress('feed'));
    const close = () => socket.close(1000, 'stopped');
    const isDeflated = () => /\bpermessage-deflate\b/.test(socket.extensions);
    let isNext = false; // the message before was the handshake's
    const add = (bytes, isHandshake) => {
      tally.bytes += bytes;
      if (isHandshake) tally.beginBytes += bytes;
      else tally.counted++;
    };
    this.#on.socket(socket);
    signal.addEventListener('abort', close);
    socket.addEventListener('message', ({ data }) => {
      if (signal.aborted) return;
      const message = JSON.parse(data);
      const frame = frameSize(data.replace(/,\s*"wire":\s*\d+/, ''));
      const isFirst = message.type === 'handshake';
      if (isFirst) {
        tally.requests++;
        tally.bytes += message.in + message.out;
        tally.beginBytes += message.in + message.out;
      } else {
        tally.plainBytes += frame;
        this.#count(tally, message.at);
      }
      if (!isDeflated()) add(frame, isFirst);
      else if (!isFirst) add(message.wire, isNext);
      isNext = isFirst;
      changed();
    });
    socket.addEventListener('close', async () => {
      signal.removeEventListener('abort', close);
      await sleep(RETRY_MS, signal);
      this.#listen({ signal, changed }, tally);
    });
  }
}
