// Lists the trials of a suite.

import { type PlannedSuite, roundsOf, rowsForOs, type Spec } from "../../domain/plan/plan.ts";
import type { Side } from "../../domain/plan/side.ts";
import { shuffled, seededRandom } from "../../domain/random.ts";
import type { Trial } from "../../domain/run/run-log.ts";
import { mayRunOs } from "../../domain/cost/duration-estimate.ts";
import type { MachineRunner } from "../machine/machine-runner.ts";

/** Returns the trials of `suite` for the runner's system; all trials where none is for its system. */
export function allTrials(suite: PlannedSuite, runner: MachineRunner): Trial[] {
  const here = suite.not_here === undefined ? rowsForOs(suite, runner.facts.uname) : [];
  return (here.length > 0 ? here : suite.rows).flatMap(({ name: row, impl, runs, limit_s }) =>
    Array.from({ length: runs }, (_, i) => ({ suite: suite.name, row, impl, round: i + 1, attempt: 1, limit_s })),
  );
}

/** Returns the trials up to the first round after warm-up: with `until` the number of rounds to skip is not known. */
export function firstTrials(suite: PlannedSuite, runner: MachineRunner): Trial[] {
  const warmup = Math.max(...suite.rows.map((row) => row.warmup));
  return allTrials(suite, runner).filter(({ round }) => round <= warmup + 1);
}

/** A trial of a fresh row, and the sides that it may run on. */
export interface FreshTrial {
  readonly suite: PlannedSuite;
  readonly trial: Trial;
  readonly sides: readonly Side[];
}

/** Returns all trials of `suite`, round by round, with the sides whose images may run them. */
export function freshTrialsOf(suite: PlannedSuite, spec: Spec): FreshTrial[] {
  const rounds = Math.max(...suite.rows.map(({ runs }) => runs));
  return Array.from({ length: rounds }, (_, i) => i + 1).flatMap((round) => {
    const rows = suite.rows.filter(({ runs }) => runs >= round);
    return shuffled(rows, seededRandom(`${spec.seed}/${suite.name}/fresh/${round}`)).map(
      ({ name: row, impl, limit_s, os }) => ({
        suite,
        trial: { suite: suite.name, row, impl, round, attempt: 1, limit_s },
        sides: spec.sides.filter((side) => side.kind === "ec2" && os.some((one) => mayRunOs(side, one))),
      }),
    );
  });
}

/** Returns all trials of `suite` on a machine whose `uname -s` is `uname`. */
export function plannedTrials(suite: PlannedSuite, uname: string, seed: string): Trial[] {
  const here = new Set(rowsForOs(suite, uname).map((row) => `${row.name} ${row.impl}`));
  return range(1, roundsOf(suite))
    .flatMap((round) => trialsOf(suite, round, seed))
    .filter((trial) => here.has(`${trial.row} ${trial.impl}`));
}

/** Returns the trials of one round, in its order. */
export function trialsOf(suite: PlannedSuite, round: number, seed: string): Trial[] {
  const rows = suite.rows.filter((row) => row.runs >= round);
  return shuffled(rows, seededRandom(`${seed}/${suite.name}/${round}`)).map((row) => ({
    suite: suite.name,
    row: row.name,
    impl: row.impl,
    round,
    attempt: 1,
    limit_s: row.limit_s,
  }));
}

/** Returns the whole numbers from `from` to `to`, both included. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
