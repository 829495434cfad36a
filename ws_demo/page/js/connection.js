// One WebSocket that reconnects by itself. Back-off with full jitter: before attempt n the page waits a random time
// between 0 and BACKOFF_MS[n]; otherwise 10,000 pages would all return to a restarted server in the same moment.
// No DOM: reports events to `on`, an object with
//   socket(socket)  state(state, wait)  received(message)  sent(text)

const BACKOFF_MS = [500, 1000, 2000, 4000, 8000];
const SLOW = { factor: 8, least: 0.5 }; // slow motion: so many times as long, and at least this part of it
const CONNECT_MS = 10000; // until the first message; a handshake that takes longer is given up
const SILENCE_MS = 10000; // a room's server sends something every second: after this silence the page takes it for gone
const STABLE_MS = 3000; // open for this long: the next back-off begins with BACKOFF_MS[0] again

// `path` is relative to the page, which a proxy may have put below a prefix.
export const socketAddress = (path) => new URL(path, document.baseURI).href.replace('http', 'ws');

export class Connection {
  #address; // function, asked before each attempt: it says where to resume
  #on;
  #silenceMs;
  #socket = null;
  #timers = {};
  #attempt = 0;
  #wanted = false; // the page is to be connected
  slowMotion = false; // from the next back-off on
  state = 'CLOSED';

  constructor(address, on, silenceMs = SILENCE_MS) {
    this.#address = address;
    this.#on = on;
    this.#silenceMs = silenceMs;
  }

  // Connects; if there is a connection already, closes it and connects to the new address.
  open() {
    this.#wanted = true;
    this.#attempt = 0;
    this.#socket?.close(1000, 'joins again');
    this.#connect();
  }

  goOffline() {
    this.#wanted = false;
    if (this.#socket) this.#hangUp('goes offline');
    else this.#closed();
  }

  goOnline() {
    this.#wanted = true;
    this.#attempt = 0;
    if (this.state === 'OFFLINE') this.#connect();
  }

  connectNow() {
    if (this.state === 'WAITING') this.#connect();
  }

  // Without a connection nothing is sent.
  send(message) {
    if (this.state !== 'OPEN') return;
    const text = JSON.stringify(message);
    this.#socket.send(text);
    this.#on.sent(text);
  }

  #connect() {
    this.#clearTimers();
    const socket = new WebSocket(this.#address());
    const unlessReplaced = (handle) => (event) => {
      if (socket === this.#socket) handle(event);
    };
    this.#socket = socket;
    this.#on.socket(socket);
    this.#enter('CONNECTING');
    this.#timer('guard', CONNECT_MS, () => this.#hangUp('takes too long'));
    socket.addEventListener('open', unlessReplaced(() => {
      this.#timer('stable', STABLE_MS, () => { this.#attempt = 0; });
      this.#enter('OPEN');
    }));
    socket.addEventListener('message', unlessReplaced(({ data }) => {
      this.#timer('guard', this.#silenceMs, () => this.#hangUp('server is silent'));
      this.#on.received(JSON.parse(data));
    }));
    socket.addEventListener('close', unlessReplaced(() => this.#closed()));
  }

  #hangUp(why) {
    this.#clearTimers();
    this.#enter('CLOSING');
    this.#socket.close(1000, why);
  }

  #closed() {
    const wasOpen = this.state === 'OPEN' || this.state === 'CLOSING';
    this.#clearTimers();
    this.#socket = null;
    this.#enter('CLOSED');
    if (!this.#wanted) {
      this.#enter('OFFLINE');
      return;
    }
    const { factor, least: part } = this.slowMotion ? SLOW : { factor: 1, least: 0 };
    const most = factor * BACKOFF_MS[Math.min(this.#attempt, BACKOFF_MS.length - 1)];
    const least = part * most;
    const delay = least + Math.random() * (most - least);
    this.#attempt++;
    this.#timer('wait', delay, () => this.#connect());
    this.#enter('WAITING', { delay, least, most, attempt: this.#attempt, wasOpen });
  }

  #enter(state, wait = null) {
    this.state = state;
    this.#on.state(state, wait);
  }

  #timer(name, ms, action) {
    clearTimeout(this.#timers[name]);
    this.#timers[name] = setTimeout(action, ms);
  }

  #clearTimers() {
    for (const name of Object.keys(this.#timers)) clearTimeout(this.#timers[name]);
  }
}
