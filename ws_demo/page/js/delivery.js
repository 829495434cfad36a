// Delivers each message of a room exactly once, over a connection that may break at any moment.
// Out: messages wait in the outbox. The first one is sent, again with the same id after each reconnect, until it comes
// back; then the next one is sent: so their order stays the same, too. The server sends an id only to clients with our
// key: a message with an id is our own.
// In: a page that reconnects says which message it saw last (epoch, after); a message that was shown before is dropped.
// No DOM: reports events to `on`, an object with
//   pending(id, text)  message(message, wasKept, isOwn)  refused(id, why, detail, textMax)  resumed(what)  lost(count)

import { bytesOf, wellFormed } from './format.js';

const AGAIN_MS = 1000; // refused for now: sent again after this
const FOR_NOW = ['rate', 'busy', 'away']; // too fast; Redis is slow, or does not answer
const OUTBOX_MAX = 100;

export class Delivery {
  #send; // function
  #on;
  #token = Array.from(crypto.getRandomValues(new Uint32Array(3)), (n) => n.toString(36)).join('');
  #count = 0;
  textMax = 4096; // bytes of UTF-8; hello says it
  #keptUntil = 0; // up to this seq messages come from the history, after it they are live
  #isGreeted = false; // hello has come: the outbox may be sent
  #onItsWay = null; // id
  #againTimer = 0;

  constructor(send, on) {
    this.#send = send;
    this.#on = on;
    this.forget();
  }

  // Another room. Returns how many unacknowledged messages are given up.
  forget() {
    const givenUp = this.outbox?.size ?? 0;
    this.outbox = new Map(); // id -> text
    this.epoch = null;
    this.last = 0; // the newest seq of this epoch
    this.disconnected();
    return givenUp;
  }

  disconnected() {
    clearTimeout(this.#againTimer);
    this.#againTimer = 0;
    this.#onItsWay = null;
    this.#isGreeted = false;
  }

  // Returns false when the outbox is full.
  say(words) {
    if (this.outbox.size === OUTBOX_MAX) return false;
    const id = `${this.#token}-${++this.#count}`;
    const text = wellFormed(words);
    this.#on.pending(id, text);
    if (bytesOf(text).length > this.textMax) {
      this.#on.refused(id, 'too_long', '', this.textMax); // for a much longer one the server would close with code 1009
      return true;
    }
    this.outbox.set(id, text);
    this.#sendNext();
    return true;
  }

  hello(hello) {
    const isFirst = this.epoch === null;
    const isNewServer = !isFirst && hello.epoch !== this.epoch && this.last > 0;
    if (hello.epoch !== this.epoch) this.last = 0;
    const kept = hello.last - this.last - hello.lost;
    this.epoch = hello.epoch;
    this.textMax = hello.limits.text_max;
    this.#keptUntil = hello.last;
    this.#isGreeted = true;
    this.#on.resumed({ isFirst, isNewServer, lost: hello.lost, kept });
    this.#sendNext();
  }

  message(message) {
    const wasShown = message.seq <= this.last && !this.outbox.has(message.id);
    this.last = Math.max(this.last, message.seq);
    const isOwn = this.#settle(message.id);
    if (wasShown) return;
    this.#on.message(message, message.seq <= this.#keptUntil, isOwn);
  }

  refused({ id, why, detail }) {
    if (FOR_NOW.includes(why)) {
      this.#againTimer = setTimeout(() => this.#sayAgain(), AGAIN_MS);
      return;
    }
    this.#settle(id);
    this.#on.refused(id, why, detail, this.textMax);
  }

  // Redis answers again: what was refused need not wait any longer.
  storeIsBack() {
    if (this.#againTimer) this.#sayAgain();
  }

  #sayAgain() {
    clearTimeout(this.#againTimer);
    this.#againTimer = 0;
    this.#onItsWay = null;
    this.#sendNext();
  }

  // The server deleted messages from the history before it could send them to us; one of them may have been our own.
  lost({ count }) {
    this.#onItsWay = null;
    this.#on.lost(count);
    this.#sendNext();
  }

  // Returns whether it was in the outbox.
  #settle(id) {
    const wasWaiting = this.outbox.delete(id);
    if (id === this.#onItsWay) this.#onItsWay = null;
    this.#sendNext();
    return wasWaiting;
  }

  #sendNext() {
    const [first] = this.outbox;
    if (!first || !this.#isGreeted || this.#onItsWay !== null) return;
    const [id, text] = first;
    this.#onItsWay = id;
    this.#send({ type: 'say', id, text });
  }
}
