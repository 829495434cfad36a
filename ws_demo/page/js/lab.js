// "Break it": the experiments with the room's own connection.

import { byId } from './dom.js';
import { write } from './text.js';

export function startLab(connection) {
  byId('cut').addEventListener('click', () => connection.send({ type: 'cut' }));
  byId('bye').addEventListener('click', () => connection.send({ type: 'bye', code: Number(byId('bye-code').value) }));
  byId('offline').addEventListener('click', () => {
    if (byId('offline').dataset.goes === 'online') connection.goOnline();
    else connection.goOffline();
  });
}

export function showLab(state, hasJoined) {
  const offline = byId('offline');
  byId('cut').disabled = state !== 'OPEN';
  byId('bye').disabled = state !== 'OPEN';
  offline.disabled = !hasJoined || state === 'CLOSING';
  offline.dataset.goes = state === 'OFFLINE' ? 'online' : 'offline';
  write(offline, state === 'OFFLINE' ? 'go online' : 'go offline');
}
