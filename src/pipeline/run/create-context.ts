// What a run sets out with, from its beginning or from where another client left it.

import type { Plan } from "../../domain/plan/plan.ts";
import type { TrialRecord } from "../../domain/run/trial-record.ts";
import type { Sink } from "./run-context.ts";
import { budgetOf } from "../cost/budget.ts";
import { Course } from "./run-state.ts";
import type { Errand } from "./run-context.ts";
import type { Money } from "../cost/cost-estimate.ts";
import type { Ports } from "./run-ports.ts";

export interface Beginning extends Pick<Errand, "planned" | "store" | "observe" | "signal" | "facts"> {
  readonly ports: Ports;
  readonly records: readonly TrialRecord[];
  readonly money: Money | undefined;
}

export function errandOf({ ports, records, money, ...given }: Beginning): Errand {
  const { store, observe, planned } = given;
  const course = new Course(store, records);
  const all = [...records];
  const sink: Sink = {
    record: async (record) => {
      if (!(await course.record(record))) return;
      all.push(record);
      const title = titleOf(planned.plan, record);
      observe({ what: "record", record, ...(title === undefined ? {} : { title }) });
    },
    log: (name, text) => store.log(name, text),
  };
  const budget = money && budgetOf(money, planned, store.ledger, ports);
  const rest = {
    course,
    sink,
    transports: ports.transports,
    clock: ports.clock,
    faults: [],
    unanswered: [],
    records: all,
  };
  return { ...given, ...rest, ...(budget === undefined ? {} : { budget }) };
}

function titleOf({ suites }: Plan, { suite, row, impl }: TrialRecord): string | undefined {
  const rows = suites.find(({ name }) => name === suite)?.rows ?? [];
  return rows.find((one) => one.name === row && one.impl === impl)?.title;
}
