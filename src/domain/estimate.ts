// How long a run will take, from what the suites' manifests say of the work: a guess, and said to be one.

import type { Plan, PlannedSuite } from "./plan.ts";
import type { Side } from "./side.ts";
import { staysAfterwards } from "./stays.ts";
import type { Manifest } from "./suite.ts";

/** Of a build with as many jobs as cores, so much of them is busy, about: the seed article's world. */
const busyShare = 0.8;

/** Until a launched machine is managed, its first boot over. A guess: images differ. Seconds. */
export const boot_s = 120;

/** What a suite's manifest says of its work. */
export interface Estimate {
  /** CPU time of one trial with the suite's own parameters; absent where it does not say. Seconds. */
  readonly cpu_s?: number;
  /** CPUs that it keeps busy. */
  readonly cores: number | "all";
  /** Parameters that are amounts of work. */
  readonly amounts: readonly string[];
}

export function estimateOf({ estimate, auto }: Manifest): Estimate {
  const { cpu_s, cores = 1 } = estimate;
  return {
    ...(typeof cpu_s === "number" ? { cpu_s } : {}),
    cores: cores === "all" ? "all" : Math.max(1, Number(cores) || 1),
    amounts: Object.keys(auto),
  };
}

/** CPUs that a suite keeps busy on a machine of `vcpus`. */
export function busy({ cores }: Pick<Estimate, "cores">, vcpus: number): number {
  return cores === "all" ? vcpus * busyShare : Math.max(1, Math.min(vcpus, cores));
}

/** One trial on a machine of `vcpus`; a machine of unknown size is taken for a small one. Undefined where the suite does not say. Seconds. */
export function trial_s(
  suite: PlannedSuite,
  estimate: Estimate | undefined,
  vcpus: number | undefined,
): number | undefined {
  if (estimate?.cpu_s === undefined) return undefined;
  const share = estimate.amounts.reduce((part, name) => {
    const ratio = Number(suite.params[name]) / Number(suite.defaults[name]);
    return ratio > 0 ? part * ratio : part;
  }, 1);
  return (estimate.cpu_s * share) / busy(estimate, vcpus ?? 2);
}

export interface Expected {
  /** From the first launch to the last giving back. Seconds. */
  readonly whole_s: number;
  /** By launched side: time of all its machines together. Seconds. */
  readonly machines_s: Readonly<Record<string, number>>;
  /** By launched side: how many machines. */
  readonly launched: Readonly<Record<string, number>>;
}

export interface Grounds {
  readonly estimates: ReadonlyMap<string, Estimate>;
  readonly vcpus: (side: Side) => number | undefined;
  /** Until a launched machine is in hand. Seconds. */
  readonly boot_s: number;
}

/** What `plan` will take, setups aside; undefined where a suite of it does not say. */
export function expected(plan: Plan, grounds: Grounds): Expected | undefined {
  const { spec } = plan;
  const sides = spec.sides.filter(({ kind }) => kind !== "published");
  const launched = sides.filter((side) => side.kind === "ec2" && !staysAfterwards(side, spec));
  const machinesOf = (side: Side): number => (launched.includes(side) ? spec.machines : inSide(side));
  let steady_s = 0;
  let fresh_s = 0;
  let freshRuns = 0;
  const freshMachine_s: Record<string, number> = {};
  for (const suite of plan.suites) {
    const own = sides.map((side) => ({ side, ...onSide(suite, side, grounds) }));
    if (own.some(({ trial }) => trial === undefined)) return undefined;
    const times = own.map(({ side, trials, trial = 0 }) => ({ side, s: trials * trial }));
    // Machines of one host take turns; others never wait for each other.
    steady_s += sharing(plan)
      ? times.reduce((sum, { side, s }) => sum + s * machinesOf(side), 0)
      : Math.max(0, ...times.map(({ s }) => s));
    const runs = suite.rows.reduce((sum, row) => sum + (row.fresh === true ? row.runs : 0), 0);
    const slowest_s = Math.max(0, ...own.map(({ trial = 0 }) => trial)) + grounds.boot_s;
    freshRuns += runs;
    fresh_s += Math.ceil(runs / Math.max(1, spec.machines)) * slowest_s;
    for (const { name } of launched) freshMachine_s[name] = (freshMachine_s[name] ?? 0) + runs * slowest_s;
  }
  const steady = plan.suites.some(({ rows }) => rows.some(({ fresh }) => fresh !== true));
  const booted_s = launched.length > 0 ? grounds.boot_s : 0;
  return {
    whole_s: (steady ? booted_s + steady_s : 0) + fresh_s,
    // All are given back together.
    machines_s: Object.fromEntries(
      launched.map(({ name }) => [
        name,
        (steady ? (booted_s + steady_s) * spec.machines : 0) + (freshMachine_s[name] ?? 0),
      ]),
    ),
    launched: Object.fromEntries(launched.map(({ name }) => [name, (steady ? spec.machines : 0) + freshRuns])),
  };
}

/** Whether all machines are this computer, as far as that is known before they are asked. */
function sharing({ spec }: Plan): boolean {
  return spec.cloud === "sandbox" || spec.tenancy === "host";
}

/** Machines that the side names; of those that are found by tag one is counted, since nobody knows. */
function inSide(side: Side): number {
  if (side.kind === "ssh") return side.hosts.length;
  return side.kind === "instances" ? side.ids.length : 1;
}

/** Trials of rows that are no fresh ones, on one machine of the side, and how long each takes. */
function onSide(
  suite: PlannedSuite,
  side: Side,
  { estimates, vcpus }: Grounds,
): { readonly trials: number; readonly trial: number | undefined } {
  const rows = suite.rows.filter((row) => row.fresh !== true && row.os.some((os) => mayRun(side, os)));
  return {
    trials: rows.reduce((sum, { runs }) => sum + runs, 0),
    trial: trial_s(suite, estimates.get(suite.name), vcpus(side)),
  };
}

/** Whether machines of the side may run `os`: an image that is known by its id may hold any system. */
export function mayRun(side: Side, os: string): boolean {
  if (side.kind !== "ec2" || /^(ami-|resolve:)/.test(side.image)) return true;
  return (side.image.startsWith("freebsd/") ? "freebsd" : "linux") === os;
}
