// Estimates what each row of a plan takes, and how much of its machines' time that is.

import type { Plan, PlannedSuite } from "../plan/plan.ts";
import type { Side } from "../plan/side.ts";
import { outlivesRun } from "../stays.ts";
import { type DurationInputs, estimateOfRow, expectedTrial_s, machinesNamed, mayRunOs } from "./duration-estimate.ts";

/** What a row is expected to take. Seconds. */
export interface RowEstimate {
  readonly suite: string;
  readonly row: string;
  readonly impl: string;
  /** By side that may run the row: its trials, on all of its machines. */
  readonly trials: Readonly<Record<string, number>>;
  /** By side that may run the row: one trial, in real time. A side whose trial nobody has estimated is absent. */
  readonly trial_s: Readonly<Record<string, number>>;
  /**
   * By launched side: the time that its machines are busy with the row; of a row that wants new machines, their boots
   * too.
   */
  readonly machine_s: Readonly<Record<string, number>>;
}

/** Returns an estimate for each row that one of the sides may run, in the order of the plan. */
export function rowEstimates(plan: Plan, grounds: DurationInputs): RowEstimate[] {
  const sides = plan.spec.sides.filter(({ kind }) => kind !== "published");
  const suites = plan.suites.filter(({ not_here }) => not_here === undefined);
  return suites.flatMap((suite) =>
    suite.rows.flatMap((row) => {
      const able = sides.filter((side) => row.os.some((os) => mayRunOs(side, os)));
      return able.length === 0 ? [] : [rowEstimate(plan, suite, row, able, grounds)];
    }),
  );
}

function rowEstimate(
  { spec }: Plan,
  suite: PlannedSuite,
  row: PlannedSuite["rows"][number],
  able: readonly Side[],
  { estimates, vcpus, boot_s }: DurationInputs,
): RowEstimate {
  const fresh = row.fresh === true;
  const isLaunched = (side: Side): boolean => side.kind === "ec2" && !outlivesRun(side, spec);
  const machinesOf = (side: Side): number => (isLaunched(side) ? spec.machines : machinesNamed(side));
  const one = (side: Side): number | undefined =>
    expectedTrial_s(suite, estimateOfRow(estimates.get(suite.name), row), vcpus(side));
  const known = able.flatMap((side) => {
    const s = one(side);
    return s === undefined ? [] : [{ side, s }];
  });
  // New machines of a trial are given back together, once the slowest is done.
  const slowest_s = Math.max(0, ...known.map(({ s }) => s));
  return {
    suite: suite.name,
    row: row.name,
    impl: row.impl,
    trials: bySide(able, (side) => row.runs * (fresh ? 1 : machinesOf(side))),
    trial_s: Object.fromEntries(known.map(({ side, s }) => [side.name, s])),
    machine_s: Object.fromEntries(
      known
        .filter(({ side }) => isLaunched(side))
        .map(({ side, s }) => [side.name, row.runs * (fresh ? slowest_s + boot_s : s * spec.machines)]),
    ),
  };
}

function bySide(sides: readonly Side[], value: (side: Side) => number): Record<string, number> {
  return Object.fromEntries(sides.map((side) => [side.name, value(side)]));
}
