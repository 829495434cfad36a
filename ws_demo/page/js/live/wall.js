// The wall: one lane beside the other. Lanes are made once, and reused for other servers.

import { byId } from '../dom.js';
import { Lane } from './lane.js';
import { say } from './said.js';

const lanes = [];
let on = [];
let last = null;

export function showWall(wall) {
  last = wall;
  byId('wall').dataset.lanes = wall.lanes.length;
  while (lanes.length < wall.lanes.length) {
    lanes.push(new Lane());
    byId('lanes').append(lanes.at(-1).element);
  }
  lanes.forEach((lane, at) => {
    lane.element.hidden = at >= wall.lanes.length;
    if (at >= wall.lanes.length) return;
    lane.show(wall.lanes[at]);
    lane.showOn(on.filter(({ lane: id }) => id === 'all' || id === wall.lanes[at].id).map(({ act }) => act));
  });
  say(byId('client-rate'), 'each client asks {rate} times a second', { rate: wall.client_rate });
  byId('wall').dataset.at = wall.at_s;
  byId('wall-empty').hidden = wall.lanes.length > 0;
}

// What the director has switched on: [{ act, lane }].
export function showOn(acts) {
  on = acts;
  if (last) showWall(last);
}

// The language has changed: so have the pages that the sentences link to.
export function redrawWall() {
  if (last) showWall(last);
}
