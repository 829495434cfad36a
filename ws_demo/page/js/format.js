// Numbers, bytes, times as text: the same in both languages.

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true }); // a BOM is text, too

export const bytesOf = (text) => encoder.encode(text);
export const textOf = (bytes) => decoder.decode(bytes);

// Replaces what a browser accepts as text but a server may refuse: halves of UTF-16 pairs become U+FFFD, NUL is
// removed.
export const wellFormed = (text) => textOf(bytesOf(text)).replaceAll('\0', '');

export const number = (n) => n.toLocaleString('en');
export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');

const KIB = 1024;
const MIB = 1024 * KIB;

export function size(bytes) {
  if (bytes < 10000) return `${number(bytes)} B`;
  return bytes < MIB ? `${(bytes / KIB).toFixed(1)} KiB` : `${(bytes / MIB).toFixed(1)} MiB`;
}

export function milliseconds(ms) {
  if (ms < 100) return `${ms.toFixed(1)} ms`;
  return ms < 10000 ? `${number(Math.round(ms))} ms` : `${(ms / 1000).toFixed(0)} s`;
}

// 14:03:07 or, with fractions, 14:03:07.250; local time.
export function timeOfDay(date, fractions = false) {
  const two = (n) => String(n).padStart(2, '0');
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return fractions ? `${time}.${String(date.getMilliseconds()).padStart(3, '0')}` : time;
}
