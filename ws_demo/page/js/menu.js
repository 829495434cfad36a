// The links to the sections, on a screen too narrow for them: behind a button.

import { byId } from './dom.js';

export function startMenu() {
  const button = byId('menu');
  const links = byId('sections');
  const open = (isOpen) => {
    button.ariaExpanded = isOpen;
    links.classList.toggle('open', isOpen);
  };
  button.addEventListener('click', () => open(button.ariaExpanded !== 'true'));
  links.addEventListener('click', () => open(false));
  document.addEventListener('click', ({ target }) => {
    if (!links.contains(target) && !button.contains(target)) open(false);
  });
  document.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape' || button.ariaExpanded !== 'true') return;
    open(false);
    button.focus();
  });
}
