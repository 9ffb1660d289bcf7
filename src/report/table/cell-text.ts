// What stands in the cells of a table, whether on a terminal or on a page.

import { range, significant, speedup, time, type TimeUnit } from "../text/numbers.ts";
import type { Cell, Speedup, View } from "./table-view.ts";

/** What stands above the columns of `side`. */
export function headOf({ heads }: View, side: string): string {
  return heads[side] ?? side;
}

/** What stands above the speedups of `side`: its name where there are others. */
export function speedupHead(view: View, side: string): string {
  const what = view.contenders.length === 1 && view.named !== true ? "speedup" : headOf(view, side);
  if (view.soFar === true) return what;
  return `${what} ${view.bare ? noInterval : "(95 %)"}`;
}

/** Marks a speedup without an interval. */
export const noInterval = "‡";

/** `0.820 s`, `2.00 s !`, `fail`; nothing where the side has no such row to time. */
export function timeShown(cell: Cell | undefined, unit: TimeUnit): string {
  if (cell === undefined) return "";
  const text = cell.time_s === null ? "" : time(cell.time_s, unit);
  return [text, cell.mark].filter((part) => part !== "").join(" ");
}

/** `2.79x ±0.4 % †1`, `~ 1.01 (0.99-1.02)`, `short`. */
export function faster(one: Speedup | undefined): string {
  if (one === undefined) return "";
  if (one.value === null) return [one.instead, ...one.marks].join(" ").trim();
  return [withInterval(one.value, one), ...one.marks].join(" ");
}

function withInterval(value: number, { lo, hi, verdict }: Speedup): string {
  if (lo === null || hi === null) return speedup(value, null, null);
  if (verdict === "none") return `~ ${significant(value)} ${range(lo, hi)}`;
  if (verdict === "leave-one-out") return `${significant(value)}x ${range(lo, hi)}`;
  return speedup(value, lo, hi);
}
