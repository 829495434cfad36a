// Wires the page together: the data, its sections, their navigation, and the language.
import { showAgainst } from 'report/against';
import { showApi } from 'report/api';
import { bringOutChart, showCharts } from 'report/charts';
import { showComparison } from 'report/comparison';
import { showConcerns } from 'report/concerns';
import { byId, link } from 'report/dom';
import { showGlance } from 'report/glance';
import { showHead } from 'report/head';
import { showMetadata } from 'report/metadata';
import { leftOut } from 'report/models';
import { addOthers, showExam, showJourney, showSources } from 'report/others';
import { unpacked, unpackedSources } from 'report/packed';
import { startProjector } from 'report/projector';
import { showRaces } from 'report/races';
import { showReliability } from 'report/reliability';
import { startTips } from 'report/tip';
import { currentLanguage, rememberLanguage, setLanguage, startWords, words } from 'report/words';

const SECTIONS = [
  ['glance', showGlance], ['races', showRaces], ['comparison', showComparison], ['charts', showCharts],
  ['reliability', showReliability],
  ['api', showApi], ['concerns', showConcerns], ['exam', showExam], ['journey', showJourney], ['sources', showSources],
  ['against', showAgainst],
];

const read = (id) => JSON.parse(byId(id).textContent);

// What a scenario's data has nothing of is an empty list.
function readData() {
  const none = { meta: {}, preface: [], notes: [], models: [], words: {}, rules: {}, comparison: [], sweep: [], races: [], pairs: [],
    charts: [], figures: [], why: [], syscalls: [], waits: [], metrics: [], concerns: [], exam: [], journey: [], reliability: [],
    against: null };
  const data = unpacked(read('data'));
  return { ...none, ...Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null)) };
}

const data = readData();
const sources = unpackedSources(read('sources-data'));

function showNavigation() {
  const links = SECTIONS.map(([id]) => byId(id)).filter((section) => !section.classList.contains('left-out'))
    .map(({ id }) => link('', `#${id}`, words(`${id}.nav`)));
  const navigation = document.querySelector('nav');
  navigation.ariaLabel = words('page.sections');
  navigation.replaceChildren(...links);
}

// Data that a section cannot show costs that section only, and the page says why.
function attempt(section, showIt) {
  try {
    showIt(section, data, sources);
  } catch (error) {
    leftOut(section, words('section.broken', { name: words(`${section.id}.nav`), why: String(error) }));
  }
}

function show() {
  document.title = words('page.title');
  document.querySelector('.skip').textContent = words('page.skip');
  byId('print').textContent = words('page.print');
  byId('large-text').textContent = words('page.projector');
  for (const one of document.querySelectorAll('[data-language]')) {
    one.ariaPressed = String(one.dataset.language === currentLanguage());
  }
  showHead(byId('head'), data);
  for (const [id, showIt] of SECTIONS) attempt(byId(id), showIt);
  showMetadata(byId('metadata'), data);
  showNavigation();
}

// A link may lead to a chart behind a tab.
function follow(hash) {
  const target = hash.length > 1 ? byId(decodeURIComponent(hash.slice(1))) : null;
  if (!target) return;
  bringOutChart(target.id);
  target.scrollIntoView();
}

function start() {
  startTips();
  startProjector();
  for (const one of document.querySelectorAll('[data-language]')) {
    one.addEventListener('click', () => {
      setLanguage(one.dataset.language);
      rememberLanguage();
      show();
    });
  }
  byId('print').addEventListener('click', () => window.print());
  addEventListener('beforeprint', () => { // paper cannot be unfolded
    byId('head').querySelector('details').open = true;
  });
  document.addEventListener('click', (event) => {
    const anchor = event.target.closest('a[href^="#"]');
    if (anchor) setTimeout(() => follow(anchor.hash));
  });
  const top = document.querySelector('.top');
  const root = document.documentElement;
  new ResizeObserver(() => root.style.setProperty('--src-top', `${top.offsetHeight}px`)).observe(top);
}

startWords(data.words);
addOthers();
show();
start();
follow(location.hash);
document.body.dataset.ready = '';
