// Estimates how long a run will take, from the suites' manifests. It is a guess, and is labelled as one.

import { defined } from "../defined.ts";
import type { Plan, PlannedRow, PlannedSuite } from "../plan/plan.ts";
import { osOfImage } from "../plan/image.ts";
import type { Side } from "../plan/side.ts";
import { outlivesRun } from "../stays.ts";
import type { Manifest } from "../plan/suite.ts";

/** The busy share of the cores in a build with one job per core, roughly, as in the seed article's world build. */
const busyShare = 0.8;

/** Time until a launched machine is managed, its first boot included. A guess: images differ. Seconds. */
export const assumedBoot_s = 120;

/** The same for bare metal, an upper limit. It counts in full, since nobody has measured it here. Seconds. */
export const assumedMetalBoot_s = 2400;

/** A manifest's estimate of a suite's or a row's work. */
export interface WorkEstimate {
  /** CPU time of one trial with the suite's own parameters; absent if the manifest gives none. Seconds. */
  readonly cpu_s?: number;
  /** The number of CPUs that it keeps busy. */
  readonly cores: number | "all";
}

export interface SuiteEstimate extends WorkEstimate {
  /** Where the estimate comes from, as the manifest says; absent if it does not. */
  readonly note?: string;
  /** The parameters that are amounts of work. */
  readonly amounts: readonly string[];
  /** By `NAME/IMPL`: estimates of rows whose work differs from the rest of the suite. */
  readonly rows?: Readonly<Record<string, Partial<WorkEstimate>>>;
}

export function estimateOf({ estimate, auto, rows }: Pick<Manifest, "estimate" | "auto" | "rows">): SuiteEstimate {
  const { cpu_s, cores = 1, note } = estimate;
  return {
    ...(typeof note === "string" ? { note } : {}),
    ...(typeof cpu_s === "number" ? { cpu_s } : {}),
    cores: cores === "all" ? "all" : Math.max(1, Number(cores) || 1),
    amounts: Object.keys(auto),
    rows: Object.fromEntries(rows.map((row) => [rowKey(row), ownWork(row)])),
  };
}

function ownWork(row: Manifest["rows"][number]): Partial<WorkEstimate> {
  return {
    ...defined({ cpu_s: row.cpu_s, cores: row.cores }),
  };
}

/** Returns the estimate of `row`: its own, else the suite's. */
export function estimateOfRow<E extends SuiteEstimate | undefined>(
  estimate: E,
  row: Pick<PlannedRow, "name" | "impl">,
): E {
  return estimate === undefined ? estimate : { ...estimate, ...estimate.rows?.[rowKey(row)] };
}

function rowKey({ name, impl }: Pick<PlannedRow, "name" | "impl">): string {
  return `${name}/${impl}`;
}

/** Returns whether the duration depends on the number of CPUs. */
export function dependsOnCpuCount({ cores, rows = {} }: SuiteEstimate): boolean {
  return cores !== 1 || Object.values(rows).some((row) => (row.cores ?? 1) !== 1);
}

/** Returns the number of CPUs that a suite keeps busy on a machine with `vcpus`. */
export function busyCpus({ cores }: Pick<WorkEstimate, "cores">, vcpus: number): number {
  return cores === "all" ? vcpus * busyShare : Math.max(1, Math.min(vcpus, cores));
}

/**
 * Returns the duration of one trial on a machine with `vcpus`. A machine of unknown size counts as a small one.
 * Undefined if the suite gives no estimate. Seconds.
 */
export function expectedTrial_s(
  suite: PlannedSuite,
  estimate: SuiteEstimate | undefined,
  vcpus: number | undefined,
): number | undefined {
  if (estimate?.cpu_s === undefined) return undefined;
  const share = estimate.amounts.reduce((part, name) => {
    const ratio = Number(suite.params[name]) / Number(suite.defaults[name]);
    return ratio > 0 ? part * ratio : part;
  }, 1);
  return (estimate.cpu_s * share) / busyCpus(estimate, vcpus ?? 2);
}

/** How long a run is expected to take, and its machines to be billed. Seconds. */
export interface RunDuration {
  /** From the first launch until the last machine is given back. Seconds. */
  readonly whole_s: number;
  /** The longest time that one machine is needed. Seconds. */
  readonly longest_machine_s: number;
  /** By launched side: the total time of all its machines. Seconds. */
  readonly machines_s: Readonly<Record<string, number>>;
  /** By launched side: the number of machines. */
  readonly launched: Readonly<Record<string, number>>;
}

export interface DurationInputs {
  readonly estimates: ReadonlyMap<string, SuiteEstimate>;
  readonly vcpus: (side: Side) => number | undefined;
  /** Time until a launched machine is managed. Seconds. */
  readonly boot_s: number;
}

/** Returns the duration of `plan`, without setups; undefined if one of its suites gives no estimate. */
export function expectedDuration(plan: Plan, grounds: DurationInputs): RunDuration | undefined {
  const { spec } = plan;
  const sides = spec.sides.filter(({ kind }) => kind !== "published");
  const launched = sides.filter((side) => side.kind === "ec2" && !outlivesRun(side, spec));
  const machinesOf = (side: Side): number => (launched.includes(side) ? spec.machines : machinesNamed(side));
  let steady_s = 0;
  let fresh_s = 0;
  let longestFresh_s = 0;
  const freshRuns: Record<string, number> = {};
  const freshMachine_s: Record<string, number> = {};
  for (const suite of plan.suites.filter(({ not_here }) => not_here === undefined)) {
    const times = sides.map((side) => ({ side, s: steadyDuration(suite, side, grounds) }));
    const fresh = freshOf(suite, launched, grounds);
    if (fresh === undefined || times.some(({ s }) => s === undefined)) return undefined;
    // Machines on one host take turns; others never wait for each other.
    steady_s += sharing(plan)
      ? times.reduce((sum, { side, s = 0 }) => sum + s * machinesOf(side), 0)
      : Math.max(0, ...times.map(({ s = 0 }) => s));
    fresh_s += inLots_s(
      fresh.map(({ s }) => s),
      Math.max(1, spec.machines),
    );
    longestFresh_s = Math.max(longestFresh_s, ...fresh.map(({ s }) => s));
    for (const { side, s } of fresh.flatMap((trial) => trial.sides.map((side) => ({ side, s: trial.s })))) {
      freshRuns[side.name] = (freshRuns[side.name] ?? 0) + 1;
      freshMachine_s[side.name] = (freshMachine_s[side.name] ?? 0) + s;
    }
  }
  const steady = plan.suites.some(({ rows }) => rows.some(({ fresh }) => fresh !== true));
  const booted_s = launched.length > 0 ? grounds.boot_s : 0;
  return {
    whole_s: (steady ? booted_s + steady_s : 0) + fresh_s,
    longest_machine_s: Math.max(steady ? booted_s + steady_s : 0, longestFresh_s),
    // All machines are given back together.
    machines_s: Object.fromEntries(
      launched.map(({ name }) => [
        name,
        (steady ? (booted_s + steady_s) * spec.machines : 0) + (freshMachine_s[name] ?? 0),
      ]),
    ),
    launched: Object.fromEntries(
      launched.map(({ name }) => [name, (steady ? spec.machines : 0) + (freshRuns[name] ?? 0)]),
    ),
  };
}

/** Returns whether all machines are this computer, as far as that is known before they are queried. */
function sharing({ spec }: Plan): boolean {
  return spec.cloud === "sandbox" || spec.tenancy === "host";
}

/**
 * Returns the number of machines that the side names. Machines found by tag count as one, since their number is
 * unknown.
 */
export function machinesNamed(side: Side): number {
  if (side.kind === "ssh") return side.hosts.length;
  return side.kind === "instances" ? side.ids.length : 1;
}

/**
 * Returns the duration of all trials of the rows that are not `fresh`, on one machine of the side. Undefined if one
 * trial's duration is unknown. Seconds.
 */
function steadyDuration(suite: PlannedSuite, side: Side, { estimates, vcpus }: DurationInputs): number | undefined {
  let sum = 0;
  for (const row of suite.rows.filter(
    (candidate) => candidate.fresh !== true && candidate.os.some((os) => mayRunOs(side, os)),
  )) {
    const one_s = expectedTrial_s(suite, estimateOfRow(estimates.get(suite.name), row), vcpus(side));
    if (one_s === undefined) return undefined;
    sum += one_s * row.runs;
  }
  return sum;
}

/** A trial on new machines, one of each side. `s` is the time until the slowest is done, its boot included. */
interface FreshTrial {
  readonly sides: readonly Side[];
  readonly s: number;
}

/** Returns the trials of the `fresh` rows; undefined if one trial's duration is unknown. */
function freshOf(
  suite: PlannedSuite,
  launched: readonly Side[],
  { estimates, vcpus, boot_s: booted_s }: DurationInputs,
): FreshTrial[] | undefined {
  const found: FreshTrial[] = [];
  for (const row of suite.rows.filter(({ fresh }) => fresh === true)) {
    const sides = launched.filter((side) => row.os.some((os) => mayRunOs(side, os)));
    const each = sides.map((side) =>
      expectedTrial_s(suite, estimateOfRow(estimates.get(suite.name), row), vcpus(side)),
    );
    if (each.includes(undefined)) return undefined;
    const s = Math.max(0, ...each.map((trial_s = 0) => trial_s)) + booted_s;
    if (sides.length > 0) found.push(...Array.from({ length: row.runs }, () => ({ sides, s })));
  }
  return found;
}

/**
 * Returns the total time of trials with these durations, `most` at once: a lot takes as long as its longest. Seconds.
 */
function inLots_s(lengths: readonly number[], most: number): number {
  const longestFirst = lengths.toSorted((a, b) => b - a);
  return longestFirst.filter((_, i) => i % most === 0).reduce((sum, s) => sum + s, 0);
}

/** Returns whether machines of the side may run `os`: an image that is known only by its id may hold any system. */
export function mayRunOs(side: Side, os: string): boolean {
  const known = side.kind === "ec2" ? osOfImage(side.image) : side.kind === "firecracker" ? side.vm?.guest : undefined;
  return known === undefined || known === os;
}
