// The data as build.py had it, from what it put into the page.

// A list of objects that have the same keys is there as { columns: [key, ...], objects: [[value, ...], ...] }.
export function unpacked(value) {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(unpacked);
  if (Array.isArray(value.columns) && Array.isArray(value.objects)) {
    const object = (row) => Object.fromEntries(value.columns.map((key, place) => [key, unpacked(row[place])]));
    return value.objects.map(object);
  }
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, unpacked(one)]));
}

// [kind, text, kind, text, ...] in pairs.
const pairs = (flat) => flat.filter((part, place) => place % 2 === 0).map((kind, place) => [kind, flat[2 * place + 1]]);

function wholeLine(line, n) {
  if (typeof line === 'string') return { n, text: line, tags: [] };
  const tokens = line.tokens && pairs(line.tokens);
  return {
    n,
    text: tokens ? tokens.map(([, text]) => text).join('') : line.text,
    tags: line.tags ?? [],
    ...tokens && { tokens },
    ...line.calls && { calls: line.calls },
  };
}

// The servers' sources: lines without number, tags or text get them back. null: the page has none.
export function unpackedSources(value) {
  const sources = unpacked(value);
  for (const piece of (sources?.rows ?? []).flatMap(({ cells }) => Object.values(cells).flat())) {
    piece.lines = piece.lines.map((line, place) => wholeLine(line, piece.from + place));
  }
  return sources;
}
