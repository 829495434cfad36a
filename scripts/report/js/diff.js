// What two sources have in common, token by token. No document needed.

// longest[i][j]: how many of a[i..] and b[j..] are the same, in order.
function commonLengths(a, b) {
  const longest = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i][j] = a[i] === b[j] ? longest[i + 1][j + 1] + 1 : Math.max(longest[i + 1][j], longest[i][j + 1]);
    }
  }
  return longest;
}

// Pairs of places at which two lists of texts have the same, in order: as many as there can be.
export function matched(a, b) {
  const longest = commonLengths(a, b);
  const pairs = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if (longest[i + 1][j] >= longest[i][j + 1]) i++;
    else j++;
  }
  return pairs;
}

// A line { text, tokens? } as [kind, text] units: a word, a sign, or white space. tokens: [kind, text] of its colours.
export const unitsOf = ({ text, tokens }) => (tokens ?? [['', text]]).flatMap(([kind, part]) =>
  (part.match(/\s+|\w+|->|./gu) ?? []).map((unit) => [kind, unit]));

// A comment is prose, and white space is layout: neither is compared.
export const isCode = ([kind, text]) => kind !== 'c' && text.trim() !== '';

// The tokens of some lines: { text, line, place }, place among the units of its line.
const codeOf = (lines, first, end) => lines.slice(first, end).flatMap((units, line) => units.flatMap((unit, place) =>
  (isCode(unit) ? [{ text: unit[1], line: first + line, place }] : [])));

// Two sources, each a list of lines of units. For each of both: for each unit of each line, is it missing in the other?
// Lines that are equal are matched first, so that a token is looked for only near its line.
export function differing(left, right) {
  const sides = [left, right];
  const marks = sides.map((lines) => lines.map((units) => units.map(isCode)));
  const keys = sides.map((lines) => lines.map((units) => units.filter(isCode).map(([, text]) => text).join(' ')));
  const places = keys.map((texts) => texts.flatMap((text, place) => (text === '' ? [] : [place])));
  const equal = matched(...places.map((some, side) => some.map((place) => keys[side][place])))
    .map((pair) => pair.map((at, side) => places[side][at]));
  const begin = [0, 0];
  for (const end of [...equal, [left.length, right.length]]) {
    const between = sides.map((lines, side) => codeOf(lines, begin[side], end[side]));
    for (const pair of matched(...between.map((some) => some.map(({ text }) => text)))) {
      pair.forEach((at, side) => {
        const { line, place } = between[side][at];
        marks[side][line][place] = false;
      });
    }
    end.forEach((at, side) => {
      marks[side][at]?.fill(false);
      begin[side] = at + 1;
    });
  }
  return marks;
}
