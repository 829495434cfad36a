// Finds out why there is no WebSocket. A browser tells a page only close code 1006. So the page asks for the same
// address with GET, names its origin in the query, and shows the server's answer.

import { byId } from './dom.js';
import { write } from './text.js';

const UPGRADE_REQUIRED = 426; // the answer to GET if the WebSocket would have been allowed
const REASONS = {
  403: 'The server does not let pages of {origin} connect. Start it with `--allow-origin {origin}`, or let the proxy before it pass Host on as it is.',
  421: 'The server does not answer to the name {name}. Start it with `--allow-host {name}`, or use its address.',
  [UPGRADE_REQUIRED]: 'The server answers, and would let this page connect, but the request for a WebSocket does not reach it as one: the proxy before it must pass Upgrade and Connection on.',
};
const OTHER = 'The server refused the WebSocket with status {status}.';
const NO_ANSWER = 'The server does not answer at all: it is not running, or it cannot be reached from here.';

let asked = 0;

async function ask(path) {
  try {
    const answer = await fetch(`${path}&origin=${encodeURIComponent(location.origin)}`, { cache: 'no-store' });
    return { status: answer.status, words: (await answer.text()).trim() };
  } catch {
    return { status: 0, words: '' };
  }
}

export function hideRefusal() {
  asked++;
  byId('refused').hidden = true;
}

// Attempt number `attempt` to open a WebSocket at this path has failed. `more`: what other statuses mean here.
export async function explainRefusal(path, attempt, more = {}) {
  const question = ++asked;
  const { status, words } = await ask(path);
  if (question !== asked) return; // connected meanwhile, or asked again
  if (status === UPGRADE_REQUIRED && attempt === 1) return; // the server may just have come back
  const values = { origin: location.origin, name: location.hostname, status };
  write(byId('refused-why'), status === 0 ? NO_ANSWER : more[status] ?? REASONS[status] ?? OTHER, values);
  byId('refused-words').textContent = words;
  byId('refused-answer').hidden = words === '';
  byId('refused').hidden = false;
}
