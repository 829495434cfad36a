// All that the run knows of its machine and build.
import { cell, heading, make, table } from 'report/dom';
import { words } from 'report/words';

export function showMetadata(element, data) {
  const rows = Object.entries(data.meta).map(([key, value]) =>
    [heading('', 'row', key), cell('', words('metadata.value'), value ?? words('na'))]);
  const head = [heading('', 'col', words('metadata.key')), heading('', 'col', words('metadata.value'))];
  const details = make('details', '', make('summary', '', words('metadata.title')), table('metadata', head, rows));
  details.open = element.querySelector('details')?.open ?? false;
  element.replaceChildren(details);
}
