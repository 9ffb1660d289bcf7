// Creates the context of a run that begins, or that is resumed.

import { defined } from "../../domain/defined.ts";
import type { Plan } from "../../domain/plan/plan.ts";
import { RecordColumns, type Records } from "../../domain/records/record-columns.ts";
import type { TrialRecord } from "../../domain/run/trial-record.ts";
import type { RecordSink } from "./run-context.ts";
import { createBudget } from "../cost/budget.ts";
import { RunState } from "./run-state.ts";
import type { RunContext } from "./run-context.ts";
import type { CostEstimate } from "../cost/cost-estimate.ts";
import type { RunPorts } from "./run-ports.ts";

export interface ContextInputs extends Pick<RunContext, "planned" | "store" | "observe" | "signal" | "facts"> {
  readonly ports: RunPorts;
  readonly records: Records;
  readonly costEstimate: CostEstimate | undefined;
}

export function createContext({ ports, records, costEstimate, ...given }: ContextInputs): RunContext {
  const { store, observe, planned } = given;
  const state = new RunState(store, records);
  const all = RecordColumns.from(records);
  const sink: RecordSink = {
    record: async (record) => {
      if (!(await state.record(record))) return;
      all.push(record);
      const title = titleOf(planned.plan, record);
      observe({ what: "record", record, ...defined({ title }) });
    },
    log: (name, text) => store.log(name, text),
  };
  const budget = costEstimate && createBudget(costEstimate, planned, store.ledger, ports);
  const rest = {
    state,
    sink,
    transports: ports.transports,
    clock: ports.clock,
    faults: [],
    unanswered: [],
    records: all,
  };
  return { ...given, ...rest, ...defined({ budget }) };
}

function titleOf({ suites }: Plan, { suite, row, impl }: TrialRecord): string | undefined {
  const rows = suites.find(({ name }) => name === suite)?.rows ?? [];
  return rows.find((one) => one.name === row && one.impl === impl)?.title;
}
