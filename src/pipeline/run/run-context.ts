import type { RunEvent } from "../../domain/run/events.ts";
import type { Address, Facts } from "../../domain/run/machine.ts";
import type { TrialRecord } from "../../domain/run/trial-record.ts";
import type { Clock } from "../../ports/clock.ts";
import type { RunStore } from "../../ports/results.ts";
import type { Transport } from "../../ports/transport.ts";
import type { Budget } from "../cost/budget.ts";
import type { PreparedPlan } from "../plan/make-plan.ts";
import type { RunState } from "./run-state.ts";

/** What a run takes to every machine: its plan, its ways there, and where what it learns is kept. */

export interface RunContext extends RunOutputs {
  readonly planned: PreparedPlan;
  readonly course: RunState;
  readonly transports: Partial<Record<Address["kind"], Transport>>;
  readonly clock: Clock;
  readonly store: RunStore;
  readonly signal: AbortSignal;
  /** What went wrong without ending the run. */
  readonly faults: unknown[];
  /** Why machines could not be asked any more: their trials stay open, and the run can be resumed. */
  readonly unanswered: unknown[];
  /** Absent where as much may be spent as it takes. */
  readonly budget?: Budget;
  /** All that there are so far. */
  readonly records: readonly TrialRecord[];
  /** By machine: what an earlier client of the run found on it. */
  readonly facts: ReadonlyMap<string, Facts>;
}
/** Aborts when the run is interrupted, and when its budget is spent. */

export function runSignal({ signal, budget }: Pick<RunContext, "signal" | "budget">): AbortSignal {
  return budget === undefined ? signal : AbortSignal.any([signal, budget.signal]);
}
export interface RunOutputs {
  readonly sink: RecordSink;
  readonly observe: (event: RunEvent) => void;
}
export interface RecordSink {
  record(record: TrialRecord): Promise<void>;
  log(name: string, text: string): Promise<void>;
}
