// Formats numbers for people: three significant digits, one unit for a row, and an interval no finer than these digits.

/** The unit of the times of one row; all of them share it. */
export type TimeUnit = "us" | "ms" | "s" | "clock";

/**
 * Returns the unit in which all of `times_s`, one column, can be read: no time loses its digits, and none has too many.
 */
export function unitFor(times_s: readonly number[]): TimeUnit {
  const [least, largest] = [Math.min(...times_s), Math.max(0, ...times_s)];
  if (largest >= 99.95) return least >= 10 ? "clock" : "s";
  if (largest >= 9.95 || least >= 0.0995) return "s";
  if (largest >= 0.1) return least >= 0.01 ? "s" : "ms";
  return largest >= 1e-4 || largest === 0 ? "ms" : "us";
}

/** Formats `time_s` in `unit`: `0.131 s`, `52.1 ms`, `14:09`, `2:03:10`. */
export function formatTime(time_s: number, unit: TimeUnit): string {
  if (unit === "clock") return clockTime(time_s);
  const factor = { us: 1e6, ms: 1e3, s: 1 }[unit];
  return `${formatSignificant(time_s * factor)} ${unit}`;
}

function clockTime(time_s: number): string {
  const whole = Math.round(time_s);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number): string => String(value).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** Formats `value` with three significant digits, never in powers of ten. */
export function formatSignificant(value: number): string {
  if (value === 0) return "0.00";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  const rounded = Number(value.toFixed(Math.min(20, digits)));
  // 0.9996 rounds up to 1.000, which has a digit too many.
  const again = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(rounded === 0 ? value : rounded))));
  return value.toFixed(Math.min(20, again));
}

/** Formats a speedup with its interval: `2.79x ±0.4 %`, or `1.68x (1.01-2.79)` where the interval is not symmetric. */
export function formatSpeedup(value: number, lo: number | null, hi: number | null): string {
  const shown = `${formatSignificant(value)}x`;
  return lo === null || hi === null ? shown : `${shown} ${formatInterval(value, lo, hi)}`;
}

/** Formats an interval: `±0.4 %` where it is symmetric to the digits shown, else `(0.99-1.02)`. */
export function formatInterval(value: number, lo: number, hi: number): string {
  const [down, up] = [percent(1 - lo / value), percent(hi / value - 1)];
  return down === up ? `±${down} %` : formatRange(lo, hi);
}

/** Formats the least and the greatest of some values, which is not an interval: `[1.06…1.26]`. */
export function formatExtremes(least: number, most: number): string {
  return `[${formatSignificant(least)}…${formatSignificant(most)}]`;
}

export function formatRange(lo: number, hi: number): string {
  return `(${formatSignificant(lo)}-${formatSignificant(hi)})`;
}

function percent(share: number): string {
  const value = share * 100;
  return value >= 9.95 ? value.toFixed(0) : value.toFixed(1);
}
