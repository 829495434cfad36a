// Estimates the server's clock: its offset to performance.now(). As in NTP: ask the server for the time, assume that it
// answered in the middle between sending and receiving, and trust the quickest of the last answers. No DOM.

const SAMPLES_MAX = 8;
const FIRST_ASKED = 5; // these quickly one after the other, the later ones less often
const FIRST_MS = 200;
const LATER_MS = 15000;

export class Clock {
  constructor() {
    this.best = { offset: performance.timeOrigin, roundTrip: Infinity }; // unmeasured: as if on the same machine
    this.samples = [];
    this.timer = 0;
  }

  // Used until the first answer: too early by the time that the message took from the server to the page.
  start(serverTime, send) {
    this.stop();
    this.samples = [];
    this.best = { offset: serverTime - performance.now(), roundTrip: Infinity };
    let asked = 0;
    const ask = () => {
      send({ type: 'time', t: performance.now() });
      asked++;
      this.timer = setTimeout(ask, asked < FIRST_ASKED ? FIRST_MS : LATER_MS);
    };
    ask();
  }

  stop() {
    clearTimeout(this.timer);
  }

  answered({ t, at }) {
    const received = performance.now();
    this.samples.push({ offset: at - (t + received) / 2, roundTrip: received - t });
    this.samples = this.samples.slice(-SAMPLES_MAX);
    this.best = this.samples.reduce((best, sample) => (sample.roundTrip < best.roundTrip ? sample : best));
  }

  // Milliseconds from a moment of the server's clock until now.
  since(at) {
    return Math.max(0, performance.now() + this.best.offset - at);
  }

  // How far the server's clock is ahead of this machine's.
  get ahead() {
    return this.best.offset - performance.timeOrigin;
  }
}
