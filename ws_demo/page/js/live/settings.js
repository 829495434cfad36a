// The sliders of the race, and its start and stop.

import { byId } from '../dom.js';
import { number } from '../format.js';
import { put, say } from './said.js';

// Each slider goes through a list: what doubles is as far apart as what doubles again.
const STEPS = {
  clients: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
  pipeline: [1, 2, 4, 8, 16, 32, 64],
  size: [1, 16, 64, 256, 1024, 4096, 16384],
};

let isRunning = false;
let isTouched = false; // by this page's director: then his settings stay

const slider = (name) => byId(`race-${name}`);
const valueOf = (name) => STEPS[name][Number(slider(name).value)];

function showValue(name) {
  const shown = number(valueOf(name));
  put(byId(`race-${name}-value`), shown);
  slider(name).ariaValueText = shown;
}

// The step that is nearest, as a factor.
function stepOf(name, value) {
  const far = (step) => Math.abs(Math.log(step / value));
  return STEPS[name].reduce((best, step, at) => (far(step) < far(STEPS[name][best]) ? at : best), 0);
}

function set(settings) {
  for (const name of Object.keys(STEPS)) {
    slider(name).value = stepOf(name, settings[name]);
    showValue(name);
  }
  byId(`race-protocol-${settings.protocol}`).checked = true;
}

// What the host says of a race.
export function showSettings({ state, settings }) {
  isRunning = state !== 'over';
  say(byId('race-go'), isRunning ? 'stop the race' : 'start the race');
  byId('race-go').dataset.goes = isRunning ? 'stop' : 'start';
  if (settings && !isTouched) set(settings);
}

const protocol = () => (byId('race-protocol-ws').checked ? 'ws' : 'echo');

export function startSettings(speak) {
  for (const name of Object.keys(STEPS)) {
    slider(name).max = STEPS[name].length - 1;
    slider(name).addEventListener('input', () => showValue(name));
  }
  set({ clients: 100, pipeline: 1, size: 64, protocol: 'echo' });
  showSettings({ state: 'over' });
  byId('race-form').addEventListener('input', () => { isTouched = true; });
  byId('race-form').addEventListener('submit', (event) => {
    event.preventDefault();
    if (isRunning) speak({ type: 'stop' });
    else speak({ type: 'race', ...Object.fromEntries(Object.keys(STEPS).map((name) => [name, valueOf(name)])), protocol: protocol() });
  });
}
