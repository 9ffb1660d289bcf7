// From a machine that answers to a bench: what it needs is shipped, what it is is known. And what becomes of the trials
// of a machine that is lost.

import { TimetrialError } from "../domain/errors.ts";
import type { InHand, Trial } from "../domain/course.ts";
import type { Address, Facts } from "../domain/machine.ts";
import { wanted } from "../domain/needs.ts";
import type { PlannedSuite } from "../domain/plan.ts";
import type { RunRecord } from "../domain/record.ts";
import type { Clock } from "../ports/clock.ts";
import type { RunStore } from "../ports/results.ts";
import type { Transport } from "../ports/transport.ts";
import { Agent } from "./agent.ts";
import { Bench, type BenchOptions } from "./bench.ts";
import { bootedFacts } from "./booted.ts";
import type { Course } from "./course.ts";
import type { Telling } from "./needs.ts";
import type { Planned } from "./plan.ts";
import { skippedRecord } from "./record.ts";
import { plannedTrials } from "./schedule.ts";

/** What a run takes to every machine: its plan, its ways there, and where what it learns is kept. */
export interface Errand extends Telling {
  readonly planned: Planned;
  readonly course: Course;
  readonly transports: Partial<Record<Address["kind"], Transport>>;
  readonly clock: Clock;
  readonly store: RunStore;
  readonly signal: AbortSignal;
  /** What went wrong without ending the run. */
  readonly faults: unknown[];
  /** All that there are so far. */
  readonly records: readonly RunRecord[];
  /** By machine: what an earlier client of the run found on it. */
  readonly facts: ReadonlyMap<string, Facts>;
}

/** The bench of a machine that answers. */
export async function inHand(
  errand: Errand,
  { machine, instance, slot, booting }: InHand,
  options: Pick<BenchOptions, "attempts"> = {},
): Promise<Bench> {
  const { planned, course, transports, clock, signal, observe } = errand;
  const transport = transports[machine.address.kind];
  if (transport === undefined) throw new TimetrialError("TRANSPORT", `no way to reach ${machine.name}`);
  const { agent: archive, library } = planned;
  const agent = new Agent({ machine, transport, clock, run: planned.plan.run, slot, agent: archive, library, signal });
  await agent.ship([archive, ...planned.archives.values()]);
  const asked = wanted(planned.plan.suites);
  const found = booting === true ? await bootedFacts(agent, clock, signal, asked) : await agent.facts(asked);
  // Machines on one dedicated host share it, whatever their kernels say.
  const host = instance?.host === undefined ? {} : { host_id: instance.host };
  const facts = { ...found, ...host, suites: {}, ...(instance === undefined ? {} : { instance }) };
  return new Bench(agent, facts, { course, observe, clock, ...options });
}

/** Tells of what setup found on `bench`, and keeps its facts. */
export async function tellSetUp({ observe, store }: Errand, suite: PlannedSuite, bench: Bench): Promise<void> {
  const { machine } = bench.agent;
  observe({ what: "machine-setup", machine, capture: bench.facts.capture, drivers: bench.drivers(suite.name) });
  await store.facts(machine, bench.facts);
}

/** Records those of `trials` as skipped that `bench` was lost before; ends the run instead where it was interrupted. */
export async function lost(
  { signal, faults, sink, course }: Errand,
  suite: PlannedSuite,
  bench: Bench,
  error: unknown,
  trials: readonly Trial[],
): Promise<void> {
  if (signal.aborted) throw error;
  if (!faults.includes(error)) faults.push(error);
  const reason = error instanceof TimetrialError ? error.code.toLowerCase().replaceAll("_", "-") : "fault";
  const place = { machine: bench.agent.machine, facts: bench.facts, suite };
  for (const trial of trials.filter((one) => !course.has(bench.name, one)))
    await sink.record(skippedRecord(trial, reason, place));
}

/** What a machine that is gone did not measure of `suites` is said to be so, up to round `most`. */
export async function forsake(
  { planned, course, facts, sink }: Errand,
  { machine }: InHand,
  suites: readonly PlannedSuite[],
  most = Infinity,
): Promise<void> {
  const found = facts.get(machine.name);
  if (found === undefined) return;
  for (const suite of suites) {
    for (const trial of plannedTrials(suite, found.uname, planned.plan.spec.seed))
      if (trial.round <= most && !course.has(machine.name, trial))
        await sink.record(skippedRecord(trial, "machine-gone", { machine, facts: found, suite }));
  }
}
