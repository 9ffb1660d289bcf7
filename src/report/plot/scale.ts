// Converts numbers to positions on a plot, in per cent of its width. So a plot fits any width, and its text keeps its
// size.

export interface Scale {
  /** The position, 0 to 100. Values outside of the domain are at its ends. */
  readonly at: (value: number) => number;
  readonly holds: (value: number) => boolean;
  readonly ticks: readonly number[];
}

/** The least distance of ticks in per cent of the width: their labels do not touch at 400 pixels. */
const leastTickGap = 13;

/** Returns a scale of ratios: 2 and 1/2 are equally far from 1, which is always on it. Values are above 0. */
export function ratioScale(values: readonly number[]): Scale {
  const [least, most] = padded(Math.log(Math.min(1, ...values)), Math.log(Math.max(1, ...values)), 0.02);
  const at = (value: number): number => within(((Math.log(value) - least) / (most - least)) * 100);
  const [lo, hi] = [Math.exp(least), Math.exp(most)];
  const candidates = hi / lo < 2 ? steps(lo, hi, 8) : ratios.filter((value) => value >= lo && value <= hi);
  // 1 has its tick first; the others are added where there is room.
  const ticks = candidates
    .toSorted((a, b) => Math.abs(Math.log(a)) - Math.abs(Math.log(b)))
    .reduce<number[]>((kept, tick) => (hasRoom(tick, kept, at) ? [...kept, tick] : kept), [1]);
  return { at, holds: (value) => value >= lo && value <= hi, ticks: ticks.toSorted((a, b) => a - b) };
}

const ratios = [0.001, 0.01, 0.1, 1, 10, 100, 1000].flatMap((power) =>
  // 7 * 0.1 is not 0.7.
  [1, 1.5, 2, 3, 5, 7].map((factor) => Number((factor * power).toPrecision(2))),
);

function hasRoom(tick: number, kept: readonly number[], at: Scale["at"]): boolean {
  const place = at(tick);
  return place >= 2 && place <= 98 && kept.every((other) => Math.abs(at(other) - place) >= leastTickGap);
}

/** Returns a linear scale, for times and other sums, with `fewest` ticks where that can be. The domain holds all of `values`. */
export function linearScale(values: readonly number[], fewest = 2): Scale {
  const [least, most] = padded(Math.min(...values), Math.max(...values), 1e-9);
  const at = (value: number): number => within(((value - least) / (most - least)) * 100);
  const inside = (count: number): number[] =>
    steps(least, most, count).filter((tick) => at(tick) >= 4 && at(tick) <= 96);
  // One tick alone tells no scale. Eight have labels that still do not touch.
  const ticks = [4, 6, 8].map(inside).find(({ length }) => length >= fewest) ?? inside(8);
  return { at, holds: (value) => value >= least && value <= most, ticks };
}

/** Returns a scale for values above 0: linear, or one of ratios where the greatest is more than five times the least. */
export function axisScale(values: readonly number[]): Scale {
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  if (highest <= 5 * lowest) return linearScale(values, 4);
  const [least, most] = padded(Math.log(lowest), Math.log(highest), 0.02);
  const at = (value: number): number => within(((Math.log(value) - least) / (most - least)) * 100);
  const ticks: number[] = [];
  for (let power = Math.floor(least / Math.LN10); power <= most / Math.LN10; power++)
    for (const factor of [1, 2, 5]) {
      const tick = Number((factor * 10 ** power).toPrecision(1));
      if (hasRoom(tick, ticks, at)) ticks.push(tick);
    }
  return { at, holds: (value) => value >= Math.exp(least) && value <= Math.exp(most), ticks };
}

/** Returns the ends with a margin of 5 %, or of `spread` where that is more. */
function padded(least: number, most: number, spread: number): [number, number] {
  const margin = Math.max((most - least) * 0.05, spread);
  return [least - margin, most + margin];
}

/** Returns about `count` round numbers at most from `least` to `most`: 1, 2 or 5 times a power of ten apart. */
function steps(least: number, most: number, count: number): number[] {
  const rough = (most - least) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const first = Math.ceil(least / step);
  const ticks = Array.from({ length: Math.floor(most / step) - first + 1 }, (_, i) => (first + i) * step);
  return ticks.map((tick) => Number(tick.toPrecision(12)));
}

function within(place: number): number {
  return Math.round(Math.min(100, Math.max(0, place)) * 100) / 100;
}
