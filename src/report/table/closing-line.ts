// Formats the last line of a table of commands: which command took the least time, and by how much.

import { formatInterval, formatRange, formatSignificant } from "../text/numbers.ts";
import type { FastestCommand } from "../report-data.ts";

/** Returns `fastest: a, 2.01x ±1.2 % as fast as b; no difference shown to c (0.990-1.02)`. */
export function closingLine({ name, over }: FastestCommand): string {
  const others = over.map((other): string => {
    const { value, lo, hi, verdict } = other;
    if (lo === null || hi === null)
      return `(${formatSignificant(value)}) times as fast as ${other.name}, without an interval`;
    if (verdict === "none") return `no difference shown to ${other.name} ${formatRange(lo, hi)}`;
    return `${formatSignificant(value)}x ${formatInterval(value, lo, hi)} as fast as ${other.name}`;
  });
  const sure = over.some(({ verdict }) => verdict === "slower" || verdict === "faster");
  return `${sure ? "fastest" : "least time"}: ${[name, ...others].join(over.length > 1 ? "; " : ", ")}`;
}
