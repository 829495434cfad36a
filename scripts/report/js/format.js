// Figures as people read them. What was not measured is null, and null is what comes back of it.

const orNull = (format) => (value) => (Number.isFinite(value) ? format(value) : null);

export const grouped = (value) => Math.round(value).toLocaleString('en-US');

export const count = orNull(grouped);

// With three digits that mean something.
function short(value) {
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 2));
}

export const duration = orNull((us) => {
  if (us < 1000) return `${short(us)} µs`;
  return us < 1e6 ? `${short(us / 1000)} ms` : `${short(us / 1e6)} s`;
});

export const bytes = orNull((value) => {
  if (value < 1024) return `${Math.round(value)} B`;
  return value < 1024 ** 2 ? `${short(value / 1024)} KiB` : `${short(value / 1024 ** 2)} MiB`;
});

// Any figure, of which only the size is known.
export const figure = orNull((value) => {
  const size = Math.abs(value);
  if (size >= 100) return grouped(value);
  if (size >= 0.01 || size === 0) return String(Number(value.toPrecision(3)));
  return size >= 0.0001 ? String(Number(value.toPrecision(2))) : '< 0.0001';
});

export const percent = orNull((value) => `${value > 0 ? '+' : ''}${value.toFixed(Math.abs(value) < 10 ? 1 : 0)}%`);
