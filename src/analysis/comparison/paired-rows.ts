// Groups records into the rows of the table, by machine and in order.
//
// Trials belong to one row when suite, row, impl, driver, parameters as written and `work_id` agree. Whether a trial's
// time counts is not decided here.

import { compareNames } from "../../domain/compare-names.ts";
import type { RecordColumns } from "../../domain/records/record-columns.ts";
import { groupsOf, IdGroups, sortedParams } from "../../domain/records/record-groups.ts";
import { stretchesOf } from "../../domain/records/record-kinds.ts";
import { MachineTrials } from "../trials/machine-trials.ts";
import { afterWarmUp } from "./kept-runs.ts";
import type { JudgedRecords } from "./kept-records.ts";

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
  /** How many looks at a verdict could have ended the run: the intervals of speedups allow for them. Absent: one. */
  readonly looks?: number;
}

/** A row with every trial of it, and with those after warm-up. */
export interface GroupedRow extends RowIdentity {
  /** By side; sides without a trial are absent. */
  readonly all: ReadonlyMap<string, readonly MachineTrials[]>;
  readonly sides: ReadonlyMap<string, readonly MachineTrials[]>;
}

/** Groups `records` into rows: every planned row, split by the drivers and the work that it ran with. */
export function pairedRows(records: JudgedRecords, { sides, rows, warmup }: Pairing): GroupedRow[] {
  const groups = groupedSeries(records, sides);
  const names = new Map<string, RowKey>(rows.map((row) => [nameKey(row), row]));
  for (const { name } of groups.toSorted((a, b) => a.begin - b.begin))
    if (!names.has(nameKey(name))) names.set(nameKey(name), name);
  const byName = new Map<string, Series[]>();
  for (const series of groups) {
    const key = nameKey(series.name);
    const known = byName.get(key);
    if (known === undefined) byName.set(key, [series]);
    else known.push(series);
  }
  return [...names].flatMap(([key, name]) =>
    variants(records, name, byName.get(key) ?? [], (side) => warmup(name.suite, name.row, name.impl, side)),
  );
}

/** The trials of one planned row on one machine, by round; the last attempt of each, so that no trial counts twice. */
interface Series {
  readonly name: RowKey;
  readonly side: string;
  readonly machine: string;
  readonly trials: Uint32Array;
  /** Its place among all series, by when the first trial of its row was run: side, machine, round. */
  readonly begin: number;
}

/** Returns all series in the order of sides and machines. */
function groupedSeries(records: JudgedRecords, sides: readonly string[]): Series[] {
  const { columns } = records;
  const fields = ["suite", "row", "impl", "side", "machine"] as const;
  const [suite, row, impl, side, machine] = columns.words(...fields);
  const places = side.values.map((name) => sides.indexOf(name ?? ""));
  const ranks = ranksOf(machine.values);
  const found = membersOf(columns, groupsOf(columns, fields), (i) => (places[side.id(i)] as number) >= 0).map((own) => {
    const first = own[0] as number;
    return {
      name: { suite: suite.word(first), row: row.word(first), impl: impl.word(first) },
      side: side.word(first),
      place: places[side.id(first)] as number,
      machine: machine.word(first),
      rank: ranks[machine.id(first)] as number,
      first,
      trials: lastAttempts(records, own),
    };
  });
  const round = columns.number("round");
  found.sort((a, b) => a.place - b.place || a.rank - b.rank);
  const order = found
    .map((series, at) => ({ series, at, round: round.at(series.trials[0] as number) }))
    .toSorted(
      (a, b) =>
        a.series.place - b.series.place ||
        a.series.rank - b.series.rank ||
        a.round - b.round ||
        a.series.first - b.series.first,
    );
  const begins = new Map(order.map(({ series }, at) => [series, at]));
  return found.map((series) => ({ ...series, begin: begins.get(series) as number }));
}

/** Returns by place of a name how many names come before it. */
function ranksOf(names: readonly (string | undefined)[]): number[] {
  const ranks: number[] = [];
  const order = names.flatMap((name, id) => (name === undefined ? [] : [{ name, id }]));
  order.sort((a, b) => compareNames(a.name, b.name));
  let rank = 0;
  for (const [at, { name, id }] of order.entries()) {
    // Names of one value, as 1 and 01, are of one rank.
    if (at > 0 && compareNames((order[at - 1] as { name: string }).name, name) !== 0) rank = at;
    ranks[id] = rank;
  }
  return ranks;
}

/** Returns the records of each group, of the kinds of records that `isOf`: parts of one list. */
function membersOf(
  { kinds }: RecordColumns,
  groups: (i: number) => number,
  isOf: (i: number) => boolean,
): readonly Uint32Array[] {
  // By kind; 0: it is of no group.
  const groupOf = Uint32Array.from(kinds.first, (i) => (isOf(i) ? groups(i) : 0));
  const counts = new Uint32Array(groupOf.reduce((most, group) => Math.max(most, group), 0) + 1);
  for (let i = 0; i < kinds.of.length; i++) {
    const group = groupOf[kinds.of[i] as number] as number;
    counts[group] = (counts[group] as number) + 1;
  }
  counts[0] = 0;
  // One list, so that a column of all of them is read at once.
  let length = 0;
  const ends = counts.map((count) => (length += count));
  const all = new Uint32Array(length);
  const begins = ends.slice();
  for (let i = kinds.of.length - 1; i >= 0; i--) {
    const group = groupOf[kinds.of[i] as number] as number;
    if (group === 0) continue;
    const at = (begins[group] as number) - 1;
    begins[group] = at;
    all[at] = i;
  }
  return Array.from(ends, (end, group) => all.subarray(begins[group], end)).filter((own) => own.length > 0);
}

/** Keeps the last attempt of each round, by round. */
function lastAttempts(records: JudgedRecords, trials: Uint32Array): Uint32Array {
  if (isAscending(records.numbers("round", trials))) return trials;
  const [round, attempt] = records.columns.numbers("round", "attempt");
  const last = new Map<number, number>();
  for (const i of trials) {
    const before = last.get(round.at(i));
    if (before === undefined || attempt.at(i) >= attempt.at(before)) last.set(round.at(i), i);
  }
  return Uint32Array.from([...last.values()].toSorted((a, b) => round.at(a) - round.at(b)));
}

function isAscending(numbers: Float64Array): boolean {
  for (let k = 1; k < numbers.length; k++) if (!((numbers[k] as number) > (numbers[k - 1] as number))) return false;
  return true;
}

/** Splits one planned row into rows by driver and work. Warm-up is dropped by position before the split. */
function variants(
  records: JudgedRecords,
  name: RowKey,
  all: readonly Series[],
  warmup: (side: string) => number,
): GroupedRow[] {
  const { suite, row, impl } = name;
  const { found, of } = identified(records, all);
  if (found.length === 0)
    return [{ suite, row, impl, driver: "none", params: {}, work_id: null, all: new Map(), sides: new Map() }];
  const ofRow = (trials: Uint32Array, wanted: number): Uint32Array =>
    found.length === 1 ? trials : trials.filter((i) => of(i) === wanted);
  return found.map((identity, wanted) => {
    const own = (after: (side: string) => number): Map<string, MachineTrials[]> => {
      const sides = new Map<string, MachineTrials[]>();
      for (const { side, machine, trials } of all) {
        const kept = ofRow(afterWarmUp(trials, after(side)), wanted);
        if (kept.length === 0) continue;
        const known = sides.get(side);
        const series = new MachineTrials(records, machine, kept);
        if (known === undefined) sides.set(side, [series]);
        else known.push(series);
      }
      return sides;
    };
    return { ...identity, suite, row, impl, all: own(() => 0), sides: own(warmup) };
  });
}

/**
 * Finds the row of each trial. A trial that did not complete may lack its driver ("none") or its work. It is then
 * assigned to a row that fits: preferably one of its machine, else one of its side, else any.
 */
function identified(
  records: JudgedRecords,
  all: readonly Series[],
): { readonly found: readonly RowIdentity[]; readonly of: (i: number) => number } {
  const { columns } = records;
  const [driver, work] = [columns.word("driver"), columns.word("work_id")];
  const params = sortedParams(columns);
  const none = driver.find("none") ?? -1;
  const [groups, works] = [new IdGroups(), new IdGroups()];
  const places: number[] = [];
  const found: { readonly identity: RowIdentity; readonly params: number }[] = [];
  const own = (i: number): number => {
    const key = works.of(groups.of(driver.id(i), params(i)), work.id(i));
    const known = places[key];
    if (known !== undefined) return known;
    const { suite, row, impl } = (all[0] as Series).name;
    const identity = {
      suite,
      row,
      impl,
      driver: driver.word(i),
      params: columns.params.at(i) ?? {},
      work_id: work.at(i) ?? null,
    };
    places[key] = found.length;
    return found.push({ identity, params: params(i) }) - 1;
  };
  const hasIdentity = (i: number): boolean =>
    records.isCompleted(i) || records.isPublished(i) || (driver.id(i) !== none && work.id(i) !== 0);
  // Rows in order of their first trial, wherever they are looked for.
  const seen = {
    all: new Set<number>(),
    sides: new Map<string, Set<number>>(),
    machines: new Map<string, Set<number>>(),
  };
  const note = ({ side, machine }: Series, place: number): void => {
    seen.all.add(place);
    added(seen.sides, side).add(place);
    added(seen.machines, JSON.stringify([side, machine])).add(place);
  };
  const lacking: { readonly series: Series; readonly i: number }[] = [];
  for (const series of all) {
    const { trials } = series;
    // Trials of one kind are of one row, or all of them lack it.
    const stretches = stretchesOf(columns.kinds.of, trials);
    for (const [at, from] of stretches.entries()) {
      const first = trials[from] as number;
      if (hasIdentity(first)) note(series, own(first));
      else for (const i of trials.subarray(from, stretches[at + 1])) lacking.push({ series, i });
    }
  }
  const assigned = new Map<number, number>();
  for (const { series, i } of lacking) {
    const fits = (place: number): boolean => {
      const { identity, params: theirs } = found[place] as (typeof found)[number];
      if (driver.id(i) !== none && driver.at(i) !== identity.driver) return false;
      if (work.id(i) !== 0 && work.at(i) !== identity.work_id) return false;
      return params(i) === theirs;
    };
    const { side, machine } = series;
    const near = [added(seen.machines, JSON.stringify([side, machine])), added(seen.sides, side), seen.all];
    const place = near.map((places) => [...places].find(fits)).find((one) => one !== undefined) ?? own(i);
    assigned.set(i, place);
    note(series, place);
  }
  if (lacking.length === 0) return { found: found.map(({ identity }) => identity), of: own };
  const of = (i: number): number => assigned.get(i) ?? own(i);
  // A row stands where its first trial does, also where that one was assigned.
  const order = [...new Set(all.flatMap(({ trials }) => Array.from(trials, of)))];
  return {
    found: order.map((place) => (found[place] as (typeof found)[number]).identity),
    of: (i) => order.indexOf(of(i)),
  };
}

function added(sets: Map<string, Set<number>>, key: string): Set<number> {
  const known = sets.get(key);
  if (known !== undefined) return known;
  const made = new Set<number>();
  sets.set(key, made);
  return made;
}

function nameKey({ suite, row, impl }: RowKey): string {
  return JSON.stringify([suite, row, impl]);
}
