// `npm run bench`: how fast timetrial itself is, as ratios within one run, each with its bar. Timed by the product's own
// capture, interleaved, because machines are noisy: CPU time counts, and medians.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countersCost } from "./counters.mjs";
import { fanOut } from "./fan-out.mjs";
import { burning, burningLine, harness, harnessLine } from "./harness.mjs";
import { hotPaths } from "./hot-paths.mjs";
import { live } from "./live.mjs";
import { manyRecords } from "./many-records.mjs";
import { median } from "./median.mjs";
import { spans } from "./spans.mjs";
import { toFirstProcess, toFirstRequest } from "./firsts.mjs";

const folder = mkdtempSync(join(tmpdir(), "timetrial-bench-"));
const capture = join(folder, "capture");
const record = join(folder, "record");
const compiled = spawnSync("cc", ["-O2", "-o", capture, "remote/capture.c", "remote/counters.c"]).status === 0;
const helper = compiled ? [capture] : ["python3", "remote/capture.py"];

/** What the helper records of one run of `words`. */
async function timed(words, env = {}) {
  const child = spawn(helper[0], [...helper.slice(1), record, "60", ...words], {
    stdio: "ignore",
    env: { ...process.env, ...env },
  });
  const [status] = await once(child, "close");
  if (status !== 0) throw new Error(`cannot time ${words.join(" ")}`);
  const fields = Object.fromEntries(
    readFileSync(record, "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split("=")),
  );
  return { real_s: Number(fields.real_s), cpu_s: Number(fields.user_s) + Number(fields.system_s) };
}

/** Runs a benchmark that is a program of its own: its exit status, and what it prints. */
async function output(command, args) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.on("data", (chunk) => (text += chunk));
  const [status] = await once(child, "close");
  return { status, text };
}

const node = process.execPath;
const request = await toFirstRequest(folder);
const commands = {
  "node -e 0": { words: [node, "-e", "0"] },
  "timetrial --help": { words: [node, "bin/timetrial.cjs", "--help"], bar: 1.3, extra_ms: 15 },
  "timetrial --version": { words: [node, "bin/timetrial.cjs", "--version"], bar: 1.3, extra_ms: 15 },
  "first process of a local run": { ...toFirstProcess(folder), bar: 2 },
  "first AWS request": { ...request, bar: 3 },
};
const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
for (let round = 0; round < 21; round++) {
  for (const [name, { words, env, proves }] of Object.entries(commands)) {
    const { cpu_s } = await timed(words, env);
    if (proves !== undefined && !proves()) throw new Error(`${name}: it was not reached`);
    if (round > 0) times[name].push(cpu_s);
  }
}
request.close();

let missed = 0;
function judge(what, figure, bar, held = figure <= bar) {
  if (!held) missed += 1;
  console.log(`${what}: ${figure.toFixed(2)} times, bar ${bar}: ${held ? "held" : "MISSED"}`);
}
const base = median(times["node -e 0"]);
console.log(
  `node -e 0: ${(base * 1000).toFixed(1)} ms of CPU (median of 20, by ${compiled ? "capture.c" : "capture.py"})`,
);
for (const [name, { bar, extra_ms }] of Object.entries(commands)) {
  if (bar === undefined) continue;
  const took = median(times[name]);
  // The bar is Node 20's: later ones start twice as fast, and our own part weighs twice as much.
  const later = Number(process.versions.node.split(".")[0]) > 20 && extra_ms !== undefined;
  const held = took / base <= bar || (later && (took - base) * 1000 <= extra_ms);
  judge(`CPU of ${name}, to node -e 0`, took / base, bar, held);
}

// What is timed is the command and nothing else.
const needed = ["cc", "hyperfine", "python3"].filter((tool) => spawnSync(tool, ["--version"]).status !== 0);
if (needed.length > 0) console.log(`what each capture times: skipped [needs ${needed.join(", ")}]`);
else missed += await spans(folder);

if (compiled) {
  const counting = countersCost(folder);
  for (const line of counting.lines) console.log(line);
  missed += counting.missed;
}

for (const line of await hotPaths(folder)) console.log(line);
const view = await live(folder);
if (!view.held) missed += 1;
console.log(view.text);
// It takes two minutes, and hardly any CPU: many records are read meanwhile, whose bars are CPU and memory, and a few machines
// are simulated, which wait as it does.
const outside = output(process.execPath, [join(import.meta.dirname, "outside-measuring.mjs")]);
const many = manyRecords(folder);
missed += many.missed;
missed += (await fanOut(folder)).missed;
const { status: wasMissed, text } = await outside;
if (wasMissed !== 0) missed += 1;
process.stdout.write(text);
const added = harness(folder, helper);
if (!added.held) missed += 1;
console.log(harnessLine(added));
console.log(burningLine(burning(folder, helper)));
rmSync(folder, { recursive: true });
process.exitCode = missed === 0 ? 0 : 1;
