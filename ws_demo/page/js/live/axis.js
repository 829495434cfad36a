// The axis of the race: ratios, 1 in the middle, half as far left as double is right (a logarithm). No DOM.

// The largest ratio of an axis, and its marks on the right side; those on the left are their inverses.
const AXES = [[2, [1.4, 2]], [4, [2, 4]], [10, [3, 10]], [100, [10, 100]], [1000, [30, 1000]]];

// The first one that has room for these ratios, and is no narrower than `least`: as intervals narrow, the axis stays.
export function axisFor(ratios, least = AXES[0][0]) {
  const farthest = Math.max(least, ...ratios.filter((ratio) => ratio > 0).map((ratio) => Math.max(ratio, 1 / ratio)));
  return (AXES.find(([most]) => most >= farthest) ?? AXES.at(-1))[0];
}

// Where a ratio is: 0 is the left end, 1 the right one.
export function placeOf(ratio, most) {
  if (!(ratio > 0)) return 0;
  return Math.min(1, Math.max(0, 0.5 + Math.log(ratio) / Math.log(most) / 2));
}

export function marksOf(most) {
  const [, right] = AXES.find(([end]) => end === most);
  return [...right.map((mark) => 1 / mark).reverse(), 1, ...right];
}

// 0.67, 1, 1.5, 20
export const ratioText = (ratio) => String(Number(ratio.toPrecision(ratio < 10 ? 2 : 3)));
