// The page for the back row of a class: larger text, charts as wide as the window. By a button, or by the address
// report.html#projector. Nothing remembers it.
import { byId } from 'report/dom';

const FRAGMENT = '#projector';

function setProjector(isOn) {
  document.documentElement.classList.toggle('projector', isOn);
  byId('large-text').ariaPressed = String(isOn);
}

function asAddressed() {
  if (location.hash === FRAGMENT) setProjector(true);
}

export function startProjector() {
  setProjector(false);
  byId('large-text').addEventListener('click', () =>
    setProjector(!document.documentElement.classList.contains('projector')));
  addEventListener('hashchange', asAddressed);
  asAddressed();
}
