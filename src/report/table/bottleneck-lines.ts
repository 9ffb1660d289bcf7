// Says where the time of the rows went: computing, or waiting. Without it a reader could take a mirror's speed for a
// CPU's.

import { type Bottleneck, othersMatter } from "../../analysis/comparison/bottleneck.ts";
import type { ComparedRow } from "../../analysis/comparison/comparison.ts";
import { rowName } from "./row-names.ts";
import { commonValue, type ReportData } from "../report-data.ts";

const words: Readonly<Record<Bottleneck, string>> = {
  cpu: "CPU-bound",
  serial: "uses one CPU",
  "partly-parallel": "partly parallel",
  waits: "waits for disk or network",
  unclear: "waits, perhaps for other processes",
};

/** What the table says of one row on one side, or on all of its sides. */
interface BusyRow {
  /** `waits for disk or network`, and the side where the sides differ. */
  readonly what: string;
  /** The row's name; with commands, the command's. */
  readonly name: string;
  readonly cores_busy: readonly { readonly side: string; readonly count: number }[];
}

/**
 * Returns a line for each bottleneck, with the rows that have it. None where all rows keep one CPU busy: the suites'
 * titles say so.
 */
export function bottleneckLines(report: ReportData): string[] {
  const others = (report.others_share ?? 0) > othersMatter;
  // A line of its own says that other processes were there: of that, rows that may have waited for them are no news.
  const busy = report.comparison.rows
    .flatMap((row) => busyRows(report, row))
    .filter(({ what }) => !others || !what.startsWith(words.unclear));
  if (busy.every(({ what }) => what === words.serial)) return [];
  const facts = report.machines.map(({ facts: { ncpu } }) => ncpu);
  const cpus = commonValue([...facts, ...(report.published ?? []).map(({ figures }) => figures.vcpus)]);
  const lines = new Map<string, string[]>();
  for (const { what, name, cores_busy } of busy) {
    // The first figure names the unit of all.
    const unit = lines.size > 0 ? "" : cpus === undefined ? " vCPUs busy" : ` of ${cpus} vCPUs busy`;
    lines.set(what, [...(lines.get(what) ?? []), `${name} (${figures(cores_busy, unit)})`]);
  }
  return [...lines].map(([what, rows]) => `${what}: ${rows.join(", ")}`);
}

function busyRows(report: ReportData, row: ComparedRow): BusyRow[] {
  const known = Object.entries(row.bound).flatMap(([side, bound]) => {
    const cores_busy = row.cores_busy[side] ?? null;
    return bound === null || cores_busy === null ? [] : [{ side, bound, cores_busy }];
  });
  const [first] = known;
  if (first === undefined) return [];
  if (report.by === "command")
    return known.map(({ side, bound, cores_busy: count }) => ({
      what: words[bound],
      name: side,
      cores_busy: [{ side, count }],
    }));
  const { title, impl } = rowName(report, row);
  const name = [title, impl].join(" ").trim();
  if (commonValue(known.map(({ bound }) => bound)) !== undefined)
    return [
      { what: words[first.bound], name, cores_busy: known.map(({ side, cores_busy: count }) => ({ side, count })) },
    ];
  return known.map(({ side, bound, cores_busy: count }) => ({
    what: `${words[bound]} on ${side}`,
    name,
    cores_busy: [{ side, count }],
  }));
}

/** Returns `0.50 of 2 vCPUs busy`; where sides differ, `0.57 of 2 vCPUs busy on a, 0.72 on b`. */
function figures(cores_busy: BusyRow["cores_busy"], unit: string): string {
  const bySide = cores_busy.map(({ side, count }) => ({ side, shown: twoDigits(count) }));
  const common = commonValue(bySide.map(({ shown }) => shown));
  if (common !== undefined) return `${common}${unit}`;
  return bySide.map(({ side, shown }, i) => `${shown}${i === 0 ? unit : ""} on ${side}`).join(", ");
}

function twoDigits(value: number): string {
  return value >= 10 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(2);
}
