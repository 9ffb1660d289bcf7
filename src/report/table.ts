// The table on a terminal (DESIGN section 7): the seed article's shape, with honesty in the margins.

import type { Column, Grid } from "./grid.ts";
import { drawn, wrapped } from "./grid.ts";
import { range, significant, speedup, time, unitFor } from "./numbers.ts";
import type { Cell, Group, Line, Speedup, View } from "./view.ts";

/** The table of `view`, at most `width` columns wide as far as it can be; ends with a line end. */
export function table(view: View, width: number): string {
  const lines = [
    ...wrapped(view.header, width),
    ...drawn(gridOf(view), width),
    ...view.footer.flatMap((line) => wrapped(line, width)),
  ];
  return `${lines.join("\n")}\n`;
}

function gridOf(view: View): Grid {
  const values = view.showValues ? view.sides : [];
  const columns: Column[] = [
    { head: "", align: "left", expendable: 0 },
    ...values.flatMap((side): Column[] => [
      { head: `${side} real`, align: "right", expendable: view.contenders.length === 0 ? 0 : 1 },
      { head: "cpu", align: "right", expendable: view.contenders.length === 0 ? 0 : 2 },
    ]),
    ...view.contenders.flatMap((side): Column[] => [
      { head: view.contenders.length === 1 ? "speedup real" : `${side} real`, align: "left", expendable: 0 },
      { head: "cpu", align: "left", expendable: 0 },
    ]),
  ];
  return {
    columns,
    rows: [
      ...view.groups.flatMap((group) => groupRows(group, view, values)),
      ...view.overall.map((line) => lineRow(line, view, values)),
    ],
  };
}

function groupRows(group: Group, view: View, values: readonly string[]): (readonly string[] | string)[] {
  return [group.title, ...group.lines.map((line) => lineRow({ ...line, label: `  ${line.label}` }, view, values))];
}

function lineRow(line: Line, view: View, values: readonly string[]): string[] {
  const times = values
    .flatMap((side) => [line.cells[side]?.real, line.cells[side]?.cpu])
    .flatMap((cell) => (cell?.time_s == null ? [] : [cell.time_s]));
  const unit = unitFor(times);
  const shown = (cell: Cell | undefined): string => {
    if (cell === undefined) return "";
    const text = cell.time_s === null ? "" : time(cell.time_s, unit);
    return [text, cell.mark].filter((part) => part !== "").join(" ");
  };
  return [
    line.label,
    ...values.flatMap((side) => [shown(line.cells[side]?.real), shown(line.cells[side]?.cpu)]),
    ...view.contenders.flatMap((side) => [faster(line.speedups[side]?.real), faster(line.speedups[side]?.cpu)]),
  ];
}

/** `2.79x ±0.4 % †1`, `~ 1.01 (0.99-1.02)`, `short`. */
function faster(one: Speedup | undefined): string {
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
