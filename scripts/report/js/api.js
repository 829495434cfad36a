// How difficult the API is: what was counted in the sources.
import { cell, heading, hinted, make, scroller, table } from 'report/dom';
import { figure } from 'report/format';
import { fillSection, leftOut, missing, modelName, modelsIn } from 'report/models';
import { named, words } from 'report/words';

const IN_THE_RULE = ['cognitive']; // as api_ratio in report_views.sql

function metricCell(row, model) {
  const value = row && row.value !== '' ? figure(row.value) : null;
  if (value === null) return cell('number', model, missing(row?.detail.replace(/^n\/a:?\s*/, '')));
  return cell('number', model, hinted(make('span', 'value', value), row.detail));
}

export function showApi(section, data) {
  if (data.metrics.length === 0) {
    leftOut(section, words('api.none'));
    return;
  }
  const models = modelsIn(data, data.metrics);
  const metrics = [...new Set(data.metrics.map(({ metric }) => metric))];
  const head = [heading('', 'col', words('api.metric')),
    ...models.map((model) => heading('', 'col', modelName(model)))];
  const rows = metrics.map((metric) => {
    const first = heading('', 'row', named('metric', metric));
    first.classList.toggle('in-rule', IN_THE_RULE.includes(metric));
    return [first, ...models.map((model) =>
      metricCell(data.metrics.find((row) => row.metric === metric && row.model === model), model))];
  });
  const title = words('api.title');
  fillSection(section, title, make('p', 'lead', words('api.lead')), scroller(title, table('api', head, rows)));
}
