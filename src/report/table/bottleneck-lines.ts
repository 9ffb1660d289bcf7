// Where the time of the rows went, in words: a line for each answer, so that nobody takes a mirror's speed for a CPU's.

import type { Bottleneck } from "../../analysis/comparison/bottleneck.ts";
import type { ComparedRow } from "../../analysis/comparison/comparison.ts";
import { rowName } from "./row-names.ts";
import { commonValue, type ReportData } from "../report-data.ts";

const words: Readonly<Record<Bottleneck, string>> = {
  cpu: "CPU-bound",
  serial: "serial",
  "partly-parallel": "partly parallel",
  waits: "waits for disk or network",
  unclear: "waits, maybe for other processes",
};

/** None where all rows keep one CPU busy: the suites' titles say that. */
export function bottleneckLines(told: ReportData): string[] {
  const { rows } = told.comparison;
  const bounds = rows.flatMap((row) => Object.values(row.bound)).filter((bound) => bound !== null);
  if (bounds.every((bound) => bound === "serial")) return [];
  const facts = told.machines.map(({ facts: { ncpu } }) => ncpu);
  const cpus = commonValue([...facts, ...(told.published ?? []).map(({ figures }) => figures.vcpus)]);
  const lines = new Map<string, string[]>();
  for (const row of rows) {
    const what = labelOf(row);
    if (what === undefined) continue;
    const { title, impl } = rowName(told, row);
    // The first figure says what they all are.
    const unit = lines.size > 0 ? "" : cpus === undefined ? " vCPUs busy" : ` of ${cpus} vCPUs busy`;
    lines.set(what, [...(lines.get(what) ?? []), `${[title, impl].join(" ").trim()} (${busyOf(row)}${unit})`]);
  }
  return [...lines].map(([what, named]) => `${what}: ${named.join(", ")}`);
}

/** `CPU-bound`; where the sides differ, `CPU-bound on a, serial on b`. */
function labelOf(row: ComparedRow): string | undefined {
  const known = Object.entries(row.bound).filter((one): one is [string, Bottleneck] => one[1] !== null);
  const [first] = known;
  if (first === undefined) return undefined;
  const same = commonValue(known.map(([, bound]) => bound));
  return same === undefined ? known.map(([side, bound]) => `${words[bound]} on ${side}`).join(", ") : words[same];
}

/** The sides' busy CPUs: `26, 24`; once where they are the same to two digits. */
function busyOf(row: ComparedRow): string {
  const shown = Object.values(row.cores_busy).flatMap((busy) => (busy === null ? [] : [twoDigits(busy)]));
  return [...new Set(shown)].join(", ");
}

function twoDigits(value: number): string {
  return value >= 10 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(2);
}
