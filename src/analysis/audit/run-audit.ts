// Checks a stored run's records against its plan, its facts, each other, and digests that can be recomputed.
//
// An honest run has no findings. The audit cannot find a time that was changed together with its SHA256SUMS: compare
// the sums in the footer of a printed table for that.

import { missingBetween, type OrderOfRounds, orderOfRounds } from "./missing-rounds.ts";
import type { Facts } from "../../domain/run/machine.ts";
import type { Plan } from "../../domain/plan/plan.ts";
import type { NumberColumn } from "../../domain/records/columns.ts";
import type { NumberField } from "../../domain/records/record-fields.ts";
import { RecordColumns } from "../../domain/records/record-columns.ts";
import { groupsOf, IdGroups } from "../../domain/records/record-groups.ts";
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
  const columns = RecordColumns.from<TrialRecord>(run.records);
  const rows = rowsOnMachines(columns);
  const disturbed = disturbedTrials(columns, rows);
  const ownSuites = new Set(run.plan.spec.suites.flatMap(({ suite, folder }) => (folder === undefined ? [] : [suite])));
  const facts = new Map(run.machines.map(({ name, facts }) => [name, facts]));
  const chosen = new Map<string, string>();
  const faultsOf = (record: TrialRecord, row: number): string[] => [
    ...againstPlan(record, run.plan, disturbed[row] ?? 0, chosen),
    ...afterLastRound(record, run),
    ...againstFacts(record, facts, run.plan),
    ...recordContradictions(record, ownSuites),
  ];
  const isLike = likeSoundOnes(columns, run, (i) => faultsOf(columns.at(i), rows(i)).length === 0);
  const order = orderOfRounds(columns, rows);
  // What depends on the words of a record is looked for in each line only where a kind of records has it.
  const ofWords = [otherDigest, movedMachine].flatMap((check) => {
    const ofKinds = check(columns);
    return columns.kinds.first.some((i) => ofKinds(i) !== undefined) ? [check(columns)] : [];
  });
  const checks: LineCheck[] = [
    (i) => (isLike(i) ? undefined : faultsOf(columns.at(i), rows(i))),
    ...(order.every(({ rises }) => rises) ? [] : [repeatedTrial(columns, rows)]),
    ...ofWords,
  ];
  return [...checks.flatMap((check) => findingsOf(check, columns.length)), ...gaps(columns, rows, order)];
}

function findingsOf(check: LineCheck, length: number): AuditFinding[] {
  const found: AuditFinding[] = [];
  for (let i = 0; i < length; i++) {
    const faults = check(i);
    if (faults !== undefined) for (const what of faults) found.push({ where: `records.ndjson:${i + 1}`, what });
  }
  return found;
}

/** Returns how many of the completed records have a digest that is known here. */
export function countExpectedDigests(records: Iterable<TrialRecord>): number {
  const columns = RecordColumns.from<TrialRecord>(records);
  const { of, first } = columns.kinds;
  const [status, suite, row, work] = columns.words("status", "suite", "row", "work_id");
  const known = first.map((i) => {
    const workOfRow = { suite: suite.word(i), row: row.word(i), work_id: work.at(i) };
    return status.at(i) === "completed" && expectedDigest(workOfRow) !== undefined;
  });
  let count = 0;
  for (let i = 0; i < of.length; i++) if (known[of[i] as number] === true) count += 1;
  return count;
}

function rowsOnMachines(columns: RecordColumns): (i: number) => number {
  return groupsOf(columns, ["suite", "row", "impl", "machine"]);
}

/** Returns a number for each work, parameters as written. */
function worksOf(columns: RecordColumns): (i: number) => number {
  const [works, groups] = [groupsOf(columns, ["suite", "row", "impl", "work_id"]), new IdGroups()];
  return (i) => groups.of(works(i), columns.params.id(i));
}

/** Returns how many trials of each row on its machine were disturbed. */
function disturbedTrials(columns: RecordColumns<TrialRecord>, rows: (i: number) => number): number[] {
  const { tainted } = columns;
  const [status, check] = columns.words("status", "check");
  const counts: number[] = [];
  const clean = new Set(tainted.values.flatMap((words, id) => (words?.length === 0 ? [id] : [])));
  for (let i = 0; i < columns.length; i++)
    if (
      !clean.has(tainted.id(i)) &&
      disturbanceOf({ status: status.word(i), check: check.at(i), tainted: tainted.at(i) ?? [] }) !== undefined
    )
      counts[rows(i)] = (counts[rows(i)] ?? 0) + 1;
  return counts;
}

/**
 * Returns whether record `i` has the same words as one without a fault, a planned round, and numbers that no check
 * refuses. `isSound` says whether record `i` itself has no fault, and is called where its words are new.
 */
function likeSoundOnes(
  columns: RecordColumns<TrialRecord>,
  { plan, machines, stopped = [] }: AuditInput,
  isSound: (i: number) => boolean,
): (i: number) => boolean {
  const kinds = columns.kinds.of;
  const ncpu = new Map(machines.map(({ name, facts }) => [name, facts.ncpu]));
  const [suites, names, impls, machine] = columns.words("suite", "row", "impl", "machine");
  const kindOf = (i: number) => {
    const [ofSuite, ofRow, impl] = [suites.word(i), names.word(i), impls.word(i)];
    const row = plan.suites
      .find(({ name }) => name === ofSuite)
      ?.rows.find((one) => one.name === ofRow && one.impl === impl);
    const end = stopped.find(({ suite }) => suite === ofSuite)?.round ?? Infinity;
    const bounds = { ncpu: ncpu.get(machine.word(i)) ?? 0, limit_s: row?.limit_s };
    return { isSound: isSound(i), most: Math.min(row?.runs ?? 0, end), bounds };
  };
  const known: ReturnType<typeof kindOf>[] = [];
  const of = (field: NumberField): Float64Array => columns.numbersOfAll(field);
  const [rounds, reals, users, systems] = [of("round"), of("real_s"), of("user_s"), of("system_s")];
  const [realTicks, cpuTicks] = [of("real_resolution_s"), of("cpu_resolution_s")];
  const others = columns.numbers("exit_status", "swapped_pages", "orphans").filter(({ isAbsent }) => !isAbsent);
  // One object for all: to make one of each record took a fiftieth of verify's CPU.
  const times = { real_s: 0.5, user_s: 0.5, system_s: 0.5, real_resolution_s: 0.5, cpu_resolution_s: 0.5 };
  return (i) => {
    const like = (known[kinds[i] as number] ??= kindOf(i));
    if (!like.isSound || (rounds[i] as number) > like.most) return false;
    for (let k = 0; k < others.length; k++) if ((others[k] as NumberColumn).at(i) > 0) return false;
    const real_s = reals[i] as number;
    if (Number.isNaN(real_s)) return true;
    times.real_s = real_s;
    times.user_s = users[i] as number;
    times.system_s = systems[i] as number;
    times.real_resolution_s = (realTicks[i] as number) || 0;
    times.cpu_resolution_s = (cpuTicks[i] as number) || 0;
    return impossibleTimes(times, like.bounds) === undefined;
  };
}

/** Says what is wrong with a record, by itself or by those before it; undefined where nothing is. */
type LineCheck = (i: number) => readonly string[] | undefined;

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
function repeatedTrial(columns: RecordColumns, rows: (i: number) => number): LineCheck {
  const [round, attempt] = [columns.number("round"), columns.number("attempt")];
  const seen: Map<number | string, number>[] = [];
  return (i) => {
    const [r, a] = [round.at(i), attempt.at(i)];
    // Small whole numbers are found fastest.
    const key = r < 2 ** 24 && a < 64 ? r * 64 + a : `${r} ${a}`;
    const own = (seen[rows(i)] ??= new Map());
    const before = own.get(key);
    if (before === undefined) own.set(key, i + 1);
    return before === undefined ? undefined : [`the same trial as in line ${before}`];
  };
}

/** Finds the same work with different digests: it has one digest, on every machine and in every round. */
function otherDigest(columns: RecordColumns): LineCheck {
  const [status, digest, work] = [columns.word("status"), columns.word("digest"), columns.word("work_id")];
  const works = worksOf(columns);
  const first: number[] = [];
  return (i) => {
    if (digest.id(i) === 0 || work.id(i) === 0 || status.at(i) !== "completed") return undefined;
    const known = (first[works(i)] ??= i);
    if (digest.id(known) === digest.id(i)) return undefined;
    return [`digest: expected ${digest.word(known)}, as in line ${known + 1}, found ${digest.word(i)}`];
  };
}

/** Finds machines with records of more than one side. */
function movedMachine(columns: RecordColumns): LineCheck {
  const [machine, side] = [columns.word("machine"), columns.word("side")];
  const first: number[] = [];
  return (i) => {
    const before = (first[machine.id(i)] ??= side.id(i));
    if (before === side.id(i)) return undefined;
    return [`${machine.word(i)}: expected side ${side.values[before]}, found ${side.word(i)}`];
  };
}

/** Finds missing rounds before a later one. A machine with a single round may have been launched for that trial. */
function gaps(
  columns: RecordColumns<TrialRecord>,
  rows: (i: number) => number,
  order: readonly OrderOfRounds[],
): AuditFinding[] {
  if (order.every(({ isWhole }) => isWhole)) return [];
  const round = columns.number("round");
  const found: { readonly first: number; readonly rounds: Set<number>; last: number }[] = [];
  for (let i = 0; i < columns.length; i++) {
    if (order[rows(i)]?.isWhole === true) continue;
    const own = (found[rows(i)] ??= { first: i, rounds: new Set(), last: 0 });
    own.rounds.add(round.at(i));
    own.last = Math.max(own.last, round.at(i));
  }
  return found.flatMap(({ first, rounds, last }) => {
    if (rounds.size === 1 || rounds.size === last) return [];
    const { suite, row, impl, machine } = columns.at(first);
    const lost = missingBetween(rounds);
    const where = `${suite}/${row}/${impl} on ${machine}`;
    return [{ where: "records.ndjson", what: `${where}: expected round ${lost.join(", ")}, found none` }];
  });
}
