// npm run bench:boot: how exactly a boot's instants are seen.
//
// The sandbox puts each machine into a network namespace of its own and says on the machine's console when it switched
// each phase, on the clock that all processes of a computer share. The prober runs in this process, as in `timetrial
// boot`; the error of an instant is when the prober saw it less when it was switched. First one machine after another,
// then 20 at once. Wants root and Linux. Exit status 1 where a bar is missed.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { runBoots } from "../../dist/lib/index.js";
import { ec2BootProvisioner, openAccount, tcpProbe } from "../../dist/lib/adapters/index.js";
import { GetConsoleOutputCommand } from "@aws-sdk/client-ec2";

if (process.platform !== "linux" || process.getuid?.() !== 0) {
  console.log("boot-accuracy: not run: it makes network namespaces, which wants root and Linux");
  process.exit(0);
}

const interval_s = { running: 0.05, closed: 0.01, open: 0.01 };
const bar_s = { running: 0.05, closed: 0.01, open: 0.01 };
const folder = mkdtempSync(join(tmpdir(), "tt-"));
let missed = false;
try {
  await within("running=0.9,closed=0.7,open=0.5", { boots: 12, parallel: 1, factor: 1 });
  // Making 20 namespaces is much work for a small computer: it is over before the first phase is switched.
  await within("running=8,closed=0.7,open=0.5", { boots: 20, parallel: 20, factor: 2 });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(missed ? 1 : 0);

/** A round in a sandbox of its own, whose machines boot by `settings`. */
async function within(settings, what) {
  const state = join(folder, String(what.parallel));
  const words = ["dist/sandbox.js", "--state", state, "--boot", `${settings},address=namespace`];
  const sandbox = spawn(process.execPath, words, { stdio: ["ignore", "ignore", "inherit"] });
  try {
    await round(await addressIn(state), what);
  } finally {
    sandbox.kill("SIGTERM");
    await new Promise((resolve) => sandbox.once("exit", resolve));
  }
}

async function addressIn(state) {
  const at = join(state, "sandbox.json");
  while (!existsSync(at)) await wait(20);
  const address = JSON.parse(readFileSync(at, "utf8"));
  return await openAccount({
    region: address.region,
    endpoint: address.endpoint,
    credentials: { accessKeyId: address.access_key_id, secretAccessKey: address.secret_access_key },
    // Only to look twice, half a minute apart, whether anything is left: not what is measured here.
    timeScale: 0.05,
  });
}

async function round(opened, { boots, parallel, factor }) {
  // CLOCK_MONOTONIC as such, so that both processes mean the same.
  const clock = {
    now: () => new Date(),
    monotonic_s: () => Number(process.hrtime.bigint()) / 1e9,
    sleep: (seconds, signal) => wait(seconds * 1000, undefined, { signal }),
  };
  const entries = [];
  const records = [];
  const store = {
    folder,
    ledger: { write: async (entry) => void entries.push(entry), entries: async () => entries },
    append: async (record) => void records.push(record),
    prices: async () => {},
    close: async () => {},
  };
  const spec = {
    sides: [{ name: "s2.medium", type: "s2.medium", image: "al2023" }],
    baseline: "s2.medium",
    // The first is not kept, and over before the others are launched.
    boots: boots + 1,
    port: 22,
    address: "public",
    family: 4,
    parallel,
    seed: "accuracy",
    ssm: false,
    screenshots: false,
    timeout_s: 60,
    describe_every_s: 0.05,
    probe_every_s: 0.01,
    probe_life_s: 1,
    cloud: "sandbox",
    max_hours: 1,
    allow_burstable: false,
  };
  const provisioner = ec2BootProvisioner({
    account: opened,
    clock,
    userData: readFileSync("remote/user-data.sh", "utf8"),
  });
  const seen = new Map();
  let [cpu, since_s, until_s] = [process.cpuUsage(), 0, 0];
  const outcome = await runBoots(
    spec,
    { run: `accuracy-${parallel}`, tool_version: "0", created_at: new Date().toISOString() },
    { provisioner, probe: tcpProbe(clock), results: { create: async () => store }, clock },
    (event) => {
      if (event.what === "boot-launching" && event.number === 2)
        [cpu, since_s] = [process.cpuUsage(), clock.monotonic_s()];
      if (event.what !== "boot-instant" || event.number === 1) return;
      seen.set(event.instance, { ...seen.get(event.instance), [event.instant]: event.at_s });
      if (event.instant === "open") until_s = clock.monotonic_s();
    },
    new AbortController().signal,
  );
  const used = process.cpuUsage(cpu);
  if (outcome.error !== undefined) throw outcome.error;
  if (outcome.absence.state !== "none") throw new Error(`left: ${JSON.stringify(outcome.absence)}`);

  const truth = new Map();
  for (const id of seen.keys()) truth.set(id, await switchedAt(opened, id));
  const kept = records.filter(({ warmup }) => !warmup);
  const lag_s = new Map(kept.map(({ instance, loop_delay_max_s }) => [instance, loop_delay_max_s]));
  const lags = [...lag_s.values()].toSorted((a, b) => a - b);
  console.log(
    `\n${boots} boots, ${parallel} at a time: prober's CPU ${((100 * (used.user + used.system)) / 1e6 / (until_s - since_s)).toFixed(0)} % of the time; event loop late by at most ${ms(lags.at(-1))} (median of the boots ${ms(median(lags))})`,
  );
  for (const phase of ["running", "closed", "open"]) {
    const errors = [...seen].map(([id, instants]) => ({ id, error_s: instants[phase] - truth.get(id)[phase] }));
    const sorted = errors.map(({ error_s }) => error_s).toSorted((a, b) => a - b);
    const within = errors.filter(
      ({ id, error_s }) => error_s >= -0.001 && error_s <= interval_s[phase] + lag_s.get(id),
    );
    const medianHeld = median(sorted) < factor * bar_s[phase];
    if (!medianHeld || within.length < errors.length) missed = true;
    console.log(
      `${phase.padEnd(8)} error: median ${ms(median(sorted))} (bar ${ms(factor * bar_s[phase])}: ${medianHeld ? "held" : "MISSED"}), least ${ms(sorted[0])}, most ${ms(sorted.at(-1))}; within one interval (${ms(interval_s[phase])}) and the lag: ${within.length} of ${errors.length}${within.length < errors.length ? " MISSED" : ""}`,
    );
  }
  const tried = kept.flatMap(({ probes }) => Object.values(probes)).reduce((sum, count) => sum + count, 0);
  console.log(
    `attempts ${tried}; calls to EC2, each counted for every boot that it was for: ${kept.reduce((sum, { describes }) => sum + describes.sent, 0)}`,
  );
}

/** When each phase of `id` was switched, by its console. */
async function switchedAt(opened, id) {
  const answer = await opened.ec2.send(new GetConsoleOutputCommand({ InstanceId: id }));
  const text = Buffer.from(answer.Output ?? "", "base64").toString();
  return Object.fromEntries(
    [...text.matchAll(/phase (running|closed|open) at ([\d.]+)/g)].map(([, phase, at]) => [phase, Number(at)]),
  );
}

function median(sorted) {
  return (sorted[Math.ceil(sorted.length / 2) - 1] + sorted[Math.floor(sorted.length / 2)]) / 2;
}

function ms(value_s) {
  return `${(value_s * 1000).toFixed(1)} ms`;
}
