// What a run on very many machines costs its client: calls, memory and CPU for 10, 100 and 1,000 simulated machines of the
// sandbox; with `--most` for 3,000 too, which take half an hour more; `--machines 10,100` for those alone. The sandbox is in
// this process and sees each call; the client is one of its own, as users start it. Each line is "held" or "MISSED", and the
// exit status 1 where one is missed. `--write` writes its part of docs/performance.md.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { median } from "./median.mjs";
import { writeFanOutPart } from "./performance-page.mjs";
import { journalLines, loadSandbox, simulatedRun } from "./simulated-run.mjs";

/** A trial takes so long on an average machine; two rows have so many rounds. */
const [step_s, setup_s, rounds] = [1, 0.1, 10];
/** Seconds of the cloud from a launch to `running`, and from there to the agent's registration. */
const [running_s, registration_s] = [30, 0.5];
/**
 * How long the sandbox's cloud takes, against a real one: as long. Neither what machines do nor how often the client polls
 * SSM is scaled, so that a faster cloud would make them weigh more from a launch to the first trial.
 */
const timeScale = 1;

/** Per machine and round; MiB; cores; seconds; times. */
const bars = { calls: 1.2, mib: 512, cores: 0.5, noticed_s: 2, work: 1.1, launch: 1.1, growth: 1.2 };

/** AWS's buckets of one account, of which a run may use 80 %: how many calls it holds, and how many come in a second. */
const buckets = [
  {
    name: "EC2 descriptions",
    of: ({ service, action }) => Number(service === "ec2" && action.startsWith("Describe")),
    holds: 100,
    refills: 20,
  },
  { name: "RunInstances", of: ({ action }) => Number(action === "RunInstances"), holds: 5, refills: 2 },
  {
    name: "launched instances",
    of: ({ action, input }) => (action === "RunInstances" ? input.MaxCount : 0),
    holds: 1000,
    refills: 2,
  },
  { name: "TerminateInstances", of: ({ action }) => Number(action === "TerminateInstances"), holds: 100, refills: 5 },
];
const share = 0.8;

const small = [
  { sides: 5, machines: 2 },
  { sides: 10, machines: 10 },
];
const large = [{ sides: 50, machines: 20 }];
/** AWS's bucket of launched instances takes 23 minutes to let so many through. */
const most = { sides: 50, machines: 60, limit_s: 2100 };

/** Tells each line when it is known; returns all, and the number of bars that were missed. `only`: the sizes to run. */
export async function fanOut(folder, { withMost = false, only, say = console.log } = {}) {
  const isWanted = ({ sides, machines }) => only === undefined || only.includes(sides * machines);
  const sandbox = await loadSandbox(folder);
  const [lines, seen] = [[], []];
  let missed = 0;
  const tell = (line) => {
    lines.push(line);
    say(line);
  };
  const judge = (what, figure, bar, unit) => {
    const held = figure <= bar;
    if (!held) missed += 1;
    tell(`${what}: ${figure.toFixed(2)} ${unit}, bar ${bar}: ${held ? "held" : "MISSED"}`);
  };
  const take = (run) => {
    seen.push(run);
    const of = `of ${run.count} simulated machines`;
    judge(`calls ${of}`, run.calls / run.count / rounds, bars.calls, "a machine and round");
    tell(`calls ${of}, by action: ${run.actions}`);
    // A thousand machines may have so much; of more it may grow with their number.
    judge(`memory of the client ${of}`, run.mib, bars.mib * Math.max(1, run.count / 1000), "MiB");
    judge(`CPU of the client ${of}`, run.cpu_s / run.took_s, bars.cores, "cores");
    judge(`a batch's end noticed ${of}, at the median`, run.noticed_s, bars.noticed_s, "s");
    judge(`the whole ${of}, to the slowest machine's own work`, run.whole_s / run.work_s, bars.work, "times");
    judge(
      `from the first launch to the last end ${of}, to AWS's buckets, the cloud's delays and the work`,
      run.end_s / run.leastEnd_s,
      bars.work,
      "times",
    );
    judge(
      `from the launch to the first trial ${of}, to the cloud's own delays`,
      run.first_s / run.delays_s,
      bars.launch,
      "times",
    );
    for (const { name, used } of run.buckets)
      judge(`${name} ${of}, most that was used of AWS's bucket`, used, share, "of it");
    tell(`SSM's calls in a second ${of}: ${run.ssm} at most (its rates are not published)`);
  };
  // The small ones hardly need this computer, and wait side by side.
  for (const run of await Promise.all(small.filter(isWanted).map((size) => oneRun(folder, sandbox, size)))) take(run);
  for (const size of (withMost ? [...large, most] : large).filter(isWanted)) {
    try {
      take(await oneRun(folder, sandbox, size));
    } catch (error) {
      missed += 1;
      tell(`a run on ${size.sides * size.machines} simulated machines: ${error.message}: MISSED`);
    }
  }
  const [first] = seen;
  for (const [i, run] of seen.entries()) {
    const before = seen[i - 1];
    if (before === undefined) continue;
    const what = `from ${before.count} to ${run.count} machines, a machine`;
    judge(`growth of calls ${what}`, run.calls / run.count / (before.calls / before.count), bars.growth, "times");
    judge(`growth of CPU ${what}`, run.cpu_s / run.count / (before.cpu_s / before.count), bars.growth, "times");
    // What a client has before it has machines is about what ten of them need.
    if (before !== first) {
      const grown = (one) => (one.mib - first.mib) / one.count;
      judge(`growth of memory ${what}`, grown(run) / grown(before), bars.growth, "times");
    }
  }
  return { lines, missed };
}

/** A run that takes longer than `limit_s` seconds is ended. */
async function oneRun(folder, sandbox, { sides, machines, limit_s = 480 }) {
  const count = sides * machines;
  const state = join(folder, `state-${count}`);
  const run = await simulatedRun(sandbox, {
    state,
    timeScale,
    boot: { runningS: running_s },
    simulation: { stepS: step_s, setupS: setup_s, prepareS: 0, spread: 0.02 },
    words: wordsOf({ sides, machines }),
    limit_s,
  });
  const { took_s, own, calls, invocations } = run;
  const figures = figuresOf(calls, invocations, {
    sideOf: sidesByInstance(join(state, "results")),
    machines,
  });
  return { count, took_s, ...own, calls: calls.length, actions: actionsOf(calls), ...figures };
}

function wordsOf({ sides, machines }) {
  const types = ["s1.medium", "s2.medium", "s1.large", "s2.large", "s1.xlarge", "s2.xlarge"];
  const given = Array.from({ length: sides }, (_, i) => `t${i + 1}=${types[i % types.length]}`);
  const size = ["--machines", String(machines), "--rounds", String(rounds), "--suite", "hashes/sha256"];
  // In a zone that was named machines begin while others are launched: no other zone is tried.
  return [...given, ...size, "--zone", "us-east-1a", "--max-hours", "48"];
}

/** By instance: the number of its side, as `wordsOf` has them, from 0. */
function sidesByInstance(results) {
  const [run] = readdirSync(results);
  const lines = readFileSync(join(results, run, "course.ndjson"), "utf8")
    .trim()
    .split("\n");
  const machines = lines
    .map((line) => JSON.parse(line))
    .flatMap(({ kind, machines: some }) => (kind === "machines" ? some : []));
  return new Map(machines.map(({ machine, instance }) => [instance.id, Number(machine.side.slice(1)) - 1]));
}

/** How often each action was called, most often first: `GetCommandInvocation 40, …`. */
function actionsOf(calls) {
  const counts = new Map();
  for (const { action } of calls) counts.set(action, (counts.get(action) ?? 0) + 1);
  const sorted = [...counts].toSorted(([, a], [, b]) => b - a);
  return sorted.map(([action, count]) => `${action} ${count}`).join(", ");
}

/** What calls and journals tell of a run. */
function figuresOf(calls, invocations, { sideOf, machines }) {
  const polls = new Map();
  const listed = [];
  for (const { action, input, at_ms } of calls) {
    const key = `${input.CommandId} ${input.InstanceId}`;
    if (action === "GetCommandInvocation") polls.set(key, [...(polls.get(key) ?? []), at_ms]);
    if (action !== "ListCommandInvocations") continue;
    const after_ms = Date.parse(input.Filters?.find(({ key }) => key === "InvokedAfter")?.value ?? 0);
    listed.push({ id: input.CommandId, after_ms, at_ms });
  }
  const work_s = new Map();
  const noticed_s = [];
  let first_ms = Infinity;
  /** By instance: when its first batch was sent, and when the end of its last one was noticed. */
  const [sent_ms, last_ms] = [new Map(), new Map()];
  for (const { action, input, at_ms } of calls)
    if (action === "SendCommand" && /\ntt_plan /.test(input.Parameters.commands.join("\n")))
      for (const id of input.InstanceIds) if (!sent_ms.has(id)) sent_ms.set(id, at_ms);
  for (const { request, instanceId, stdout, endedAt } of invocations) {
    const lines = journalLines({ request, stdout });
    for (const line of lines) {
      if (line.t === "begun" && line.kind === "trial") first_ms = Math.min(first_ms, Date.parse(line.at));
      if (line.t === "ended") work_s.set(instanceId, (work_s.get(instanceId) ?? 0) + (line.real_s ?? setup_s));
    }
    const end = lines.find(({ t }) => t === "end");
    if (end === undefined) continue;
    const isAfter = (at) => at >= endedAt.getTime();
    const tells = ({ id, after_ms }) =>
      id === undefined ? request.requestedAt.getTime() > after_ms : id === request.commandId;
    const own = polls.get(`${request.commandId} ${instanceId}`) ?? [];
    const at = own.find(isAfter) ?? listed.find((list) => tells(list) && isAfter(list.at_ms))?.at_ms;
    if (at === undefined) continue;
    last_ms.set(instanceId, Math.max(last_ms.get(instanceId) ?? 0, at));
    noticed_s.push((at - Date.parse(end.at)) / 1000);
  }
  const launch = calls.find(({ action }) => action === "RunInstances");
  const delays_s = running_s + registration_s + setup_s;
  return {
    noticed_s: median(noticed_s),
    whole_s: Math.max(...[...last_ms].map(([id, at_ms]) => at_ms - sent_ms.get(id))) / 1000,
    work_s: Math.max(...work_s.values()),
    first_s: (first_ms - launch.at_ms) / 1000,
    delays_s,
    end_s: (Math.max(...last_ms.values()) - launch.at_ms) / 1000,
    // The setup is in a machine's work.
    leastEnd_s: Math.max(
      ...[...work_s].map(([id, its_s]) => launchable_s(sideOf.get(id), machines) + delays_s - setup_s + its_s),
    ),
    buckets: buckets.map(({ name, ...bucket }) => ({ name, used: usedOf(calls, bucket) })),
    ssm: busiestSecond(calls.filter(({ service }) => service === "ssm")),
  };
}

/** When the share of AWS's buckets lets side `side` be launched after the first, of so many machines each. Seconds. */
function launchable_s(side, machines) {
  const wait_s = (bucket, tokens) => {
    const { holds, refills } = buckets.find(({ name }) => name === bucket);
    return Math.max(0, tokens - holds * share) / (refills * share);
  };
  return Math.max(wait_s("RunInstances", side + 1), wait_s("launched instances", (side + 1) * machines));
}

/** The largest part of a bucket that was out at once. */
function usedOf(calls, { of, holds, refills }) {
  let [out, at_ms, used] = [0, 0, 0];
  for (const call of calls) {
    const taken = of(call);
    if (taken === 0) continue;
    out = Math.max(0, out - ((call.at_ms - at_ms) / 1000) * refills) + taken;
    at_ms = call.at_ms;
    used = Math.max(used, out / holds);
  }
  return used;
}

function busiestSecond(calls) {
  const seconds = new Map();
  for (const { at_ms } of calls)
    seconds.set(Math.floor(at_ms / 1000), (seconds.get(Math.floor(at_ms / 1000)) ?? 0) + 1);
  return Math.max(0, ...seconds.values());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = mkdtempSync(join(tmpdir(), "timetrial-fan-out-"));
  try {
    const { values: asked } = parseArgs({
      options: { most: { type: "boolean" }, write: { type: "boolean" }, machines: { type: "string" } },
    });
    const only = asked.machines?.split(",").map(Number);
    const { lines, missed } = await fanOut(folder, { withMost: asked.most === true, only });
    if (asked.write === true) writeFanOutPart(lines);
    process.exitCode = missed === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
