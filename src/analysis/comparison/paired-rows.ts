// Groups records into the rows of the table, by machine and in order.
//
// Trials belong to one row when suite, row, impl, driver, parameters as written and `work_id` agree. Whether a trial's
// time counts is not decided here.

import { compareNames } from "../../domain/compare-names.ts";
import type { AnyRecord } from "../../domain/published/figures.ts";
import { afterWarmUp } from "./kept-runs.ts";

/** A row by its names. */
export interface RowKey {
  readonly suite: string;
  readonly row: string;
  readonly impl: string;
}

/** The values in which a row's trials agree. */
interface RowIdentity extends RowKey {
  readonly driver: string;
  readonly params: Readonly<Record<string, string>>;
  readonly work_id: string | null;
}

export interface PairedRow extends RowIdentity {
  /** By side; sides without a trial are absent. */
  readonly sides: ReadonlyMap<string, readonly MachineTrials[]>;
}

/** One machine's trials of one row after warm-up, by round; the last attempt of each. */
export interface MachineTrials {
  readonly machine: string;
  readonly trials: readonly AnyRecord[];
}

/** How records are grouped into rows of the table, and which of them are warm-up. */
export interface Pairing {
  /** Sides in the order of the table. Records of other sides are ignored. */
  readonly sides: readonly string[];
  /** Planned rows in order. A row that has records but is not planned comes last. */
  readonly rows: readonly RowKey[];
  /**
   * Returns the number of warm-up runs of the row on the side. It may differ between sides that come from different
   * runs.
   */
  readonly warmup: (suite: string, row: string, impl: string, side: string) => number;
}

/** Groups `records` into rows: every planned row, split by the drivers and the work that it ran with. */
export function pairedRows(records: readonly AnyRecord[], { sides, rows, warmup }: Pairing): PairedRow[] {
  const trials = lastAttempts(records.filter(({ side }) => sides.includes(side))).toSorted(bySideMachineRound(sides));
  const byRow = grouped(trials, nameKey);
  const names = new Map([...rows, ...trials].map((row) => [nameKey(row), row]));
  return [...names].flatMap(([key, name]) =>
    variants(name, byRow.get(key) ?? [], (side) => warmup(name.suite, name.row, name.impl, side)),
  );
}

/** Keeps the last attempt of each trial, so that no trial counts twice. */
function lastAttempts(records: readonly AnyRecord[]): AnyRecord[] {
  const last = new Map<string, AnyRecord>();
  for (const record of records) {
    const key = JSON.stringify([nameKey(record), record.side, record.machine, record.round]);
    if (record.attempt >= (last.get(key)?.attempt ?? 0)) last.set(key, record);
  }
  return [...last.values()];
}

function bySideMachineRound(sides: readonly string[]): (a: AnyRecord, b: AnyRecord) => number {
  return (a, b) =>
    sides.indexOf(a.side) - sides.indexOf(b.side) || compareNames(a.machine, b.machine) || a.round - b.round;
}

/** Splits one planned row into rows by driver and work. Warm-up is dropped by position before the split. */
function variants(name: RowKey, trials: readonly AnyRecord[], warmup: (side: string) => number): PairedRow[] {
  const identities = identified(trials);
  const kept = [...grouped(trials, machineKey).values()].flatMap((runs) =>
    afterWarmUp(runs, warmup(runs[0]?.side ?? "")),
  );
  const byVariant = grouped(kept, (trial) => identityKey(identities.get(trial) as RowIdentity));
  const found = new Map([...identities.values()].map((identity) => [identityKey(identity), identity]));
  const { suite, row, impl } = name;
  if (found.size === 0) return [{ suite, row, impl, driver: "none", params: {}, work_id: null, sides: new Map() }];
  return [...found].map(([key, identity]) => ({ ...identity, sides: machinesBySide(byVariant.get(key) ?? []) }));
}

/**
 * Finds the row of each trial. A trial that did not complete may lack its driver ("none") or its work. It is then
 * assigned to a row that fits: preferably one of its machine, else one of its side, else any.
 */
function identified(trials: readonly AnyRecord[]): Map<AnyRecord, RowIdentity> {
  const identities = new Map(trials.filter(hasIdentity).map((trial) => [trial, ownIdentity(trial)]));
  for (const trial of trials) {
    if (identities.has(trial)) continue;
    const fitting = [...identities].filter(([, identity]) => fitsIdentity(trial, identity));
    const match =
      fitting.find(([other]) => machineKey(other) === machineKey(trial)) ??
      fitting.find(([other]) => other.side === trial.side) ??
      fitting[0];
    identities.set(trial, match?.[1] ?? ownIdentity(trial));
  }
  return new Map(trials.map((trial) => [trial, identities.get(trial) as RowIdentity]));
}

function hasIdentity({ status, driver, work_id }: AnyRecord): boolean {
  return status === "completed" || status === "published" || (driver !== "none" && work_id !== undefined);
}

function fitsIdentity({ driver, work_id, params }: AnyRecord, identity: RowIdentity): boolean {
  if (driver !== "none" && driver !== identity.driver) return false;
  if (work_id !== undefined && work_id !== identity.work_id) return false;
  return sortedParams(params) === sortedParams(identity.params);
}

function ownIdentity({ suite, row, impl, driver, params, work_id }: AnyRecord): RowIdentity {
  return { suite, row, impl, driver, params, work_id: work_id ?? null };
}

function machinesBySide(trials: readonly AnyRecord[]): Map<string, MachineTrials[]> {
  const sides = grouped(trials, ({ side }) => side);
  const machines = (ofSide: readonly AnyRecord[]) =>
    [...grouped(ofSide, ({ machine }) => machine)].map(([machine, runs]) => ({ machine, trials: runs }));
  return new Map([...sides].map(([side, ofSide]) => [side, machines(ofSide)]));
}

function nameKey({ suite, row, impl }: RowKey): string {
  return JSON.stringify([suite, row, impl]);
}

function machineKey({ side, machine }: AnyRecord): string {
  return JSON.stringify([side, machine]);
}

function identityKey({ driver, params, work_id }: RowIdentity): string {
  return JSON.stringify([driver, sortedParams(params), work_id]);
}

function sortedParams(params: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(params).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Groups `items` by key; keys and items stay in their order of appearance. */
function grouped<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}
