// A chart's figures as a file for a spreadsheet: RFC 4180.

const COLUMNS = ['chart', 'protocol', 'model', 'clients', 'figure', 'value', 'least', 'greatest'];

function field(value) {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

// rows: of data.figures, whose order is that of COLUMNS. What was not measured is an empty field.
export function csvOf(rows) {
  return [COLUMNS, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

export function download(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
