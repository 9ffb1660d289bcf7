// Formats an estimated time in the unit that fits.

/** Returns `90 s`, `12 min` or `3.5 h`. `s`: seconds. */
export function formatDuration(s: number): string {
  if (s < 100) return `${Math.ceil(s)} s`;
  return s < 5400 ? `${Math.round(s / 60)} min` : `${Number((s / 3600).toPrecision(2))} h`;
}
