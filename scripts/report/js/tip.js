// One tooltip for the page. Whatever has the class `hover` and data-tip shows it: under the pointer, when focused, and
// when touched. Escape, or anything else that is pointed at, takes it away.
import { byId } from 'report/dom';

const GAP = 10;
const REACH = 24; // a finger is thick: how far from it a mark in a chart may be

let shownFor = null;

function place(tip, box) {
  const { offsetWidth: width, offsetHeight: height } = tip;
  const middle = box.left + box.width / 2 - width / 2;
  const left = Math.max(4, Math.min(middle, document.documentElement.clientWidth - width - 4));
  const above = box.top - height - GAP;
  tip.style.left = `${left}px`;
  tip.style.top = `${above >= 4 ? above : Math.min(box.bottom + GAP, window.innerHeight - height - 4)}px`;
}

export function showTip(element) {
  const tip = byId('tip');
  shownFor = element;
  (document.fullscreenElement ?? document.body).append(tip); // nothing else is shown beside what fills the screen
  tip.textContent = element.dataset.tip;
  tip.hidden = false;
  place(tip, element.getBoundingClientRect());
}

export function hideTip() {
  shownFor = null;
  byId('tip').hidden = true;
}

const hoverAt = (event) => event.target.closest?.('.hover[data-tip]') ?? null;

function distance(element, x, y) {
  const box = element.getBoundingClientRect();
  return Math.hypot(box.left + box.width / 2 - x, box.top + box.height / 2 - y);
}

// The mark of a chart that is nearest to a touch, if one is near.
function nearest(event) {
  const marks = [...event.target.closest?.('svg[data-chart]')?.querySelectorAll('.hover[data-tip]') ?? []];
  const [best] = marks.map((mark) => ({ mark, far: distance(mark, event.clientX, event.clientY) }))
    .sort((a, b) => a.far - b.far);
  return best && best.far <= REACH ? best.mark : null;
}

function onPress(event) {
  const element = hoverAt(event) ?? (event.pointerType === 'touch' ? nearest(event) : null);
  if (element) showTip(element);
  else hideTip();
}

function onLeave(event) {
  if (shownFor && event.pointerType !== 'touch' && hoverAt(event) === shownFor && document.activeElement !== shownFor) {
    hideTip();
  }
}

export function startTips() {
  document.addEventListener('pointerover', (event) => {
    if (event.pointerType !== 'touch' && hoverAt(event)) showTip(hoverAt(event));
  });
  document.addEventListener('pointerout', onLeave);
  document.addEventListener('pointerup', onPress);
  document.addEventListener('focusin', (event) => (hoverAt(event) ? showTip(hoverAt(event)) : hideTip()));
  document.addEventListener('focusout', hideTip);
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') hideTip();
  });
  addEventListener('scroll', () => { // focus by keyboard scrolls, too
    if (shownFor) place(byId('tip'), shownFor.getBoundingClientRect());
  }, { passive: true, capture: true });
}
