// Caveats on a row, and on the whole table, for both metrics.

import { printable } from "../../domain/printable.ts";
import type { CellResult, ExcludedRuns, Reasons } from "./comparison.ts";
import { isDisturbance } from "../../domain/run/taint.ts";
import { isSeriallyCorrelated, exceedsChance } from "../statistics/independence.ts";
import { digestsDiffer } from "./contradictions.ts";
import { exclusionReasonOf, machineRuns } from "./kept-records.ts";
import type { PairTests } from "../compare-tests/pair-tests.ts";
import type { PairedRow } from "./paired-rows.ts";
import { keptSide } from "./kept-runs.ts";
import { countOf } from "../compare-tests/test-notes.ts";

/** Returns the caveats on `row`: runs left out, by side and reason; how it was checked and timed. */
export function rowNotes(row: PairedRow, cells: Readonly<Record<string, CellResult>>): string[] {
  // Disturbed runs are nothing of the row's, and are measured again; what did not run has a line with its cause. The table
  // counts both once, in its last line.
  const lost = new Map<string, string[]>();
  for (const [side, { kept, of, reasons, status }] of Object.entries(cells)) {
    const isToldElsewhere =
      (status === "ok" && Object.keys(reasons).every(isDisturbance)) ||
      Object.keys(reasons).every((reason) => reason === "not-run");
    if (kept === of || isToldElsewhere) continue;
    const text = `${of - kept} of ${countOf(of, "run")} left out (${listed(reasons)})`;
    lost.set(text, [...(lost.get(text) ?? []), side]);
  }
  const counting = [...row.sides.values()]
    .flat()
    .flatMap(({ trials }) => trials)
    .filter((record) => exclusionReasonOf(record) === null);
  const orphans = [...row.sides].flatMap(([side, machines]) =>
    machines
      .flatMap(({ trials }) => trials)
      .flatMap((record) =>
        record.status === "completed" && record.tainted.includes("orphans")
          ? [`${side}: left running, and killed: ${printable(record.orphan_command ?? "a process")}`]
          : [],
      ),
  );
  const captures = [...new Set(counting.flatMap(({ capture }) => capture ?? []))].toSorted();
  return [
    ...[...lost].map(([text, sides]) => `${sides.join(", ")}: ${text}`),
    ...new Set(orphans),
    ...contradiction(row),
    ...(counting.some(({ check }) => check === "exit-only") ? ["checked by exit status only"] : []),
    ...(captures.length > 1 ? [`timed in different ways: ${captures.join(", ")}`] : []),
  ];
}

/** States which digests of the same work contradict each other, and on which machines. */
function contradiction(row: PairedRow): string[] {
  const where = new Map<string, Set<string>>();
  for (const { machine, trials } of [...row.sides.values()].flat())
    for (const record of trials) {
      if (record.status !== "completed" || !record.tainted.includes(digestsDiffer)) continue;
      const digest = (record.digest ?? "").slice(0, 12);
      where.set(digest, (where.get(digest) ?? new Set()).add(machine));
    }
  const shown = [...where].map(([digest, machines]) => `${digest} on ${[...machines].join(", ")}`);
  return shown.length === 0 ? [] : [`the same work has different digests, so nothing is compared: ${shown.join("; ")}`];
}

/** Lists counts by reason: `2 steal, 1 failed`. */
function listed(reasons: Reasons): string {
  return Object.entries(reasons)
    .map(([reason, count]) => `${count} ${reason}`)
    .join(", ");
}

/** Sums the runs of the table that were left out. */
export function leftOutOf(cells: readonly CellResult[]): ExcludedRuns {
  const reasons: Record<string, number> = {};
  for (const cell of cells) {
    for (const [reason, count] of Object.entries(cell.reasons)) reasons[reason] = (reasons[reason] ?? 0) + count;
  }
  const sum = (count: (cell: CellResult) => number) => cells.reduce((total, cell) => total + count(cell), 0);
  return { runs: sum(({ kept, of }) => of - kept), of: sum(({ of }) => of), reasons };
}

/** Returns the caveats on the table: the scope of its claims, and whether its runs are independent. */
export function tableNotes(rows: readonly PairedRow[], pairs: readonly PairTests[]): string[] {
  return [...new Set(pairs.flatMap(scopeNote)), ...independenceNote(rows)];
}

function scopeNote({ pair, judged }: PairTests): string[] {
  const who = `${pair.contender} against ${pair.baseline}`;
  if (pair.sharedHost) return [`${who}: machines share a host, so no claim on a type is made`];
  const claims = [...judged.values()].filter(({ interval }) => interval !== null);
  const narrow = claims.filter(({ scope }) => scope === "machines").length;
  if (narrow === 0) return [];
  if (narrow === claims.length) return [`${who}: holds for these machines only`];
  return [`${who}: ${narrow} of ${claims.length} rows hold for these machines only, the others for the types`];
}

function independenceNote(rows: readonly PairedRow[]): string[] {
  const machines = rows.flatMap((row) => [...row.sides.values()].flat());
  const series = keptSide(machines.map((machine) => machineRuns(machine, "real"))).machines;
  const found = series.map(({ times_s }) => isSeriallyCorrelated(times_s)).filter((flag) => flag !== undefined);
  const flagged = found.filter(Boolean).length;
  if (!exceedsChance(flagged, found.length)) return [];
  return [`in ${flagged} of ${found.length} series neighbouring runs are correlated: intervals may be too narrow`];
}
