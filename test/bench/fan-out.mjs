// What a run on very many machines costs its client: calls, memory and CPU for 10, 100 and 1,000 simulated machines of the
// sandbox, 3,000 with `--most`. The sandbox is in this process and sees each call; the client is one of its own, as users
// start it. Each line is "held" or "MISSED", and the exit status 1 where one is missed. `--write` writes its
// part of docs/performance.md.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bundled } from "./bundled.mjs";
import { writeFanOutPart } from "./fan-out-page.mjs";

const root = join(import.meta.dirname, "../..");

/** A trial takes so long on an average machine; two rows have so many rounds. */
const [step_s, setup_s, rounds] = [1, 0.1, 10];
/** Seconds of the cloud from a launch to `running`, and from there to the agent's registration. */
const [running_s, registration_s] = [30, 0.5];
/** How long the sandbox's cloud takes, against a real one. What machines do is not scaled. */
const timeScale = 0.1;
/** A run that takes longer is ended. Seconds. */
const limit_s = 240;

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
const most = { sides: 50, machines: 60 };

/** Tells each line when it is known; returns all, and the number of bars that were missed. */
export async function fanOut(folder, { withMost = false, say = console.log } = {}) {
  const module = join(folder, "fan-out-sandbox.mjs");
  const contents = `export { SandboxAccount } from "./src/sandbox/account.ts";
    export { listen } from "./src/sandbox/server.ts";
    export { defaultBootSettings } from "./src/sandbox/network/boot-settings.ts";`;
  await bundled(contents, module);
  const sandbox = await import(pathToFileURL(module).href);
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
    judge(`memory of the client ${of}`, run.mib, bars.mib, "MiB");
    judge(`CPU of the client ${of}`, run.cpu_s / run.took_s, bars.cores, "cores");
    judge(`a batch's end noticed ${of}, at the median`, run.noticed_s, bars.noticed_s, "s");
    judge(`the whole ${of}, to the slowest machine's own work`, run.whole_s / run.work_s, bars.work, "times");
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
  for (const run of await Promise.all(small.map((size) => oneRun(folder, sandbox, size)))) take(run);
  for (const size of withMost ? [...large, most] : large) {
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

async function oneRun(folder, { SandboxAccount, listen, defaultBootSettings }, { sides, machines }) {
  const count = sides * machines;
  const state = join(folder, `state-${count}`);
  mkdirSync(state, { mode: 0o700 });
  const account = new SandboxAccount({
    dir: state,
    timeScale,
    mask: false,
    isolation: "marker",
    boot: { ...defaultBootSettings, runningS: running_s },
    simulation: { stepS: step_s, setupS: setup_s, spread: 0.02 },
  });
  const credentials = { accessKeyId: "AKIASANDBOX000000000", secretAccessKey: "c2FuZGJveA==" };
  const calls = [];
  const witness = (call) => void calls.push({ ...call, at_ms: Date.now() });
  const endpoint = await listen({ account, credentials, onRequest: () => {}, onExchange: undefined, witness });
  writeFileSync(
    join(state, "sandbox.json"),
    JSON.stringify({
      schema: 1,
      pid: process.pid,
      endpoint: endpoint.url,
      region: "us-east-1",
      access_key_id: credentials.accessKeyId,
      secret_access_key: credentials.secretAccessKey,
      time_scale: timeScale,
    }),
  );
  const client = spawn(process.execPath, wordsOf({ sides, machines, results: join(state, "results") }), {
    env: {
      ...process.env,
      TIMETRIAL_SANDBOX_STATE: state,
      TIMETRIAL_SANDBOX_SIMULATE: "",
      TIMETRIAL_SANDBOX_FAULTS: "",
    },
    stdio: ["ignore", "ignore", "pipe", "pipe"],
    timeout: limit_s * 1000,
  });
  let [told, complained] = ["", ""];
  client.stdio[3].on("data", (chunk) => (told += chunk));
  client.stderr.on("data", (chunk) => (complained += chunk));
  const started_ms = Date.now();
  const [status] = await once(client, "close");
  const took_s = (Date.now() - started_ms) / 1000;
  const invocations = account
    .region("us-east-1")
    .commands.visible()
    .flatMap((command) => command.invocations);
  await endpoint.close();
  await account.close();
  if (client.signalCode !== null) throw new Error(`not over after ${limit_s} s`);
  if (status !== 0) throw new Error(`exit status ${status}: ${complained.slice(-2000)}`);
  if (complained.includes("Warning")) throw new Error(complained);
  return { count, took_s, calls: calls.length, ...JSON.parse(told), ...figuresOf(calls, invocations) };
}

function wordsOf({ sides, machines, results }) {
  const types = ["s1.medium", "s2.medium", "s1.large", "s2.large", "s1.xlarge", "s2.xlarge"];
  const given = Array.from({ length: sides }, (_, i) => `t${i + 1}=${types[i % types.length]}`);
  const size = ["--machines", String(machines), "--rounds", String(rounds), "--suite", "hashes/sha256"];
  const command = ["--require", join(import.meta.dirname, "own-cost.cjs"), join(root, "dist/cli.js"), "compare"];
  return [...command, ...given, ...size, "--cloud", "sandbox", "--max-hours", "48", "--quiet", "--results", results];
}

/** What calls and journals tell of a run. */
function figuresOf(calls, invocations) {
  const polls = new Map();
  const listed = [];
  for (const { action, input, at_ms } of calls) {
    const key = `${input.CommandId} ${input.InstanceId}`;
    if (action === "GetCommandInvocation") polls.set(key, [...(polls.get(key) ?? []), at_ms]);
    if (action === "ListCommandInvocations" && input.CommandId !== undefined)
      listed.push({ id: input.CommandId, at_ms });
  }
  const work_s = new Map();
  const noticed_s = [];
  let [first_ms, last_ms] = [Infinity, 0];
  for (const { request, instanceId, stdout, endedAt } of invocations) {
    if (!request.order.script.includes("\ntt_agent ") || !stdout.includes('"t":"')) continue;
    const lines = stdout.split("\n").flatMap((line) => (line.startsWith('{"t":"') ? [JSON.parse(line)] : []));
    for (const line of lines) {
      if (line.t === "begun" && line.kind === "trial") first_ms = Math.min(first_ms, Date.parse(line.at));
      if (line.t === "ended") work_s.set(instanceId, (work_s.get(instanceId) ?? 0) + (line.real_s ?? setup_s));
    }
    const end = lines.find(({ t }) => t === "end");
    if (end === undefined) continue;
    const after_ms = (at) => at >= endedAt.getTime();
    const own = polls.get(`${request.commandId} ${instanceId}`) ?? [];
    const at = own.find(after_ms) ?? listed.find(({ id, at_ms }) => id === request.commandId && after_ms(at_ms))?.at_ms;
    if (at === undefined) continue;
    last_ms = Math.max(last_ms, at);
    noticed_s.push((at - Date.parse(end.at)) / 1000);
  }
  const planned = calls.find(
    ({ action, input }) => action === "SendCommand" && /\ntt_plan /.test(input.Parameters.commands.join("\n")),
  );
  const launch = calls.find(({ action }) => action === "RunInstances");
  return {
    noticed_s: median(noticed_s),
    whole_s: (last_ms - planned.at_ms) / 1000,
    work_s: Math.max(...work_s.values()),
    first_s: (first_ms - launch.at_ms) / 1000,
    delays_s: (running_s + registration_s) * timeScale + setup_s,
    buckets: buckets.map(({ name, ...bucket }) => ({ name, used: usedOf(calls, bucket) })),
    ssm: busiestSecond(calls.filter(({ service }) => service === "ssm")),
  };
}

/** The largest part of a bucket that was out at once. The cloud's seconds are shorter here. */
function usedOf(calls, { of, holds, refills }) {
  let [out, at_ms, used] = [0, 0, 0];
  for (const call of calls) {
    const taken = of(call);
    if (taken === 0) continue;
    out = Math.max(0, out - ((call.at_ms - at_ms) / 1000) * (refills / timeScale)) + taken;
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

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = mkdtempSync(join(tmpdir(), "timetrial-fan-out-"));
  try {
    const { lines, missed } = await fanOut(folder, { withMost: process.argv.includes("--most") });
    if (process.argv.includes("--write")) writeFanOutPart(lines);
    process.exitCode = missed === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
