// Analyses a boot run: each side's phases, the boots that do not count and why, and the speedup of each phase against
// the baseline, by the method of all comparisons.
//
// The boots of a side are one sample, although each boot has a machine of its own: a table shows their median, so the
// speedup is the ratio of the medians, and its interval combines those of both medians (docs/statistics.md,
// "Interval").

import type { BootRecord, BootSpec } from "../../domain/boot/boot.ts";
import type { PublishedBoots } from "../../domain/published/boots.ts";
import {
  exclusionReason,
  type Phase,
  phases,
  phasesOf,
  phaseResolutions,
  type PhaseSummary,
  summarisePhase,
} from "./boot-phases.ts";
import type { SpeedupResult } from "../comparison/comparison.ts";
import { keptSide } from "../comparison/kept-runs.ts";
import { judgeTests, speedupOf } from "../compare-tests/compare-tests.ts";

/** Results of a side's boots: its phases, how many boots count, and why the others do not. Seconds. */
export interface BootSideResult {
  readonly side: string;
  /** By phase; a phase that no kept boot has is absent. */
  readonly phases: Readonly<Partial<Record<Phase, PhaseSummary>>>;
  readonly kept: number;
  readonly of: number;
  /** Boots that do not count, by reason. */
  readonly left_out: Readonly<Record<string, number>>;
  readonly rtt_s?: number;
  /** Longest delay of the event loop over the kept boots. Seconds; absent where no boot is kept. */
  readonly loop_delay_max_s?: number;
  /** Kept boots whose port was never seen closed. */
  readonly closed_unseen: number;
}

/** A row of the table in Percival's article: an image, its last two phases and their sum. Seconds. */
export interface ImageRow {
  readonly name: string;
  readonly id: string;
  readonly closed_s: number;
  readonly open_s: number;
  readonly total_s: number;
  /** Kept boots; absent in published rows. */
  readonly n?: number;
  readonly published?: string;
}

/** The analysis of a boot run: each side's boots, and the speedup of each phase against the baseline. */
export interface BootAnalysis {
  readonly baseline: string;
  readonly sides: readonly BootSideResult[];
  /** By side (except the baseline) and phase; a phase that a side of the pair lacks is absent. */
  readonly speedups: Readonly<Record<string, Readonly<Partial<Record<Phase, SpeedupResult>>>>>;
  readonly images: readonly ImageRow[];
  readonly notes: readonly string[];
}

export async function analyseBoots(
  records: readonly BootRecord[],
  spec: BootSpec,
  baseline: string,
  published?: PublishedBoots,
): Promise<BootAnalysis> {
  const kept = new Map(spec.sides.map(({ name }) => [name, keptOf(records, name)]));
  const others = spec.sides.map(({ name }) => name).filter((name) => name !== baseline);
  const speedups: Record<string, Partial<Record<Phase, SpeedupResult>>> = {};
  for (const side of others) {
    speedups[side] = await compared(kept.get(baseline) ?? [], kept.get(side) ?? [], spec);
  }
  const sides = spec.sides.map(({ name }) => sideResult(records, name));
  const images = [...sides.flatMap((side) => measuredRow(side, records)), ...publishedRows(published)];
  return {
    baseline,
    sides,
    speedups,
    images: images.toSorted((a, b) => a.total_s - b.total_s),
    notes: notesOf(records, speedups),
  };
}

function keptOf(records: readonly BootRecord[], side: string): BootRecord[] {
  return records.filter((record) => record.side === side && exclusionReason(record) === undefined);
}

async function compared(
  baseline: readonly BootRecord[],
  contender: readonly BootRecord[],
  spec: BootSpec,
): Promise<Partial<Record<Phase, SpeedupResult>>> {
  const resolution = phaseResolutions(spec);
  const shown = phases.filter((phase) => [baseline, contender].every((side) => timesOf(side, phase).length > 0));
  const sample = (records: readonly BootRecord[], phase: Phase) => {
    const times_s = timesOf(records, phase);
    return keptSide([{ machine: "boots", rounds: [...times_s.keys()], times_s }]);
  };
  const tests = shown.map((phase) => ({
    name: phase,
    baseline: sample(baseline, phase),
    contender: sample(contender, phase),
    resolution_s: resolution[phase],
  }));
  // A side is one sample, so no claim on a type is made, whether or not machines share a host.
  const judged = await judgeTests(tests, true);
  return Object.fromEntries(shown.map((phase, i) => [phase, speedupOf(judged[i] as (typeof judged)[number], true)]));
}

function timesOf(records: readonly BootRecord[], phase: Phase): number[] {
  return records.flatMap((record) => phasesOf(record)[phase] ?? []);
}

function sideResult(all: readonly BootRecord[], side: string): BootSideResult {
  const records = all.filter((record) => record.side === side);
  const kept = keptOf(records, side);
  const left_out: Record<string, number> = {};
  for (const record of records) {
    const reason = exclusionReason(record);
    if (reason !== undefined) left_out[reason] = (left_out[reason] ?? 0) + 1;
  }
  const rtts = kept.flatMap(({ rtt_s }) => rtt_s ?? []);
  const delays = kept.flatMap(({ loop_delay_max_s }) => loop_delay_max_s ?? []);
  return {
    side,
    phases: Object.fromEntries(
      phases.flatMap((phase) => {
        const spread = summarisePhase(timesOf(kept, phase));
        return spread === undefined ? [] : [[phase, spread]];
      }),
    ),
    kept: kept.length,
    of: records.length,
    left_out,
    ...(rtts.length === 0 ? {} : { rtt_s: summarisePhase(rtts)?.median_s as number }),
    ...(delays.length === 0 ? {} : { loop_delay_max_s: Math.max(...delays) }),
    closed_unseen: kept.filter(({ closed_seen }) => !closed_seen).length,
  };
}

/** Returns the side's row of the images table. As in the article, the total is the sum of the two medians. */
function measuredRow({ side, phases: of, kept }: BootSideResult, records: readonly BootRecord[]): ImageRow[] {
  if (of.closed === undefined || of.open === undefined) return [];
  const [closed_s, open_s] = [of.closed.median_s, of.open.median_s];
  const id = records.find((record) => record.side === side)?.image ?? "";
  return [{ name: side, id, closed_s, open_s, total_s: closed_s + open_s, n: kept }];
}

export function publishedRows(published: PublishedBoots | undefined): ImageRow[] {
  return (published?.rows ?? []).map((row) => ({
    name: row.ami_name,
    id: row.ami_id,
    closed_s: row.running_to_port_closed_s,
    open_s: row.port_closed_to_open_s,
    total_s: row.total_s,
    published: published?.id ?? "",
  }));
}

/** Returns the caveats on the numbers, each once, with the number of boots that it applies to. */
function notesOf(records: readonly BootRecord[], speedups: BootAnalysis["speedups"]): string[] {
  const counted = new Map<string, number>();
  for (const record of records) {
    const texts = record.status === "failed" ? [record.reason, ...record.notes] : record.notes;
    for (const text of texts) counted.set(text, (counted.get(text) ?? 0) + 1);
  }
  const ofSpeedups = Object.values(speedups).flatMap((side) => Object.values(side).flatMap(({ notes }) => notes));
  return [
    ...[...counted].map(([text, count]) => (count === 1 ? `1 boot: ${text}` : `${count} boots: ${text}`)),
    ...new Set(ofSpeedups.filter((note) => !/^(not enough|under 3|too short)/.test(note))),
  ];
}
