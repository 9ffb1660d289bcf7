// Formats the cells of a table, for a terminal and for a page.

import {
  formatExtremes,
  formatRange,
  formatSignificant,
  formatSpeedup,
  formatTime,
  type TimeUnit,
  unitFor,
} from "../text/numbers.ts";
import type { CellView, SpeedupView, TableView } from "./table-view.ts";

/** Returns the head of the columns of `side`. */
export function columnHead({ heads }: TableView, side: string): string {
  return heads[side] ?? side;
}

/** Returns the head of the speedups of `side`: its name where there are several contenders. */
export function speedupHead(view: TableView, side: string): string {
  const what = view.contenders.length === 1 && view.named !== true ? "speedup" : columnHead(view, side);
  if (view.soFar === true) return what;
  return `${what} ${view.bare ? noInterval : "(95 %)"}`;
}

/** The mark of a speedup without an interval. */
export const noInterval = "‡";

interface TimesBySide {
  readonly cells: Readonly<Record<string, Readonly<Record<"real" | "cpu", { readonly time_s: number | null }>>>>;
}

/** Returns the one unit for the times of `sides` in `lines`, of a table or of an analysis. */
export function unitOfLines(lines: readonly TimesBySide[], sides: readonly string[]): TimeUnit {
  const cells = lines.flatMap(({ cells: own }) => sides.flatMap((side) => [own[side]?.real, own[side]?.cpu]));
  return unitFor(cells.flatMap((cell) => (cell?.time_s == null ? [] : [cell.time_s])));
}

/** Returns `49.8 … 53.1 ms`; an empty text where the span is not known. */
export function spanText(span_s: readonly [number, number] | undefined, unit: TimeUnit, dash: string): string {
  if (span_s === undefined) return "";
  const [from, to] = [formatTime(span_s[0], unit), formatTime(span_s[1], unit)];
  return `${from.replace(/ .*/, "")}${dash}${to}`;
}

/** Returns `0.820 s`, `2.00 s !` or `fail`; an empty text where the side has no such row. */
export function timeText(cell: CellView | undefined, unit: TimeUnit): string {
  if (cell === undefined) return "";
  const text = cell.time_s === null ? "" : formatTime(cell.time_s, unit);
  return [text, cell.mark].filter((part) => part !== "").join(" ");
}

/** Returns `2.79x ±0.4 % †1`, `~ 1.01 (0.99-1.02)` or `short`. */
export function speedupText(speedup: SpeedupView | undefined): string {
  if (speedup === undefined) return "";
  if (speedup.value === null) return [speedup.instead, ...speedup.marks].join(" ").trim();
  return [withInterval(speedup.value, speedup), ...speedup.marks].join(" ");
}

function withInterval(value: number, { lo, hi, verdict, marks }: SpeedupView): string {
  if (lo === null || hi === null)
    return marks.includes(noInterval) ? `(${formatSignificant(value)})` : formatSpeedup(value, null, null);
  if (verdict === "none") return `~ ${formatSignificant(value)} ${formatRange(lo, hi)}`;
  if (verdict === "leave-one-out") return `${formatSignificant(value)}x ${formatExtremes(lo, hi)}`;
  return formatSpeedup(value, lo, hi);
}
