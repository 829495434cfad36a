// Sec-WebSocket-Accept, RFC 6455 section 4.2.2: Base64(SHA-1(key + GUID)), one step after the other.

import { byId } from './dom.js';
import { bytesOf, hex } from './format.js';
import { write } from './text.js';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

function headerOf(head, name) {
  return new RegExp(`^${name}:[ \t]*(\\S+)`, 'im').exec(head)?.[1] ?? '';
}

function verdict(ok, english) {
  byId('accept-check').dataset.ok = ok;
  write(byId('accept-check'), english);
}

export async function showAccept(request, response) {
  const key = headerOf(request, 'Sec-WebSocket-Key');
  const given = headerOf(response, 'Sec-WebSocket-Accept');
  byId('accept-key').textContent = key;
  byId('accept-joined').textContent = key + GUID;
  byId('accept-server').textContent = given;
  if (!isSecureContext) {
    verdict('unknown', '? Not worked out here: browsers offer SHA-1 to pages from https or localhost only.');
    return;
  }
  const sha1 = new Uint8Array(await crypto.subtle.digest('SHA-1', bytesOf(key + GUID)));
  const base64 = btoa(String.fromCharCode(...sha1));
  byId('accept-sha1').textContent = hex(sha1);
  byId('accept-base64').textContent = base64;
  if (base64 === given) verdict('true', '✓ The same: this server has read this handshake.');
  else verdict('false', '✗ Not the same: a browser would refuse this answer.');
}
