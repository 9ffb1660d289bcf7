// Rounds without a number given beforehand: after whole rounds, the same on all machines, somebody who knows the method
// looks at the records and says whether they are enough. Here is when, and what is kept of it.

import { TimetrialError } from "../../domain/errors.ts";
import type { RunMachine } from "../../domain/run/run-log.ts";
import type { RunEvent } from "../../domain/run/events.ts";
import { type PlannedSuite, roundsOf } from "../../domain/plan/plan.ts";
import type { TrialRecord } from "../../domain/run/trial-record.ts";
import { firstLook, type StopReason, describeStop, type StoppingRule } from "../../domain/plan/stopping-rule.ts";
import type { JudgeLook } from "../../ports/stopping-rule.ts";
import type { MachineRunner } from "../machine/machine-runner.ts";
import { skipUnreachable } from "../provision/prepare-machines.ts";
import { type RunContext } from "./run-context.ts";
import { plannedTrials } from "./trials.ts";

/** When a suite's rounds are looked at. */
export interface InterimLooks {
  /** The round to go on to from `from`, before the next look. */
  next(from: number): number;
  /** Looks at the rounds up to `round`; answers whether they are the last. */
  look(round: number): Promise<boolean>;
}

type LooksOn = (suite: PlannedSuite, benches: readonly MachineRunner[]) => InterimLooks | undefined;

/** When the suites of the errand are looked at; never, where their rounds are counted. */
export function interimLooksFor(errand: RunContext, enough: JudgeLook | undefined): LooksOn {
  const { until } = errand.planned.plan.spec;
  if (until === undefined) return () => undefined;
  if (enough === undefined) throw new TimetrialError("USAGE", "until: there is nobody to say what is enough");
  return (suite, benches) => looksAt(suite, benches, { errand, until, enough });
}

interface Looking {
  readonly errand: RunContext;
  readonly until: StoppingRule;
  readonly enough: JudgeLook;
}

function looksAt(
  suite: PlannedSuite,
  benches: readonly MachineRunner[],
  { errand, until, enough }: Looking,
): InterimLooks {
  const { planned, course, observe } = errand;
  const before = course.stopped(suite.name);
  const most = roundsOf(suite);
  const ours = (): TrialRecord[] => errand.records.filter((record) => record.suite === suite.name);
  const stop = async (stopped: StopReason): Promise<true> => {
    await course.note({ kind: "stopped", ...stopped });
    observe(toldOf(stopped, until));
    return true;
  };
  return {
    next: (from) => {
      if (before !== undefined) return before.round;
      // What an earlier client measured is looked at whole.
      if (from === 1) return Math.min(most, Math.max(firstOf(suite, benches), ...ours().map(({ round }) => round)));
      // A look costs a call to each machine: a tenth more rounds, and one.
      return Math.min(most, from + Math.floor((from - 1) / 10));
    },
    look: async (round) => {
      const meant = (_: RunMachine, uname: string) =>
        plannedTrials(suite, uname, planned.plan.spec.seed).flatMap((trial) =>
          trial.round <= round ? [{ suite, trial }] : [],
        );
      for (const one of course.gone) await skipUnreachable(errand, one, "machine-gone", meant);
      if (before !== undefined) return true;
      const records = ours().filter((record) => record.round <= round);
      const answer = await enough({ plan: planned.plan, suite: suite.name, round, records });
      if (answer.enough) {
        const { why, missed, machines } = answer;
        return await stop({ suite: suite.name, round, why, missed, ...(machines === undefined ? {} : { machines }) });
      }
      if (round < most) return false;
      return await stop({ suite: suite.name, round, why: "cap", missed: [...answer.missed] });
    },
  };
}

/** Types are claimed only where each side has several machines, each on a host of its own. */
function firstOf(suite: PlannedSuite, benches: readonly MachineRunner[]): number {
  const hosts = new Set(benches.map(({ facts }) => facts.host_id));
  const sides = benches.map(({ agent }) => agent.machine.side);
  const lone = sides.some((side) => sides.filter((other) => other === side).length < 2);
  const types = hosts.size === benches.length && !lone;
  const warmup = Math.max(...suite.rows.map((row) => row.warmup));
  return warmup + (types ? firstLook.type : firstLook.machines);
}

function toldOf(stopped: StopReason, until: StoppingRule): RunEvent {
  return { what: "note", text: `${stopped.suite}: ${describeStop(stopped, until)}` };
}
