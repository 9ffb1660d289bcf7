// A run from its plan to its stored results: provision, upload, measure, store. Gives back what it launched, however
// the run ends.

import { defined } from "../../domain/defined.ts";
import type { RunMachine } from "../../domain/run/run-log.ts";
import { LedgerState } from "../../domain/cloud/ledger.ts";
import { TimetrialError } from "../../domain/errors.ts";
import type { ReleaseProof, RunEvent } from "../../domain/run/events.ts";
import type { Plan, Spec } from "../../domain/plan/plan.ts";
import type { AcquiredMachine, ProvisionOrder, Provisioner } from "../../ports/cloud/provisioner.ts";
import type { StoredRun } from "../../ports/results.ts";
import { lifetimeWithinBudget } from "./within-budget.ts";
import { createContext } from "./create-context.ts";
import { splitFreshRows, allSidesLaunched, measureOnFreshMachines } from "../provision/fresh-machines.ts";
import { type RunContext, runSignal } from "./run-context.ts";
import { refuseImpossiblePlan } from "../plan/refuse-impossible.ts";
import { estimateCost, estimateWithinBudget, type MachineLookups } from "../cost/cost-estimate.ts";
import { type RunIdentity, makePlan, remakePlan } from "../plan/make-plan.ts";
import type { JudgeLook } from "../../ports/stopping-rule.ts";
import type { RunPorts } from "./run-ports.ts";
import { type ReleaseResult, releaseLeases, type Lease, closeResults } from "./give-back.ts";
import { type AcquireAll, measureSuites } from "./measure-suites.ts";
import { acquireMachines } from "../provision/acquire-machines.ts";

/** How a run ended. Its records are in `folder`; `absence` says whether anything may still be running. */
export interface RunOutcome {
  readonly plan: Plan;
  readonly folder: string;
  readonly absence: ReleaseProof;
  /** Errors that did not end the run: a lost machine, a batch without a reply. */
  readonly faults: readonly unknown[];
  /** The error that ended the run early. Trials measured before are stored. */
  readonly error?: unknown;
}

/**
 * Runs `spec`: plans, launches, uploads, measures, stores, and gives back what it launched, however the run ends. Calls
 * `observe` with an event for each step. `signal` ends the run, which then returns the results so far.
 *
 * @throws TimetrialError for what is refused before anything is launched: USAGE, SUITE_UNKNOWN, SUITE_INVALID,
 * TYPE_UNKNOWN, NO_CREDENTIALS, REFUSED. Later errors are in the outcome, beside the results.
 * @example
 * import { run, type RunPorts, type Spec } from "timetrial";
 *
 * export async function measure(spec: Spec, ports: RunPorts): Promise<string> {
 *   const identity = { run: "first-run", tool_version: "0.1.0", created_at: new Date().toISOString() };
 *   const outcome = await run(spec, identity, ports, (event) => console.error(event.what), AbortSignal.timeout(3_600_000));
 *   return outcome.folder;
 * }
 */
export async function run(
  spec: Spec,
  identity: RunIdentity,
  ports: RunPorts,
  observe: (event: RunEvent) => void,
  signal: AbortSignal,
): Promise<RunOutcome> {
  const planned = await makePlan(spec, identity, ports.suites);
  const { plan } = planned;
  refuseImpossiblePlan(plan, process.platform);
  // Published figures are a side of the table, not of the run.
  const measured = spec.sides.filter(({ kind }) => kind !== "published");
  const lost = measured.find(({ kind }) => !ports.provisioners.some(({ kinds }) => kinds.includes(kind)));
  if (lost !== undefined) throw new TimetrialError("REFUSED", `side ${lost.name}: there is no way to get its machines`);
  for (const { provisioner, sides } of sidesByProvisioner(plan, ports))
    await provisioner.check({ plan, sides, signal });
  const costEstimate = await estimateWithinBudget(
    planned,
    ports.priceInputs,
    signal,
    await lookUpMachines(plan, ports, signal),
  );
  signal.throwIfAborted();
  const store = await ports.results.create(plan);
  if (costEstimate !== undefined) await store.prices(costEstimate.list);
  observe({ what: "planned", plan, folder: store.folder, ...defined({ costEstimate }) });
  const begun = { planned, ports, store, observe, signal, records: [], facts: new Map() };
  return await executePlan(createContext({ ...begun, costEstimate }), ports);
}

/**
 * Resumes `stored`, a run whose client died or was interrupted. Uses those of its machines that still exist, and
 * launches others in place of the missing ones.
 *
 * @throws TimetrialError REFUSED where another client has locked the run, or the suites or the agent changed
 * @example
 * import { resume, type RunPorts } from "timetrial";
 *
 * export async function goOn(name: string, ports: RunPorts): Promise<string> {
 *   const stored = await ports.results.load(name);
 *   const outcome = await resume(stored, ports, () => {}, new AbortController().signal);
 *   return outcome.folder;
 * }
 */
export async function resume(
  stored: StoredRun,
  ports: RunPorts,
  observe: (event: RunEvent) => void,
  signal: AbortSignal,
): Promise<RunOutcome> {
  const planned = await sayingWhatMayBeLeft(stored, async () => {
    const remade = await remakePlan(stored.plan, ports.suites);
    for (const provisioner of ports.provisioners) await provisioner.refuseElsewhere?.(stored.ledger ?? []);
    return remade;
  });
  const store = await ports.results.reopen(stored.folder);
  // Read again: before the lock was taken, another client may have gone on with the run.
  const { records, machines, prices } = await ports.results.load(stored.folder);
  const facts = new Map(machines.map((one) => [one.name, one.facts]));
  const costEstimate = await sayingWhatMayBeLeft(stored, () =>
    estimateCost(planned, ports.priceInputs, signal, { known: prices }),
  );
  if (costEstimate !== undefined && prices === undefined) await store.prices(costEstimate.list);
  observe({
    what: "planned",
    plan: stored.plan,
    folder: store.folder,
    ...defined({ costEstimate }),
  });
  return await executePlan(
    createContext({ planned, ports, store, observe, signal, records, facts, costEstimate }),
    ports,
  );
}

/**
 * Does `work`, before which nothing is given back. If it fails, the machines of the run's earlier clients stay.
 *
 * @throws TimetrialError LEFT_RUNNING, with the message of the error, where there are any; else the error
 */
async function sayingWhatMayBeLeft<T>({ plan, ledger = [] }: StoredRun, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const { living, open } = LedgerState.of(ledger);
    if (!(cause instanceof TimetrialError) || cause.code === "LEFT_RUNNING" || living.length + open.length === 0)
      throw cause;
    const hint = `may be left running: ${living.join(", ") || "what an open launch made"}; timetrial resume ${plan.run} gives it back once it can go on`;
    throw new TimetrialError("LEFT_RUNNING", cause.message, {
      cause,
      hint: cause.hint === undefined ? hint : `${cause.hint}; ${hint}`,
    });
  }
}

/** Returns what the provisioners know of the machines before they are launched: by the cloud's own description. */
export async function lookUpMachines(plan: Plan, ports: RunPorts, signal: AbortSignal): Promise<MachineLookups> {
  const unpriced = new Map<string, string>();
  const boots_s: number[] = [];
  for (const { provisioner, sides } of sidesByProvisioner(plan, ports)) {
    const request = { plan, sides, signal };
    for (const [side, why] of (await provisioner.unpriced?.(request)) ?? []) unpriced.set(side, why);
    const boot_s = await provisioner.boot_s?.(request);
    if (boot_s !== undefined) boots_s.push(boot_s);
  }
  return { unpriced, ...(boots_s.length === 0 ? {} : { boot_s: Math.max(...boots_s) }) };
}

/** Returns each provisioner with its sides. */
export function sidesByProvisioner(
  { spec }: Plan,
  ports: RunPorts,
): { provisioner: Provisioner; sides: ProvisionOrder["sides"] }[] {
  return ports.provisioners
    .map((provisioner) => ({ provisioner, sides: spec.sides.filter((side) => provisioner.kinds.includes(side.kind)) }))
    .filter(({ sides }) => sides.length > 0);
}

/** Provisions, measures and gives back. Trials that another client measured are not measured again. */
async function executePlan(context: RunContext, ports: RunPorts): Promise<RunOutcome> {
  const { planned, state, store, observe, unanswered, budget } = context;
  const signal = runSignal(context);
  const { plan } = planned;
  const { spec } = plan;
  const shares = sidesByProvisioner(plan, ports);
  using _watch = budget?.watch();
  const order = (sides: ProvisionOrder["sides"]): ProvisionOrder => ({
    plan,
    sides,
    ledger: store.ledger,
    observe,
    signal,
  });
  const release = async (): Promise<void> => {
    for (const { provisioner, sides } of shares) await provisioner.release(order(sides));
  };
  let error: unknown;
  let given: ReleaseResult = { absence: { state: "nothing-leased" } };
  try {
    // The client of a finished run may have died before it gave the machines back: then only that is left to do.
    if (!state.finished) {
      await everySuite(context, shares, order, release, ports.judgeLook);
      if (unanswered.length === 0) await state.note({ kind: "finished" });
      else observe({ what: "note", text: notFinished(plan) });
    }
  } catch (cause) {
    error = cause;
    if (context.signal.aborted) observe({ what: "note", text: notFinished(plan) });
  } finally {
    const faults = [...context.faults, ...unanswered];
    // A user who interrupts a run wants its machines gone: they are kept only where the run failed by itself.
    const failed = error !== undefined || faults.length > 0 || state.wentWrong;
    const keeps = spec.keep_on_failure === true && failed && !signal.aborted;
    const leases = shares.map(({ provisioner, sides }): Lease => {
      const its = order(sides);
      return {
        release: () => provisioner.release(its),
        absence: () => provisioner.absence(its),
        ...(keeps ? { keep: async () => await provisioner.keep?.(its) } : {}),
      };
    });
    given = await releaseLeases(leases, store.ledger);
  }
  const unclosed = await closeResults(store);
  // Each machine that the budget ended has the same fault.
  const faults = [...new Set([...context.faults, ...unanswered, given.fault, unclosed])].filter(
    (fault) => fault !== undefined && !isSameFault(fault, error),
  );
  return { plan, folder: store.folder, absence: given.absence, faults, ...defined({ error }) };
}

function notFinished({ run: name }: Plan): string {
  return `not all was measured: go on with timetrial resume ${name}`;
}

/** Whether two errors have one cause. A full disk fails every write of the run, and is reported once. */
function isSameFault(fault: unknown, error: unknown): boolean {
  if (fault === error) return true;
  const both = fault instanceof TimetrialError && error instanceof TimetrialError;
  return both && fault.code === "RESULTS_UNWRITABLE" && error.code === "RESULTS_UNWRITABLE";
}

/** Measures all suites: steady rows on the run's machines, then fresh rows on a new machine for each trial. */
async function everySuite(
  context: RunContext,
  shares: ReturnType<typeof sidesByProvisioner>,
  order: (sides: ProvisionOrder["sides"]) => ProvisionOrder,
  release: () => Promise<void>,
  enough: JudgeLook | undefined,
): Promise<void> {
  const { planned, state } = context;
  const { steady, fresh } = splitFreshRows(planned.plan.suites);
  const acquireAll: AcquireAll = async (during, onReady) => {
    for (const { provisioner, sides } of shares) {
      const its = { ...order(sides), signal: runSignal(during) };
      await acquireMachines(during, provisioner, its, steady.length > 0, onReady);
    }
  };
  if (steady.length > 0) await measureSuites(context, steady, enough, acquireAll);
  else await acquireAll(context, () => {});
  if (fresh.length === 0 || !allSidesLaunched(planned.plan.spec)) return;
  if (steady.length > 0) await release();
  const acquire = async (
    wanted: ProvisionOrder["sides"],
    count: number,
    lot: number,
  ): Promise<readonly RunMachine[]> => {
    const acquired: AcquiredMachine[] = [];
    for (const { provisioner, sides } of shares) {
      const some = sides.filter((side) => wanted.includes(side));
      const missing = new Map(some.map(({ name }) => [name, { count, from: state.nextNumber(name) }]));
      if (some.length > 0)
        acquired.push(
          ...(await provisioner.acquire({ ...order(some), missing, ...(await lifetimeWithinBudget(context)) })),
        );
    }
    return await state.acquired(acquired, { lot });
  };
  await measureOnFreshMachines(context, fresh, { acquire, release });
}
