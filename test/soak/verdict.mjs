// The invariants of the soak, each as a list of what breaks it, or undefined where it has nothing to say.

import { harmless } from "./draws.mjs";
import { anyRead, ranTwice, timedTwice, toldOtherwise } from "./journals.mjs";
import { overspent } from "./money.mjs";
import { isStated, saysBudget, saysUnknown, saysUnpaid } from "./reasons.mjs";

const digests = { seven: "515544634", eleven: "1485692006" };
export const rounds = 3;
const trials = Object.keys(digests).flatMap((row) => Array.from({ length: rounds }, (_, i) => ({ row, round: i + 1 })));
const promised = new Set([0, 1, 2, 3, 4, 5, 130]);

const judges = {
  "nothing left": stillThere,
  "bystanders live": ({ touched }) => touched,
  "other account": believedElsewhere,
  "one record or reason": unaccounted,
  "no step twice": ({ run, counts, journals }) =>
    counts.size === 0 ? undefined : [...ranTwice(run, counts), ...timedTwice(journals)],
  "journals agree": ({ run, journals }) =>
    run !== undefined && anyRead(run, journals) ? toldOtherwise(run, journals) : undefined,
  "digest right": ({ run }) =>
    run?.records.some(({ status }) => status === "completed") ? wrongDigests(run) : undefined,
  "exit status": (evidence) => evidence.clients.flatMap((client) => brokenPromises(client, evidence.spending)),
  verifies: ({ unverified }) => unverified,
  "no hang or stack": ({ clients, others }) => [...clients, ...others].flatMap(hungOrThrown),
  "work done": idle,
  "spent <= budget": (evidence) =>
    evidence.spending.bites && (evidence.run?.leases ?? []).length > 0
      ? overspent(evidence.run, evidence.spending, evidence)
      : undefined,
};

export const invariants = Object.keys(judges);

/**
 * By invariant what breaks it; undefined where it did not apply.
 *
 * Evidence: `plan` (draws.mjs) and its `spending`; `run`, what is stored at the end, undefined where nothing is, with `isLost`
 * where it was removed on purpose; `clients`, each as it ended with the `stored` run and what was `alive` then; `others`, the
 * clients of sweep and verify; `counts` and `journals`, the machines' own (stored.mjs); `rest`, what stayed at the end;
 * `unverified`, what verify complains of, where there are sums.
 */
export function judged(evidence) {
  return Object.fromEntries(Object.entries(judges).map(([name, judge]) => [name, judge(evidence)]));
}

/** `alive`: what EC2 had when the clients were through; then what it had after a sweep, and what lingered beside it. */
function stillThere({ rest: { alive, swept, still, lingering }, isLost, clients }) {
  const isTold = isLost || clients.at(-1).status === 3;
  const found = alive.length > 0 && !isTold ? [`EC2 has ${alive.join(", ")}`] : [];
  if (swept !== undefined && (still.length > 0 || swept.status !== 0))
    found.push(`sweep: status ${swept.status}, EC2 has ${still.join(", ") || "nothing"}: ${swept.stderr}`);
  return [...found, ...lingering];
}

/** A client with another account's credentials refuses the run whose ledger says where it was begun, and calls nothing ended. */
function believedElsewhere({ elsewhere, run }) {
  if (elsewhere === undefined || run?.hasAccount !== true) return undefined;
  const { status, stderr, stdout } = elsewhere;
  const found = [];
  if (![3, 4].includes(status)) found.push(`resume elsewhere: status ${status}: ${stderr.trim().slice(-200)}`);
  else if (!/was begun in account/.test(stderr))
    found.push(`resume elsewhere does not say why: ${stderr.trim().slice(-200)}`);
  if (/0 instances left running/.test(stdout)) found.push("resume elsewhere says that nothing is left");
  return found;
}

/** Where nothing befell client or machines, all was measured: else the other invariants would be held by doing nothing. */
function idle({ run, plan: { hurts, faults, spec }, spending }) {
  // A clock that jumps past the machine's deadline ends it, as it should.
  const jump = Math.abs(Number(/clock-jump=(-?\d+)/.exec(spec)?.[1] ?? 0));
  if (hurts.length > 0 || spending.bites || jump > 3600 || !faults.every((name) => harmless.includes(name)))
    return undefined;
  // Without a name for its first question a client begins nothing.
  if (faults.includes("no-names") && run?.isPlanned !== true) return undefined;
  const bad = (run?.records ?? []).filter(({ status }) => status !== "completed");
  if (run?.isFinished !== true || run.records.length === 0) return ["nothing was measured"];
  return bad.map(({ machine, row, round, status, reason }) => `${machine} ${row} ${round}: ${status} (${reason})`);
}

/** Each planned trial of each machine that there ever was has one record; or the run ended unfinished, for a reason that it said. */
function unaccounted({ run, isLost, plan, spending, clients }) {
  if (isLost) return undefined;
  const last = clients.at(-1);
  if (run?.isFinished !== true) {
    const found = run === undefined ? [] : doubledIn(run);
    // Hurt before it had planned, there is nothing to go on with.
    if (run?.isPlanned !== true && last.hurt !== undefined) return found;
    const isKilled = clients.some(({ signal }) => signal === "SIGKILL");
    if (endedForAReason(last, plan.faults, spending, isKilled)) return found;
    return [...found, `not finished: status ${last.signal ?? last.status}: ${last.stderr.trim().slice(-300)}`];
  }
  const has = new Set(run.records.map(({ machine, row, round }) => `${machine} ${row} ${round}`));
  const short = run.machines.flatMap(({ machine: { name } }) => {
    const count = trials.filter(({ row, round }) => has.has(`${name} ${row} ${round}`)).length;
    return count < trials.length ? [`${name}: records for ${count} of ${trials.length} trials`] : [];
  });
  const mute = run.records.filter(({ status, reason }) => status !== "completed" && !reason);
  const free = run.records.filter(({ reason }) => isForBudget(reason) && !spending.bites);
  return [
    ...doubledIn(run),
    ...short,
    ...mute.map(({ machine, row }) => `${machine} ${row}: no reason`),
    ...free.map(({ machine, row }) => `${machine} ${row}: left out for a budget that was never reached`),
  ];
}

function doubledIn({ records }) {
  const counts = new Map();
  for (const { machine, row, round } of records) {
    const key = `${machine} ${row} ${round}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].flatMap(([key, count]) => (count > 1 ? [`${key}: ${count} records`] : []));
}

/** It ended for a stated reason: before it had the machines that it wanted, since nobody answered, or for its budget. */
function endedForAReason({ status, stderr }, faults, { bites }, isKilled) {
  // A client was killed in a launch, and there is no money to send that launch again and so learn its outcome: 3.
  if (bites && saysBudget(stderr))
    return status === 1 || status === 5 || (status === 3 && isKilled && saysUnknown(stderr));
  // 2: a name that never led anywhere may be misspelt. 3: then machines of an earlier client may be left.
  const isUnnamed = faults.includes("no-names") && (status === 2 || status === 3);
  if (status !== 5 && status !== 4 && !isUnnamed) return false;
  return isStated(stderr, bites ? [...faults, "budget"] : faults);
}

function wrongDigests(run) {
  return run.records
    .filter(({ status, row, digest, check, real_s: real }) =>
      status === "completed" ? digest !== digests[row] || check !== "ok" : real !== undefined,
    )
    .map(({ machine, row, round, digest }) => `${machine} ${row} ${round}: ${digest}`);
}

/** Whether a trial was left out, or broken off, for its price. */
function isForBudget(reason) {
  return reason === "budget" || reason === "budget-cut";
}

/** Reasons of trials that were meant, and that nobody got round to: all is not well then. */
const losses = new Set(["machine-lost", "agent", "fault", "never-began"]);

/** What a client's exit status promises, against what there is (docs/design.md, "Errors and exit status"). */
function brokenPromises(ended, spending) {
  const { status, signal, stderr, stdout, hurt, words, stored, alive } = ended;
  const found = [];
  const told = `${words[0]} ended ${signal ?? status}${hurt === undefined ? "" : ` after ${hurt}`}`;
  const say = (what) => found.push(`${told}: ${what}: ${stderr.trim().slice(-200)}`);
  if (signal !== null) {
    // Before its handlers are there a signal ends it like any program; then nothing may have been launched.
    if (signal !== hurt) say("by a signal of its own");
    else if (hurt !== "SIGKILL" && stored !== undefined) say("nothing was given back");
    return found;
  }
  if (!promised.has(status)) say("no status that was promised");
  const records = stored?.records ?? [];
  const failed = records.filter((one) => one.status === "failed" || one.status === "timed-out");
  const lost = records.filter(({ status: became, reason }) => became === "skipped" && losses.has(reason));
  // The client that the budget ended may have been killed before it could say so: the table of the next one counts what was left.
  const isBudget = spending.bites && (saysBudget(stderr) || saysUnpaid(stdout));
  if (status === 0 && failed.length > 0) say(`${failed.length} trials failed`);
  if (status === 0 && lost.length > 0) say(`${lost.length} trials were lost`);
  if (status === 0 && isBudget) say("the budget ended it");
  if (status === 0 && words[0] === "compare" && records.some(({ reason }) => isForBudget(reason)))
    say("trials were left out");
  if (status === 1 && failed.length + lost.length === 0 && !isBudget && !anyRowBare(records))
    say("no trial failed, and no budget ended it");
  if (status === 0 && stored?.isFinished !== true) say("not finished");
  if (status !== 3 && alive.length > 0) say(`left: ${alive.join(", ")}`);
  if (status === 3 && !/left running/.test(stderr)) say("does not say what is left");
  if (status > 1 && status !== 130 && !/^timetrial: ./m.test(stderr)) say("does not say why");
  if (status === 130 && hurt === undefined) say("nobody interrupted it");
  if (/\b0 instances left running/.test(stdout) && alive.length > 0) say("says that nothing is left");
  return found;
}

/** Whether a row that ran on a side has no kept run there: other processes of a busy host may taint each. */
function anyRowBare(records) {
  const ran = records.filter(({ status }) => status === "completed");
  const key = ({ side, row }) => `${side} ${row}`;
  const kept = new Set(ran.filter(({ tainted }) => !(tainted?.length > 0)).map(key));
  return ran.some((one) => !kept.has(key(one)));
}

function hungOrThrown({ isHung, stderr, words, took_s: took }) {
  if (isHung) return [`${words[0]} hung for ${took} s`];
  return /^ {4}at /m.test(stderr) ? [`${words[0]} printed a stack: ${stderr.slice(0, 400)}`] : [];
}
