// From records to the rows of the table: which trials are one row's, on which machine, in which order.
//
// Trials pair when suite, row, impl, driver, parameters as written and `work_id` agree. Whether a trial's time may be
// counted is not decided here.

import type { AnyRecord } from "../../domain/published/figures.ts";
import { afterWarmUp } from "./kept-runs.ts";

/** A row by its names. */
export interface RowKey {
  readonly suite: string;
  readonly row: string;
  readonly impl: string;
}

/** What a row's trials agree in. */
interface RowIdentity extends RowKey {
  readonly driver: string;
  readonly params: Readonly<Record<string, string>>;
  readonly work_id: string | null;
}

export interface PairedRow extends RowIdentity {
  /** By side, the sides without a trial left out. */
  readonly sides: ReadonlyMap<string, readonly MachineTrials[]>;
}

/** One machine's trials of one row after warm-up, by round, each with its last attempt. */
export interface MachineTrials {
  readonly machine: string;
  readonly trials: readonly AnyRecord[];
}

/** Which records stand in one row of the table, and which of them are warm-up. */
export interface Pairing {
  /** Records of other sides are not looked at. */
  readonly sides: readonly string[];
  /** In planned order; a row that has records but is not planned comes last. */
  readonly rows: readonly RowKey[];
  /** Of the row on the side: runs may have dropped different numbers. */
  readonly warmup: (suite: string, row: string, impl: string, side: string) => number;
}

/** The rows of `records`: every planned one, and one for each driver and work that it was run with. */
export function pairedRows(records: readonly AnyRecord[], { sides, rows, warmup }: Pairing): PairedRow[] {
  const trials = lastAttempts(records.filter(({ side }) => sides.includes(side))).toSorted(bySideMachineRound(sides));
  const byRow = grouped(trials, nameKey);
  const names = new Map([...rows, ...trials].map((row) => [nameKey(row), row]));
  return [...names].flatMap(([key, name]) =>
    variants(name, byRow.get(key) ?? [], (side) => warmup(name.suite, name.row, name.impl, side)),
  );
}

/** One record a trial, whatever its attempts: nothing is counted twice. */
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
    sides.indexOf(a.side) - sides.indexOf(b.side) || byName.compare(a.machine, b.machine) || a.round - b.round;
}

/** Orders names of machines: 10 comes after 2. */
export const byName: Intl.Collator = new Intl.Collator("en", { numeric: true });

/** The rows that one planned row is split into. Warm-up is dropped by position before the split. */
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
 * Which row each trial is of. A trial that did not complete may not know its driver ("none") or its work: it then goes
 * to the row that fits, its own machine's first, then its side's, then any.
 */
function identified(trials: readonly AnyRecord[]): Map<AnyRecord, RowIdentity> {
  const identities = new Map(trials.filter(knowsItself).map((trial) => [trial, ownIdentity(trial)]));
  for (const trial of trials) {
    if (identities.has(trial)) continue;
    const fitting = [...identities].filter(([, identity]) => fits(trial, identity));
    const like =
      fitting.find(([other]) => machineKey(other) === machineKey(trial)) ??
      fitting.find(([other]) => other.side === trial.side) ??
      fitting[0];
    identities.set(trial, like?.[1] ?? ownIdentity(trial));
  }
  return new Map(trials.map((trial) => [trial, identities.get(trial) as RowIdentity]));
}

function knowsItself({ status, driver, work_id }: AnyRecord): boolean {
  return status === "completed" || status === "published" || (driver !== "none" && work_id !== undefined);
}

function fits({ driver, work_id, params }: AnyRecord, identity: RowIdentity): boolean {
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

/** `items` by key, keys and items in their order of appearance. */
function grouped<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}
