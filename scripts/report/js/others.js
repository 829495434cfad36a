// Sections that bring words of their own: the exam, the journey and the sources.
import { make } from 'report/dom';
import * as exam from 'report/exam';
import * as journey from 'report/journey';
import { fillSection, leftOut } from 'report/models';
import * as sources from 'report/sources';
import { addWords, words } from 'report/words';

export function addOthers() {
  addWords(exam.examWords);
  addWords(journey.journeyWords);
  addWords(sources.sourcesWords);
}

// Shows the section, or one line that says what is missing. draw(element)
function show(name, section, isThere, draw) {
  if (!isThere) {
    leftOut(section, words(`${name}.none`));
    return;
  }
  const element = make('div', '');
  fillSection(section, words(`${name}.title`), element);
  draw(element);
  if (element.querySelector('h2')) section.querySelector('h2').remove(); // it has a heading of its own
}

export function showExam(section, data) {
  show('exam', section, data.exam.length > 0, (element) => exam.showExam(element, data, words));
}

export function showJourney(section, data, code) {
  const reveal = code ? sources.revealCall : undefined;
  show('journey', section, data.journey.length > 0, (element) => journey.showJourney(element, data, words, reveal));
}

export function showSources(section, data, code) {
  show('sources', section, code !== null, (element) => sources.showSources(element, code, data, words));
}
