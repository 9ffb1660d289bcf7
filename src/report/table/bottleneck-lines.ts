// Where the time of the rows went: computing, or waiting. Else a mirror's speed would be taken for a CPU's.

import type { Bottleneck } from "../../analysis/comparison/bottleneck.ts";
import type { ComparedRow } from "../../analysis/comparison/comparison.ts";
import { rowName } from "./row-names.ts";
import { commonValue, type ReportData } from "../report-data.ts";

const words: Readonly<Record<Bottleneck, string>> = {
  cpu: "CPU-bound",
  serial: "serial",
  "partly-parallel": "partly parallel",
  waits: "waits for disk or network",
  unclear: "waits, perhaps for other processes",
};

/** What is said of one row on one side, or on all of its sides. */
interface BusyRow {
  /** `waits for disk or network`, and where the sides differ, on which of them. */
  readonly what: string;
  /** The row; of commands the command. */
  readonly name: string;
  readonly cores_busy: readonly number[];
}

/** A line for each bottleneck, with the rows that have it. None where all rows keep one CPU busy: suites' titles say so. */
export function bottleneckLines(told: ReportData): string[] {
  const busy = told.comparison.rows.flatMap((row) => busyRows(told, row));
  if (busy.every(({ what }) => what === words.serial)) return [];
  const facts = told.machines.map(({ facts: { ncpu } }) => ncpu);
  const cpus = commonValue([...facts, ...(told.published ?? []).map(({ figures }) => figures.vcpus)]);
  const lines = new Map<string, string[]>();
  for (const { what, name, cores_busy } of busy) {
    // The first figure says what they all are.
    const unit = lines.size > 0 ? "" : cpus === undefined ? " vCPUs busy" : ` of ${cpus} vCPUs busy`;
    const shown = [...new Set(cores_busy.map(twoDigits))].join(", ");
    lines.set(what, [...(lines.get(what) ?? []), `${name} (${shown}${unit})`]);
  }
  return [...lines].map(([what, rows]) => `${what}: ${rows.join(", ")}`);
}

function busyRows(told: ReportData, row: ComparedRow): BusyRow[] {
  const known = Object.entries(row.bound).flatMap(([side, bound]) => {
    const cores_busy = row.cores_busy[side] ?? null;
    return bound === null || cores_busy === null ? [] : [{ side, bound, cores_busy }];
  });
  const [first] = known;
  if (first === undefined) return [];
  if (told.by === "command")
    return known.map(({ side, bound, cores_busy }) => ({ what: words[bound], name: side, cores_busy: [cores_busy] }));
  const { title, impl } = rowName(told, row);
  const name = [title, impl].join(" ").trim();
  if (commonValue(known.map(({ bound }) => bound)) !== undefined)
    return [{ what: words[first.bound], name, cores_busy: known.map(({ cores_busy }) => cores_busy) }];
  return known.map(({ side, bound, cores_busy }) => ({
    what: `${words[bound]} on ${side}`,
    name,
    cores_busy: [cores_busy],
  }));
}

function twoDigits(value: number): string {
  return value >= 10 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(2);
}
