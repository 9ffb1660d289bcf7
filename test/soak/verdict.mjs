// The invariants of issue 4, each as a list of what breaks it.

import { timesRun } from "./stored.mjs";

const digests = { seven: "515544634", eleven: "1485692006" };
export const rounds = 3;
const trials = Object.keys(digests).flatMap((row) => Array.from({ length: rounds }, (_, i) => ({ row, round: i + 1 })));
const promised = new Set([0, 1, 2, 3, 4, 5, 130]);

export const invariants = [
  "nothing left",
  "one record or reason",
  "no step twice",
  "digest right",
  "exit status",
  "verifies",
  "no hang or stack",
  "work done",
  "spent <= budget",
];

/** What a run may spend, and what a machine costs an hour; of both types, in USD. */
export const money = { budget: 5, price: 0.36 };

export function overspent(run) {
  const spent = ((run?.machine_s ?? 0) / 3600) * money.price;
  return spent > money.budget ? [`${spent.toFixed(4)} USD of ${money.budget}`] : [];
}

/** Faults that must cost no trial. */
const harmless = new Set(["slow", "consistency", "duplicate", "clock-jump"]);

/** Where nothing befell client or machines, all was measured: else the other invariants would be held by doing nothing. */
export function idle(run, { hurts, faults, spec }) {
  // A clock that jumps past the machine's deadline ends it, as it should.
  const jump = Math.abs(Number(/clock-jump=(-?\d+)/.exec(spec)?.[1] ?? 0));
  if (hurts.length > 0 || jump > 3600 || !faults.every((name) => harmless.has(name))) return [];
  const bad = (run?.records ?? []).filter(({ status }) => status !== "completed");
  if (run?.isFinished !== true || run.records.length === 0) return ["nothing was measured"];
  return bad.map(({ machine, row, round, status, reason }) => `${machine} ${row} ${round}: ${status} (${reason})`);
}

/** Why a run may end unfinished when nobody hurt it: what it said on a line of its own. */
const endings =
  /^timetrial: (launching .* (capacity|\(VcpuLimitExceeded|\(MaxSpotInstanceCountExceeded|\(Insufficient)|.*did not become managed|i-[0-9a-f]+ \(s\d\.medium\) is |.*\((ThrottlingException|RequestLimitExceeded|Internal\w+|TimeoutError)\)|.*(ECONNRESET|socket hang up)|sending a command|waiting for a command|.*: SSM (did not|still does)|no answer from)/im;

/** Each planned trial of each machine that there ever was has one record; or the run ended unfinished, for a reason that it said. */
export function unaccounted(run, last) {
  if (run === undefined) return [];
  const found = [];
  const counts = new Map();
  for (const { machine, row, round } of run.records) {
    const key = `${machine} ${row} ${round}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  for (const [key, count] of counts) if (count > 1) found.push(`${key}: ${count} records`);
  if (!run.isFinished) {
    // It ended for a stated reason: before it had the machines that it wanted, or since nobody answered.
    const isStated = last.status === 5 && endings.test(last.stderr);
    if (!isStated) found.push(`not finished: status ${last.status}: ${last.stderr.trim().slice(-300)}`);
    return found;
  }
  for (const { machine } of run.machines) {
    const has = trials.filter(({ row, round }) => counts.has(`${machine.name} ${row} ${round}`)).length;
    if (has < trials.length) found.push(`${machine.name}: records for ${has} of ${trials.length} trials`);
  }
  for (const record of run.records)
    if (record.status !== "completed" && !record.reason) found.push(`${record.machine} ${record.row}: no reason`);
  return found;
}

/** No attempt ran twice, by the machines' own evidence; and what is called completed did run, under that attempt. */
export function doubled(run, log) {
  const counts = timesRun(log);
  const found = [...counts].flatMap(([key, count]) => (count === 1 ? [] : [`${key}: ran ${count} times`]));
  const instances = new Map(
    (run?.machines ?? []).map(({ machine }) => [machine.name, machine.address.instance_id ?? ""]),
  );
  for (const { machine, row, round, attempt, status, suite, impl } of run?.records ?? []) {
    const key = `${instances.get(machine)} ${suite}.r${round}.${row}.${impl} ${attempt}`;
    if (status === "completed" && !counts.has(key)) found.push(`${machine}: ${key}: completed, and never ran`);
  }
  return found;
}

export function wrongDigests(run) {
  return (run?.records ?? [])
    .filter(({ status, row, digest, check, real_s: real }) =>
      status === "completed" ? digest !== digests[row] || check !== "ok" : real !== undefined,
    )
    .map(({ machine, row, round, digest }) => `${machine} ${row} ${round}: ${digest}`);
}

/** What a client's exit status promises, against what there is (DESIGN section 8). */
export function brokenPromises(ended, run, alive) {
  const { status, signal, stderr, stdout, hurt, words } = ended;
  const found = [];
  const told = `${words[0]} ended ${signal ?? status}${hurt === undefined ? "" : ` after ${hurt}`}`;
  const say = (what) => found.push(`${told}: ${what}: ${stderr.trim().slice(-200)}`);
  if (signal !== null) {
    // Before its handlers are there a signal ends it like any program; then nothing may have been launched.
    if (signal !== hurt) say("by a signal of its own");
    else if (hurt !== "SIGKILL" && run !== undefined) say("nothing was given back");
    return found;
  }
  if (!promised.has(status)) say("no status that was promised");
  const failed = (run?.records ?? []).filter((one) => one.status === "failed" || one.status === "timed-out");
  if (status === 0 && failed.length > 0) say(`${failed.length} trials failed`);
  if (status === 1 && failed.length === 0) say("no trial failed");
  if (status === 0 && run?.isFinished !== true) say("not finished");
  if (status !== 3 && alive.length > 0) say(`left: ${alive.join(", ")}`);
  if (status === 3 && !/left running/.test(stderr)) say("does not say what is left");
  if (status > 1 && status !== 130 && !/^timetrial: ./m.test(stderr)) say("does not say why");
  if (status === 130 && hurt === undefined) say("nobody interrupted it");
  if (/\b0 instances left running/.test(stdout) && alive.length > 0) say("says that nothing is left");
  return found;
}

export function hungOrThrown({ isHung, stderr, words, took_s: took }) {
  if (isHung) return [`${words[0]} hung for ${took} s`];
  return /^ {4}at /m.test(stderr) ? [`${words[0]} printed a stack: ${stderr.slice(0, 400)}`] : [];
}
