// What the harness adds to a step on the machine: the same steps bare and under the agent, interleaved, and the CPU of
// everything that ran for them. A batch of ten-second steps has 24 of them and two calls; here each step sleeps
// for a part of a second instead, since the harness does the same for it however long it is, and its own CPU is then
// no noise.

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { median } from "./median.mjs";

const steps = 24;
const rounds = 5;
const burns = 2;
const step_s = 10;
const bar = 0.001;

/** The figure and whether it held; `helper` is the capture, as words. */
export function harness(folder, helper) {
  const home = join(folder, "harness-home");
  const suite = join(folder, "harness-suite");
  mkdirSync(suite);
  writeFileSync(join(suite, "run.sh"), "sleep 0.2\necho done\n");
  writeFileSync(join(suite, "check.sh"), '[ -s "${TT_STEP_DIR}/out" ]\n');
  writeFileSync(join(folder, "machine.env"), `TIMETRIAL_HOME=${home}\n`);
  const env = { ...process.env, TIMETRIAL_MACHINE_ENV: join(folder, "machine.env") };
  const agent = resolve("remote/agent.sh");
  // Compiles the helper, too: once a machine, not once a step.
  spawnSync("sh", [agent, "facts"], { env });
  cpSync(suite, join(home, "ship", "s"), { recursive: true });
  writeFileSync(join(home, "ship", "s.ok"), "");

  const bare = `i=0; while [ $i -lt ${steps} ]; do i=$((i + 1)); sh "$0/run.sh" >"$0/out"; done`;
  // As the client follows a batch whose length it knows: at its start, and a second before its end.
  const under = `call() { sh "$0" run r "$1" 0 "$2" >"$3/said" 2>&1; }
    call "$1" 1 "$2"; sleep 3
    until grep -q ' ended$' "$2/said"; do call "$1" 20 "$2"; done`;
  const times = { bare: [], under: [] };
  for (let round = 0; round < rounds; round++) {
    const batch = join(home, "runs", "r", "batches", `b${round}`);
    mkdirSync(batch, { recursive: true });
    const trials = Array.from({ length: steps }, (_, i) => `trial s.r${i}.a.b 1 1 a b sh 60\n`).join("");
    writeFileSync(join(batch, "plan"), `timetrial-batch 1\nsuite s s\n${trials}`);
    times.bare.push(cpuOf(folder, helper, ["sh", "-c", bare, suite], env));
    times.under.push(cpuOf(folder, helper, ["sh", "-c", under, agent, `b${round}`, suite], env));
    const journal = readFileSync(join(batch, "journal"), "utf8");
    const done = journal.split("\n").filter((line) => line.includes('"status":"completed"')).length;
    if (done !== steps) throw new Error(`${done} of ${steps} steps completed under the agent`);
  }
  // Other work on the machine only ever adds to a time.
  const added_s = (Math.min(...times.under) - Math.min(...times.bare)) / steps;
  return { added_s, share: added_s / step_s, held: added_s / step_s <= bar };
}

/** The line that `npm run bench` prints. */
export function harnessLine({ added_s, share, held }) {
  const percent = (value) => `${Number((value * 100).toPrecision(2))} %`;
  return `what the harness adds to a ten-second step: ${(added_s * 1000).toFixed(1)} ms of CPU (least of ${rounds} batches of ${steps}), ${percent(share)} of it, bar ${percent(bar)}: ${held ? "held" : "MISSED"}`;
}

/**
 * The same for a step that computes for about ten seconds, bare and under the agent in turns: what was seen, beside what
 * was reckoned. Its own CPU varies by more than the bar, so this is no bar: it says how much.
 */
export function burning(folder, helper) {
  const home = join(folder, "harness-home");
  const suite = join(home, "ship", "s");
  const env = { ...process.env, TIMETRIAL_MACHINE_ENV: join(folder, "machine.env") };
  const loop = (count) => `i=0; while [ $i -lt ${count} ]; do i=$((i + 1)); done; echo $i\n`;
  const one = 200_000;
  writeFileSync(join(folder, "burn.sh"), loop(one));
  const short_s = Math.min(...[1, 2, 3].map(() => cpuOf(folder, helper, ["sh", join(folder, "burn.sh")], env)));
  writeFileSync(join(suite, "run.sh"), loop(Math.round((one * step_s) / short_s)));
  const batches = join(home, "runs", "r", "batches");
  const pairs = Array.from({ length: burns }, (_, pair) => {
    mkdirSync(join(batches, `burn${pair}`), { recursive: true });
    writeFileSync(
      join(batches, `burn${pair}`, "plan"),
      "timetrial-batch 1\nsuite s s\ntrial s.r1.a.b 1 1 a b sh 300\n",
    );
    const bare = () => cpuOf(folder, helper, ["sh", join(suite, "run.sh")], env);
    const under = () =>
      cpuOf(folder, helper, ["sh", "-c", untilEnded, resolve("remote/agent.sh"), `burn${pair}`, folder], env);
    return pair % 2 === 0 ? { bare: bare(), under: under() } : { under: under(), bare: bare() };
  });
  return pairs;
}

/** As the client follows one long step: what there is every twenty seconds. */
const untilEnded = `call() { sh "$0" run r "$1" 0 "$2" >"$3/said" 2>&1; }
  call "$1" 1 "$2"; until grep -q ' ended$' "$2/said"; do call "$1" 20 "$2"; done`;

/** The line that `npm run bench` prints of `burning`. */
export function burningLine(pairs) {
  const shown = pairs.map(({ bare, under }) => `${bare.toFixed(2)} and ${under.toFixed(2)} s`).join(", ");
  const ratio = median(pairs.map(({ bare, under }) => under / bare));
  return `a step that computes, bare and under the agent in turns: ${shown} of CPU; median of ${pairs.length} ratios ${ratio.toFixed(4)} (the step itself varies by more than the bar)`;
}

/** CPU of `words` and of all that it left behind, supervisors too. Seconds. */
function cpuOf(folder, [command, ...args], words, env) {
  const record = join(folder, "harness-record");
  const ran = spawnSync(command, [...args, record, "120", ...words], { env });
  if (ran.status !== 0) throw new Error(`cannot time ${words.join(" ")}`);
  const fields = Object.fromEntries(
    readFileSync(record, "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split("=")),
  );
  if (fields.exit_status !== "0") throw new Error(`${words.join(" ")} ended with ${fields.exit_status}`);
  return Number(fields.user_s) + Number(fields.system_s) + Number(fields.orphan_cpu_s ?? 0);
}
