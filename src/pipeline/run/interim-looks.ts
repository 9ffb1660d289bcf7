// Interim looks of runs with `until`, whose number of rounds is not given beforehand. After the same number of whole
// rounds on all machines, the judge decides from the records whether they are enough. This file decides when, and logs
// the result.

import { defined } from "../../domain/defined.ts";
import { TimetrialError } from "../../domain/errors.ts";
import type { RunMachine } from "../../domain/run/run-log.ts";
import type { RunEvent } from "../../domain/run/events.ts";
import { type PlannedSuite, roundsOf, warmUpOf } from "../../domain/plan/plan.ts";
import type { TrialRecord } from "../../domain/run/trial-record.ts";
import {
  firstLook,
  gateLooks,
  type StopReason,
  describeStop,
  type StoppingRule,
} from "../../domain/plan/stopping-rule.ts";
import type { JudgeLook } from "../../ports/stopping-rule.ts";
import type { MachineRunner } from "../machine/machine-runner.ts";
import { skipUnreachable } from "../provision/prepare-machines.ts";
import { type RunContext } from "./run-context.ts";
import { plannedTrials } from "./trials.ts";

/** The interim looks at one suite. */
export interface InterimLooks {
  /** Returns the last round before the next look, where `from` is the next round. */
  next(from: number): number;
  /** Looks at the rounds up to `round`. Returns whether they are the last. */
  look(round: number): Promise<boolean>;
}

type LooksAtSuite = (suite: PlannedSuite, runners: readonly MachineRunner[]) => InterimLooks | undefined;

/** Returns a function that returns the looks at a suite; undefined where the spec gives the number of rounds. */
export function interimLooksFor(context: LooksContext, judgeLook: JudgeLook | undefined): LooksAtSuite {
  const { until } = context.planned.plan.spec;
  if (until === undefined) return () => undefined;
  if (judgeLook === undefined) throw new TimetrialError("USAGE", "until: there is nobody to say what is enough");
  return (suite, runners) => looksAt(suite, runners, { context, until, judgeLook });
}

/** What the looks of a run need of its context. */
type LooksContext = Pick<RunContext, "planned" | "state" | "observe" | "records" | "sink" | "facts" | "signal">;

interface LookContext {
  readonly context: LooksContext;
  readonly until: StoppingRule;
  readonly judgeLook: JudgeLook;
}

function looksAt(
  suite: PlannedSuite,
  runners: readonly MachineRunner[],
  { context, until, judgeLook }: LookContext,
): InterimLooks {
  const { planned, state, observe } = context;
  const before = state.stopped(suite.name);
  const most = roundsOf(suite);
  const suiteRecords = (): TrialRecord[] => [...context.records.where({ suite: suite.name })];
  const measured = (): number => suiteRecords().reduce((last, { round }) => Math.max(last, round), 0);
  const stop = async (stopped: StopReason): Promise<true> => {
    await state.note({ kind: "stopped", ...stopped });
    observe(stopNote(stopped, until));
    return true;
  };
  return {
    next: (from) => {
      if (before !== undefined) return before.round;
      if ("gate" in until) return nextGateLook(suite, Math.max(from, firstOf(suite, runners), measured()));
      // The first look takes all rounds that an earlier client measured.
      if (from === 1) return Math.min(most, Math.max(measured(), firstOf(suite, runners)));
      // Each look costs a call to each machine, so the next comes after one round and a tenth of the rounds so far.
      return Math.min(most, from + Math.floor((from - 1) / 10));
    },
    look: async (round) => {
      const plannedFor = (_: RunMachine, uname: string) =>
        plannedTrials(suite, uname, planned.plan.spec.seed).flatMap((trial) =>
          trial.round <= round ? [{ suite, trial }] : [],
        );
      for (const one of state.gone) await skipUnreachable(context, one, "machine-gone", plannedFor);
      if (before !== undefined) return true;
      const records = suiteRecords().filter((record) => record.round <= round);
      const decision = await judgeLook({ plan: planned.plan, suite: suite.name, round, records });
      if (decision.enough) {
        const { why, missed, machines } = decision;
        return await stop({ suite: suite.name, round, why, missed, ...defined({ machines }) });
      }
      if (round < most) return false;
      return await stop({ suite: suite.name, round, why: "cap", missed: [...decision.missed] });
    },
  };
}

/** Returns the first look of a gate at round `from` or later. No look is added to those that intervals allow for. */
function nextGateLook(suite: PlannedSuite, from: number): number {
  const most = roundsOf(suite);
  return gateLooks(most, warmUpOf(suite)).find((round) => round >= from) ?? most;
}

/**
 * The round of the first look. The result is about instance types only where each side has several machines, all on own
 * hosts.
 */
function firstOf(suite: PlannedSuite, runners: readonly MachineRunner[]): number {
  const hosts = new Set(runners.map(({ facts }) => facts.host_id));
  const sides = runners.map(({ agent }) => agent.machine.side);
  const lone = sides.some((side) => sides.filter((other) => other === side).length < 2);
  const types = hosts.size === runners.length && !lone;
  const warmup = warmUpOf(suite);
  return warmup + (types ? firstLook.type : firstLook.machines);
}

function stopNote(stopped: StopReason, until: StoppingRule): RunEvent {
  return { what: "note", text: `${stopped.suite}: ${describeStop(stopped, until)}` };
}
