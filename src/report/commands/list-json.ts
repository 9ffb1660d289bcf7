// Formats what `list` finds as JSON: bytes in bytes, times in seconds.

import { fewestKept } from "../../domain/plan/plan.ts";
import type { Manifest } from "../../domain/plan/suite.ts";
import type { PublishedBoots } from "../../domain/published/boots.ts";
import type { PublishedSide } from "../../domain/published/figures.ts";
import { jsonText } from "../../domain/printable.ts";
import { suiteTime_s } from "./suite-report.ts";

/** A stored run as `list runs` has it. */
export type ListedRun = {
  readonly run: string;
} & (
  | {
      readonly kind: "run" | "boot";
      /** ISO 8601. */
      readonly created_at: string;
      readonly sides: readonly string[];
      /** Absent in runs of boot. */
      readonly suites?: readonly string[];
      /** Trials, or boots. */
      readonly records: number;
      /** How many of them have each fault: `failed`, `timed-out`, `skipped`, `tainted`. */
      readonly faults: Readonly<Record<string, number>>;
      /** `changed`: a file is not as SHA256SUMS says. */
      readonly state: "closed" | "not closed" | "changed";
    }
  /** Why it cannot be read. */
  | { readonly error: string }
);

export function listedRunsJson(runs: readonly ListedRun[]): string {
  return document({ runs });
}

/** `vcpus`: the machines that a suite's time is estimated for. */
export function listedSuitesJson(manifests: readonly Manifest[], vcpus: readonly number[]): string {
  const suites = manifests.map((manifest) => {
    const { name, version, title, os, needs, params, rows } = manifest;
    const times = vcpus.map((count) => ({ vcpus: count, real_s: suiteTime_s(manifest, count) ?? null }));
    const least_kept_runs = fewestKept(rows.map((row) => ({ ...row, warmup: row.fresh ? 0 : row.warmup })));
    return { name, version, title, os, needs, params, least_kept_runs, times, rows };
  });
  return document({ suites });
}

/** An instance type: `memory_mib`, and fields that are written as they are. */
interface ListedType {
  readonly name: string;
  readonly memory_mib: number;
}

export function listedTypesJson(region: string, types: readonly ListedType[]): string {
  const entries = types.map(({ memory_mib, ...type }) => ({ ...type, memory_bytes: memory_mib * 2 ** 20 }));
  return document({ region, types: entries });
}

export function listedFiguresJson(sides: readonly PublishedSide[], boots: ReadonlyMap<string, PublishedBoots>): string {
  const published = [
    ...sides.map(({ of, source, records }) => ({
      side: `published:${of}`,
      kind: "run",
      suites: [...new Set(records.map(({ suite }) => suite))],
      records: records.length,
      source,
    })),
    ...[...boots].map(([id, { source, rows }]) => ({
      side: `published:${id}`,
      kind: "boot",
      records: rows.length,
      source,
    })),
  ];
  return document({ published });
}

function document(content: Readonly<Record<string, unknown>>): string {
  return `${jsonText({ schema: 1, ...content }, 2)}\n`;
}
