// Caveats on a row, and on the whole table, for both metrics.

import { printable } from "../../domain/printable.ts";
import type { CellResult, ExcludedRuns, Reasons } from "./comparison.ts";
import { isDisturbance } from "../../domain/run/taint.ts";
import { isSeriallyCorrelated, exceedsChance } from "../statistics/independence.ts";
import type { MachineTrials } from "../trials/machine-trials.ts";
import type { PairTests } from "../compare-tests/pair-tests.ts";
import type { PairedRow } from "./paired-rows.ts";
import { countingSide } from "./kept-runs.ts";
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
  const machines = [...row.sides].flatMap(([side, own]) => own.map((trials) => ({ side, trials })));
  const orphans = machines.flatMap(({ side, trials }) => orphansOf(trials).map((what) => `${side}: ${what}`));
  const counting = machines.map(({ trials }) => trials);
  const captures = wordsOf(counting, "capture").toSorted();
  return [
    ...[...lost].map(([text, sides]) => `${sides.join(", ")}: ${text}`),
    ...new Set(orphans),
    ...contradiction(row),
    ...(wordsOf(counting, "check").includes("exit-only") ? ["checked by exit status only"] : []),
    ...(captures.length > 1 ? [`timed in different ways: ${captures.join(", ")}`] : []),
  ];
}

/** Says what a machine's completed trials left running. */
function orphansOf({ records, trials }: MachineTrials): string[] {
  const { tainted } = records.columns;
  const orphaned = new Set(tainted.values.flatMap((words, id) => (words?.includes("orphans") === true ? [id] : [])));
  if (orphaned.size === 0) return [];
  const command = records.columns.word("orphan_command");
  return Array.from(
    trials.filter((i) => records.isCompleted(i) && !records.isContradicted(i) && orphaned.has(tainted.id(i))),
  ).map((i) => `left running, and killed: ${printable(command.at(i) ?? "a process")}`);
}

/** The words in `field` of the trials that count. */
function wordsOf(machines: readonly MachineTrials[], field: "capture" | "check"): string[] {
  const found = new Set<string>();
  for (const { records, kinds } of machines)
    for (const kind of kinds) {
      const i = records.columns.kinds.first[kind] as number;
      const word = records.counts(i) ? records.columns.word(field).at(i) : undefined;
      if (word !== undefined) found.add(word);
    }
  return [...found];
}

/** States which digests of the same work contradict each other, and on which machines. */
function contradiction(row: PairedRow): string[] {
  const where = new Map<string, Set<string>>();
  for (const { machine, records, kinds } of [...row.sides.values()].flat())
    for (const kind of kinds) {
      const i = records.columns.kinds.first[kind] as number;
      if (!records.isContradicted(i)) continue;
      const digest = (records.columns.word("digest").at(i) ?? "").slice(0, 12);
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
  return [...scopeNotes(pairs), ...independenceNote(rows)];
}

/** Returns a line a pair; with three contenders or more those of the same note share a line. */
function scopeNotes(pairs: readonly PairTests[]): string[] {
  const byNote = new Map<string, Set<string>>();
  const contenders = new Set(pairs.map(({ pair }) => pair.contender));
  for (const tests of pairs) {
    const note = scopeNote(tests);
    if (note !== undefined) byNote.set(note, (byNote.get(note) ?? new Set()).add(tests.pair.contender));
  }
  const baseline = pairs[0]?.pair.baseline;
  if (contenders.size >= 3)
    return [...byNote].map(([note, sides]) => {
      const who = sides.size === contenders.size ? "all sides" : [...sides].join(", ");
      return `${who} against ${baseline}: ${note}`;
    });
  return [...contenders].flatMap((side) =>
    [...byNote].flatMap(([note, sides]) => (sides.has(side) ? [`${side} against ${baseline}: ${note}`] : [])),
  );
}

function scopeNote({ pair, judged }: PairTests): string | undefined {
  if (pair.sharedHost) return "machines share a host, so no claim on a type is made";
  const claims = [...judged.values()].filter(({ interval }) => interval !== null);
  const narrow = claims.filter(({ scope }) => scope === "machines").length;
  if (narrow === 0) return undefined;
  if (narrow === claims.length) return "holds for these machines only";
  return `${narrow} of ${claims.length} rows hold for these machines only, the others for the types`;
}

function independenceNote(rows: readonly PairedRow[]): string[] {
  const machines = rows.flatMap((row) => [...row.sides.values()].flat());
  const series = countingSide(machines.map((machine) => machine.kept("real"))).machines;
  const found = series
    .map(({ times_s, ascending_s }) => isSeriallyCorrelated(times_s, ascending_s))
    .filter((flag) => flag !== undefined);
  const flagged = found.filter(Boolean).length;
  if (!exceedsChance(flagged, found.length)) return [];
  return [`in ${flagged} of ${found.length} series neighbouring runs are correlated: intervals may be too narrow`];
}
