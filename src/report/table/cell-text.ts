// What stands in the cells of a table, whether on a terminal or on a page.

import {
  formatExtremes,
  formatRange,
  formatSignificant,
  formatSpeedup,
  formatTime,
  type TimeUnit,
  unitFor,
} from "../text/numbers.ts";
import type { CellView, SpeedupView, TableLine, TableView } from "./table-view.ts";

/** What stands above the columns of `side`. */
export function columnHead({ heads }: TableView, side: string): string {
  return heads[side] ?? side;
}

/** What stands above the speedups of `side`: its name where there are others. */
export function speedupHead(view: TableView, side: string): string {
  const what = view.contenders.length === 1 && view.named !== true ? "speedup" : columnHead(view, side);
  if (view.soFar === true) return what;
  return `${what} ${view.bare ? noInterval : "(95 %)"}`;
}

/** Marks a speedup without an interval. */
export const noInterval = "‡";

/** The one unit of the times of `sides` in `lines`. */
export function unitOfLines(lines: readonly TableLine[], sides: readonly string[]): TimeUnit {
  const cells = lines.flatMap(({ cells: own }) => sides.flatMap((side) => [own[side]?.real, own[side]?.cpu]));
  return unitFor(cells.flatMap((cell) => (cell?.time_s == null ? [] : [cell.time_s])));
}

/** `49.8 … 53.1 ms`; nothing where it is not known. */
export function spanText(span_s: readonly [number, number] | undefined, unit: TimeUnit, dash: string): string {
  if (span_s === undefined) return "";
  const [from, to] = [formatTime(span_s[0], unit), formatTime(span_s[1], unit)];
  return `${from.replace(/ .*/, "")}${dash}${to}`;
}

/** `0.820 s`, `2.00 s !`, `fail`; nothing where the side has no such row to time. */
export function timeText(cell: CellView | undefined, unit: TimeUnit): string {
  if (cell === undefined) return "";
  const text = cell.time_s === null ? "" : formatTime(cell.time_s, unit);
  return [text, cell.mark].filter((part) => part !== "").join(" ");
}

/** `2.79x ±0.4 % †1`, `~ 1.01 (0.99-1.02)`, `short`. */
export function speedupText(one: SpeedupView | undefined): string {
  if (one === undefined) return "";
  if (one.value === null) return [one.instead, ...one.marks].join(" ").trim();
  return [withInterval(one.value, one), ...one.marks].join(" ");
}

function withInterval(value: number, { lo, hi, verdict, marks }: SpeedupView): string {
  if (lo === null || hi === null)
    return marks.includes(noInterval) ? `(${formatSignificant(value)})` : formatSpeedup(value, null, null);
  if (verdict === "none") return `~ ${formatSignificant(value)} ${formatRange(lo, hi)}`;
  if (verdict === "leave-one-out") return `${formatSignificant(value)}x ${formatExtremes(lo, hi)}`;
  return formatSpeedup(value, lo, hi);
}
