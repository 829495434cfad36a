// What bad neighbours and pressure do to the models, and to their naive twins.
import { button, cell, heading, hinted, make, scroller, table } from 'report/dom';
import { fillSection, leftOut, missing, modelName, modelsIn } from 'report/models';
import { currentLanguage, hasWords, named, titlesInChinese, words } from 'report/words';

let protocolShown = null;

// The data's cells are English; these are the forms that are not only figures.
const FORMS = [
  ['us', /^(\S+) us$/],
  ['dies', /^dies, status (.+)$/],
  ['fail', /^(\S+) of (\S+) fail$/],
  ['back', /^back in (\S+) ms$/],
  ['served', /^(\S+) of (\S+), (\S+)% CPU$/],
];

export function cellText(text) {
  for (const [key, pattern] of FORMS) {
    const found = pattern.exec(text);
    if (found) return words(`cell.${key}`, found.slice(1));
  }
  return hasWords(`cell.${text}`) ? words(`cell.${text}`) : text;
}

const titleIn = ({ title }) => (currentLanguage() === 'zh' ? titlesInChinese[title] : null) ?? title;

// A cell with what was felt, and marked if it must not be. What is not a figure of harm may still spin.
function outcome(row, label) {
  if (!row) return cell('', label, missing(words('reliability.na')));
  const hasHarm = row.harm !== null;
  const also = hasHarm && row.harm !== row.cell ? ` ${cellText(row.harm)}` : '';
  const sign = hasHarm ? make('span', 'bad', `✗${also} `) : null;
  if (sign) sign.title = words('reliability.harm');
  const value = make('span', 'value', cellText(row.cell));
  const isBack = !row.back || /^\d/.test(row.back) || row.back === '-';
  if (row.back && row.back !== '-') hinted(value, words('reliability.after', { what: cellText(row.back) }));
  const left = isBack ? null : make('span', 'what bad', words('reliability.after', { what: cellText(row.back) }));
  return cell(hasHarm || left ? 'harm' : '', label, sign, value, left);
}

function serverTable(data, rows) {
  const models = modelsIn(data, rows);
  const workloads = new Map(rows.map((row) => [row.workload, row]));
  const head = [heading('', 'col', words('reliability.under')),
    ...models.map((model) => heading('', 'col', modelName(model)))];
  const found = (workload, model) => rows.find((row) => row.workload === workload && row.model === model);
  return table('reliability', head, [...workloads.values()].map((one) =>
    [heading('', 'row', titleIn(one)), ...models.map((model) => outcome(found(one.workload, model), model))]));
}

function twinTable(rows, twins) {
  const head = ['reliability.twin', 'reliability.under', 'reliability.twin.does', 'reliability.twin.of',
    'reliability.twin.of.does'].map((key) => heading('', 'col', words(key)));
  return table('twins as-cards', head, twins.map((twin) => {
    const server = rows.find((row) => row.workload === twin.workload && row.model === twin.twin_of);
    return [heading('row', 'row', make('code', '', twin.model)), cell('', words('reliability.under'), titleIn(twin)),
      outcome({ ...twin, back: null }, words('reliability.twin.does')),
      cell('', words('reliability.twin.of'), modelName(twin.twin_of)),
      outcome(server ? { ...server, back: null } : null, words('reliability.twin.of.does'))];
  }));
}

// Most runs have no twins at all, and then say nothing of them.
function twinPart(data, servers, twins) {
  if (data.reliability.every((row) => row.twin_of === null)) return [];
  const title = words('reliability.twins');
  const isThere = twins.length > 0;
  return [make('h3', '', title), make('p', '', words(isThere ? 'reliability.twins.lead' : 'reliability.twins.none')),
    isThere && scroller(title, twinTable(servers, twins))];
}

function protocolTabs(section, data, protocols) {
  return make('div', 'tabs always', ...protocols.map((protocol) => {
    const tab = button('tab', named('protocol', protocol), () => {
      protocolShown = protocol;
      showReliability(section, data);
      section.querySelector(`.tabs [data-protocol="${protocol}"]`).focus();
    });
    tab.dataset.protocol = protocol;
    tab.ariaPressed = String(protocol === protocolShown);
    return tab;
  }));
}

export function showReliability(section, data) {
  if (data.reliability.length === 0) {
    leftOut(section, words('reliability.none'));
    return;
  }
  const protocols = [...new Set(data.reliability.map((row) => row.protocol))];
  if (!protocols.includes(protocolShown)) [protocolShown] = protocols;
  const rows = data.reliability.filter(({ protocol }) => protocol === protocolShown);
  const servers = rows.filter(({ twin_of: twinOf }) => twinOf === null);
  const twins = rows.filter(({ twin_of: twinOf }) => twinOf !== null);
  const title = words('reliability.title');
  fillSection(section, title, make('p', 'lead', words('reliability.lead')),
    protocols.length > 1 && protocolTabs(section, data, protocols), scroller(title, serverTable(data, servers)),
    ...twinPart(data, servers, twins));
}
