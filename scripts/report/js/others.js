// Sections that bring a module of their own, which may not be in the page: the exam, the journey and the sources.
import { make } from 'report/dom';
import { fillSection, leftOut } from 'report/models';
import { addWords, words } from 'report/words';

const modules = {}; // name -> { module } or { why }

const inPage = () => JSON.parse(document.getElementById('modules').textContent).imports;

async function load(name) {
  if (!Object.hasOwn(inPage(), `report/${name}`)) return { why: null };
  try {
    const module = await import(`report/${name}`);
    addWords(module[`${name}Words`] ?? {});
    return { module };
  } catch (error) {
    return { why: String(error) };
  }
}

export async function loadOthers() {
  for (const name of ['exam', 'journey', 'sources']) modules[name] = await load(name);
}

// Shows the section, or one line that says what is missing and why. draw(module, element)
function show(name, section, isThere, draw) {
  const { module, why } = modules[name];
  const title = words(`${name}.title`);
  if (!isThere) leftOut(section, words(`${name}.none`));
  else if (!module) leftOut(section, words(why ? 'module.broken' : 'module.none', { title, name, why }));
  else {
    const element = make('div', '');
    fillSection(section, title, element);
    draw(module, element);
    if (element.querySelector('h2')) section.querySelector('h2').remove(); // it has a heading of its own
  }
}

export function showExam(section, data) {
  show('exam', section, data.exam.length > 0, (module, element) => module.showExam(element, data, words));
}

export function showJourney(section, data, sources) {
  const reveal = sources ? modules.sources.module?.revealCall : undefined;
  show('journey', section, data.journey.length > 0, (module, element) =>
    module.showJourney(element, data, words, reveal));
}

export function showSources(section, data, sources) {
  show('sources', section, sources !== null, (module, element) => module.showSources(element, sources, data, words));
}
