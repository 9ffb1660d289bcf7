// The context of a run: what each of its steps needs.

import type { RunEvent } from "../../domain/run/events.ts";
import type { Address, Facts } from "../../domain/run/machine.ts";
import type { RecordColumns } from "../../domain/records/record-columns.ts";
import type { TrialRecord } from "../../domain/run/trial-record.ts";
import type { Clock } from "../../ports/clock.ts";
import type { RunStore } from "../../ports/results.ts";
import type { Transport } from "../../ports/transport.ts";
import { sharedSignal } from "../agent/shared-signal.ts";
import type { Budget } from "../cost/budget.ts";
import type { PreparedPlan } from "../plan/make-plan.ts";
import type { RunState } from "./run-state.ts";

/** The context of a run: its plan, state, transports, clock and results. */
export interface RunContext extends RunOutputs {
  readonly planned: PreparedPlan;
  readonly state: RunState;
  readonly transports: Partial<Record<Address["kind"], Transport>>;
  readonly clock: Clock;
  readonly store: RunStore;
  readonly signal: AbortSignal;
  /** Errors that did not end the run. */
  readonly faults: unknown[];
  /** Errors of the service or the network after which a machine's trials stay open, and the run can be resumed. */
  readonly unanswered: unknown[];
  /** Absent where spending has no limit. */
  readonly budget?: Budget;
  /** All records so far. */
  readonly records: RecordColumns<TrialRecord>;
  /** By machine: the facts that an earlier client of the run found. */
  readonly facts: ReadonlyMap<string, Facts>;
}

/** Returns a signal that aborts when the run is interrupted, and when its budget is spent. */
export function runSignal({ signal, budget }: Pick<RunContext, "signal" | "budget">): AbortSignal {
  return sharedSignal(budget === undefined ? signal : AbortSignal.any([signal, budget.signal]));
}

/** Where records and events of a run go. */
export interface RunOutputs {
  readonly sink: RecordSink;
  readonly observe: (event: RunEvent) => void;
}

/** Takes the records and logs of a run. */
export interface RecordSink {
  record(record: TrialRecord): Promise<void>;
  log(name: string, text: string): Promise<void>;
}
