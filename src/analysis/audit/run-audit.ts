// Checks a stored run's records against its plan, its facts, each other, and digests that can be recomputed.
//
// An honest run has no findings. The audit cannot find a time that was changed together with its SHA256SUMS: compare
// the sums in the footer of a printed table for that.

import type { Facts } from "../../domain/run/machine.ts";
import type { Plan } from "../../domain/plan/plan.ts";
import type { TrialRecord } from "../../domain/run/trial-record.ts";
import { impossibleTimes } from "../../domain/run/impossible-times.ts";
import { pinnedWork } from "../../domain/run/pinned-digests.ts";
import { disturbanceOf, taintsOf } from "../../domain/run/taint.ts";
import type { StopReason } from "../../domain/plan/stopping-rule.ts";
import { expectedDigest } from "./expected-digests.ts";

export interface AuditInput {
  readonly plan: Plan;
  /** In the order of the file, since findings name lines. */
  readonly records: Iterable<TrialRecord>;
  readonly machines: readonly { readonly name: string; readonly facts: Facts }[];
  /** How the rounds of suites ended whose number was not fixed beforehand. */
  readonly stopped?: readonly StopReason[];
}

export interface AuditFinding {
  /** File and line: `records.ndjson:12`, `plan.json`. */
  readonly where: string;
  readonly what: string;
}

export function auditRun(run: AuditInput): AuditFinding[] {
  const ownSuites = new Set(run.plan.spec.suites.flatMap(({ suite, folder }) => (folder === undefined ? [] : [suite])));
  const facts = new Map(run.machines.map(({ name, facts }) => [name, facts]));
  const disturbed = new Map<string, number>();
  for (const record of run.records)
    if (disturbanceOf(record) !== undefined)
      disturbed.set(rowOnMachine(record), (disturbed.get(rowOnMachine(record)) ?? 0) + 1);
  const [ofLines, others]: [AuditFinding[], AuditFinding[][]] = [[], [[], [], []]];
  const checks = [repeatedTrial(), otherDigest(), movedMachine()];
  const rounds = new Map<string, Set<number>>();
  const chosen = new Map<string, string>();
  let line = 0;
  for (const record of run.records) {
    line += 1;
    const where = `records.ndjson:${line}`;
    const row = rowOnMachine(record);
    for (const what of [
      ...againstPlan(record, run.plan, disturbed.get(row) ?? 0, chosen),
      ...afterLastRound(record, run),
      ...againstFacts(record, facts, run.plan),
      ...recordContradictions(record, ownSuites),
    ])
      ofLines.push({ where, what });
    for (const [i, check] of checks.entries()) {
      const what = check(record, line);
      if (what !== undefined) others[i]?.push({ where, what });
    }
    rounds.set(row, (rounds.get(row) ?? new Set()).add(record.round));
  }
  return [...ofLines, ...others.flat(), ...gaps(rounds)];
}

/** Says what is wrong with the record of a line, by those before it; undefined where nothing is. */
type LineCheck = (record: TrialRecord, line: number) => string | undefined;

/**
 * `disturbed`: how many trials of the record's row on its machine were disturbed. Each is measured once more, but a row
 * at most as often again as it was planned. `chosen`: by suite and parameter, the value that the first record has where
 * the plan says `auto`; it is filled in here.
 */
function againstPlan(record: TrialRecord, plan: Plan, disturbed: number, chosen: Map<string, string>): string[] {
  const suite = plan.suites.find(({ name }) => name === record.suite);
  const row = suite?.rows.find(({ name, impl }) => name === record.row && impl === record.impl);
  if (suite === undefined || row === undefined)
    return [`expected a planned row, found ${record.suite}/${record.row}/${record.impl}`];
  const found: string[] = [];
  if (!plan.spec.sides.some(({ name }) => name === record.side))
    found.push(`expected a planned side, found ${record.side}`);
  const most = row.runs + Math.min(row.runs - row.warmup, disturbed);
  if (record.round > most) found.push(`expected a round up to ${most}, found ${record.round}`);
  for (const name of new Set([...Object.keys(suite.params), ...Object.keys(record.params)])) {
    const [planned, got] = [suite.params[name], record.params[name]];
    // `auto` is one value for the whole run, chosen when its machines are known.
    const isChosen = planned === "auto" && got !== undefined;
    const key = `${suite.name} ${name}`;
    if (isChosen && !chosen.has(key)) chosen.set(key, got);
    const want = isChosen ? chosen.get(key) : planned;
    if (want !== got) found.push(`parameter ${name}: expected ${want ?? "none"}, found ${got ?? "none"}`);
  }
  if (record.status === "completed" && record.check === "exit-only" && suite.check !== "exit-only")
    found.push("expected a check of the work, found one of the exit status only");
  return found;
}

/** Finds rounds after the one where the suite stopped. A row that needs new machines has its own number of rounds. */
function afterLastRound({ suite, row, impl, round }: TrialRecord, { plan, stopped = [] }: AuditInput): string[] {
  const end = stopped.find((reason) => reason.suite === suite)?.round ?? Infinity;
  const rows = plan.suites.find(({ name }) => name === suite)?.rows ?? [];
  const fresh = rows.some((planned) => planned.name === row && planned.impl === impl && planned.fresh === true);
  return fresh || round <= end ? [] : [`expected a round up to ${end}, where the rounds stopped, found ${round}`];
}

function againstFacts(record: TrialRecord, machines: ReadonlyMap<string, Facts>, plan: Plan): string[] {
  const limit_s = plan.suites
    .find(({ name }) => name === record.suite)
    ?.rows.find(({ name, impl }) => name === record.row && impl === record.impl)?.limit_s;
  const facts = machines.get(record.machine);
  if (facts === undefined) {
    return record.status === "completed" ? [`expected facts of ${record.machine}, found none`] : [];
  }
  const found: string[] = [];
  // A trial skipped before its machine was reached has no host id.
  const isUnseen = record.status === "skipped" && record.host_id === "";
  if (!isUnseen && record.host_id !== facts.host_id)
    found.push(`host_id: expected ${facts.host_id}, found ${record.host_id}`);
  if (record.capture !== undefined && record.capture !== facts.capture)
    found.push(`capture: expected ${facts.capture}, found ${record.capture}`);
  const impossible = record.status === "completed" ? impossibleTimes(record, { ncpu: facts.ncpu, limit_s }) : undefined;
  return impossible === undefined ? found : [...found, impossible];
}

function recordContradictions(record: TrialRecord, ownSuites: ReadonlySet<string>): string[] {
  if (record.status !== "completed") return [];
  const found: string[] = [];
  if ((record.exit_status ?? 0) !== 0)
    found.push(`exit_status: expected 0 of a completed trial, found ${record.exit_status}`);
  const known = ownSuites.has(record.suite) ? undefined : (expectedDigest(record) ?? pinnedWork(record)?.digest);
  if (record.check === "ok" && known !== undefined && record.digest !== known)
    found.push(`digest: expected ${known}, found ${record.digest ?? "none"}`);
  // For a short trial, steal and others' CPU are judged by its batch, which is not stored. Swap and orphans are its
  // own.
  const own = taintsOf(record, undefined, { ncpu: 1, shared: true });
  for (const word of ["swap", "orphans"])
    if (own.includes(word) !== record.tainted.includes(word))
      found.push(`tainted: expected ${own.includes(word) ? "" : "no "}${word}, found [${record.tainted.join(", ")}]`);
  return found;
}

/** Finds trials with two records of the same attempt. */
function repeatedTrial(): LineCheck {
  const seen = new Map<string, number>();
  return ({ suite, row, impl, machine, round, attempt }, line) => {
    const key = JSON.stringify([suite, row, impl, machine, round, attempt]);
    const before = seen.get(key);
    if (before === undefined) seen.set(key, line);
    return before === undefined ? undefined : `the same trial as in line ${before}`;
  };
}

/** Finds the same work with different digests: it has one digest, on every machine and in every round. */
function otherDigest(): LineCheck {
  const first = new Map<string, { readonly digest: string; readonly line: number }>();
  return (record, line) => {
    if (record.status !== "completed" || record.digest === undefined || record.work_id === undefined) return undefined;
    const key = JSON.stringify([record.suite, record.row, record.impl, record.params, record.work_id]);
    const known = first.get(key);
    if (known === undefined) first.set(key, { digest: record.digest, line });
    if (known === undefined || known.digest === record.digest) return undefined;
    return `digest: expected ${known.digest}, as in line ${known.line}, found ${record.digest}`;
  };
}

/** Finds machines with records of more than one side. */
function movedMachine(): LineCheck {
  const side = new Map<string, string>();
  return (record) => {
    const before = side.get(record.machine) ?? record.side;
    side.set(record.machine, before);
    return before === record.side ? undefined : `${record.machine}: expected side ${before}, found ${record.side}`;
  };
}

function rowOnMachine({ suite, row, impl, machine }: TrialRecord): string {
  return `${suite}/${row}/${impl} on ${machine}`;
}

/** Finds missing rounds before a later one. A machine with a single round may have been launched for that trial. */
function gaps(rounds: ReadonlyMap<string, ReadonlySet<number>>): AuditFinding[] {
  return [...rounds].flatMap(([row, found]) => {
    if (found.size === 1) return [];
    const last = [...found].reduce((most, round) => Math.max(most, round), 0);
    const lost = Array.from({ length: last }, (_, i) => i + 1).filter((round) => !found.has(round));
    return lost.length === 0
      ? []
      : [{ where: "records.ndjson", what: `${row}: expected round ${lost.join(", ")}, found none` }];
  });
}
