// Reads numbers as JSON has them from the bytes of a line.

import type { NumberBounds } from "../../../domain/records/record-fields.ts";

const [minus, dot] = [45, 46] as const;

/**
 * Reads the number in `buffer` at `from` into `values[into]`: a number that is returned would be boxed. Returns where it ends;
 * 0 where there is none, or one that is not within the bounds.
 */
export function readNumber(
  buffer: Buffer,
  from: number,
  { least, most, isWhole }: NumberBounds,
  values: Float64Array,
  into: number,
): number {
  let at = from;
  const isNegative = buffer[at] === minus;
  if (isNegative) at += 1;
  const first = at;
  let digits = 0;
  let byte = buffer[at] as number;
  while (byte >= 48 && byte <= 57) {
    digits = digits * 10 + (byte - 48);
    at += 1;
    byte = buffer[at] as number;
  }
  let length = at - first;
  if (length === 0 || (length > 1 && buffer[first] === 48)) return 0;
  let power = 0;
  if (byte === dot) {
    const start = at + 1;
    at = start;
    byte = buffer[at] as number;
    while (byte >= 48 && byte <= 57) {
      digits = digits * 10 + (byte - 48);
      at += 1;
      byte = buffer[at] as number;
    }
    if (at === start) return 0;
    length += at - start;
    power = start - at;
  }
  if (byte === 101 || byte === 69) {
    at += 1;
    const isBelow = buffer[at] === minus;
    if (isBelow || buffer[at] === 43) at += 1;
    const start = at;
    let exponent = 0;
    byte = buffer[at] as number;
    while (byte >= 48 && byte <= 57) {
      exponent = exponent * 10 + (byte - 48);
      at += 1;
      byte = buffer[at] as number;
    }
    if (at === start) return 0;
    power += isBelow ? -exponent : exponent;
  }
  // With 15 digits and a power of ten up to 22, which a number holds exactly, the result is the one that JSON.parse returns.
  if (length > 15 || power < -22 || power > 22) digits = Number(buffer.toString("latin1", first, at));
  else if (power < 0) digits /= powers[-power] as number;
  else if (power > 0) digits *= powers[power] as number;
  const value = isNegative ? -digits : digits;
  if (!(value >= least && value <= most) || (isWhole && !Number.isInteger(value))) return 0;
  values[into] = value;
  return at;
}

const powers = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
