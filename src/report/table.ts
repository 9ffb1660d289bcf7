// The table on a terminal (DESIGN section 7): the seed article's shape, with honesty in the margins.

import type { Column, Grid } from "./grid.ts";
import { drawn, widthOf, wrapped } from "./grid.ts";
import { range, significant, speedup, time, unitFor } from "./numbers.ts";
import type { Cell, Group, Line, Speedup, View } from "./view.ts";

/** The table of `view`, at most `width` columns wide as far as it can be; ends with a line end. */
export function table(view: View, width: number): string {
  const lines = [
    ...wrapped(view.header, width),
    ...fitting(view, width),
    ...view.footer.flatMap((line) => wrapped(line, width)),
  ];
  return `${lines.join("\n")}\n`;
}

/** First the values' cpu columns go, then the implementations move from the labels into titles, last the values go. */
function fitting(view: View, width: number): string[] {
  const forms = [
    { view, without: 0 },
    { view, without: 2 },
    { view: titled(view), without: 2 },
    { view: titled(view), without: 1 },
  ];
  const drawings = forms.map((form) => drawn(gridOf(form.view), form.without));
  return drawings.find((lines) => widthOf(lines) <= width) ?? drawings.at(-1) ?? [];
}

/** `view` with a title for each implementation, and none in the labels. */
function titled(view: View): View {
  return { ...view, groups: view.groups.flatMap(byImplementation) };
}

function byImplementation(group: Group): Group[] {
  const parts: Group[] = [];
  for (const line of group.lines) {
    const last = parts.at(-1);
    const title = line.impl === undefined ? (last?.title ?? group.title) : `${group.title}, ${line.impl}`;
    const row = { ...line, label: line.short };
    if (last?.title === title) parts[parts.length - 1] = { title, lines: [...last.lines, row] };
    else parts.push({ title, lines: [row] });
  }
  return parts;
}

function gridOf(view: View): Grid {
  const values = view.showValues ? view.sides : [];
  const alone = view.contenders.length === 0;
  const columns: Column[] = [
    { over: "", head: "", align: "left", expendable: 0 },
    ...values.flatMap((side): Column[] => [
      { over: side, head: "real", align: "right", expendable: alone ? 0 : 1 },
      { over: side, head: "cpu", align: "right", expendable: alone ? 0 : 2 },
    ]),
    ...view.contenders.flatMap((side): Column[] => {
      const over = view.contenders.length === 1 ? "speedup (95 %)" : `${side} (95 %)`;
      return [
        { over, head: "real", align: "left", expendable: 0 },
        { over, head: "cpu", align: "left", expendable: 0 },
      ];
    }),
  ];
  const lines = view.groups.flatMap((group) => groupRows(group, view, values));
  return { columns, rows: [...lines, ...view.overall.map((line) => lineRow(line, view, values))] };
}

function groupRows(group: Group, view: View, values: readonly string[]): (readonly string[] | string)[] {
  return [group.title, ...group.lines.map((line) => lineRow({ ...line, label: `  ${line.label}` }, view, values))];
}

/** The texts of `line`: its label, the values of the sides in `values`, the speedups. */
export function lineRow(line: Line, view: View, values: readonly string[]): string[] {
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
