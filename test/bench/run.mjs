// `npm run bench`: how fast timetrial itself is, as ratios within one run, each with its bar. Timed by the product's own
// capture, interleaved, because machines are noisy: CPU time counts, and medians.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Bench } from "tinybench";
import { compareTests } from "../../dist/lib/index.js";

const folder = mkdtempSync(join(tmpdir(), "timetrial-bench-"));
const capture = join(folder, "capture");
const record = join(folder, "record");
const compiled = spawnSync("cc", ["-O2", "-o", capture, "remote/capture.c"]).status === 0;
const helper = compiled ? [capture] : ["python3", "remote/capture.py"];

/** CPU time of one run of `words`, in seconds. */
function cpu_s(words) {
  const ran = spawnSync(helper[0], [...helper.slice(1), record, "60", ...words], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (ran.status !== 0) throw new Error(`cannot time ${words.join(" ")}`);
  const fields = Object.fromEntries(
    readFileSync(record, "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split("=")),
  );
  return Number(fields.user_s) + Number(fields.system_s);
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

const node = process.execPath;
const commands = {
  "node -e 0": [node, "-e", "0"],
  "timetrial --help": [node, "dist/cli.js", "--help"],
  "timetrial --version": [node, "dist/cli.js", "--version"],
};
const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
for (let round = 0; round < 21; round++) {
  for (const [name, words] of Object.entries(commands)) {
    const took = cpu_s(words);
    if (round > 0) times[name].push(took);
  }
}
const base = median(times["node -e 0"]);
const bars = { "timetrial --help": 1.3, "timetrial --version": 1.3 };
let missed = 0;
console.log(
  `node -e 0: ${(base * 1000).toFixed(1)} ms of CPU (median of 20, by ${compiled ? "capture.c" : "capture.py"})`,
);
for (const [name, bar] of Object.entries(bars)) {
  const ratio = median(times[name]) / base;
  // The bar is Node 20's: later ones start twice as fast, and our own part weighs twice as much.
  const extra_ms = (median(times[name]) - base) * 1000;
  const held = ratio <= bar || (Number(process.versions.node.split(".")[0]) > 20 && extra_ms <= 15);
  if (!held) missed += 1;
  console.log(`${name}: ${ratio.toFixed(2)} times node -e 0, bar ${bar}: ${held ? "held" : "MISSED"}`);
}
rmSync(folder, { recursive: true });

const runs = (scale) =>
  Array.from({ length: 3 }, (_, m) => Array.from({ length: 9 }, (_, i) => scale * (1 + 0.01 * Math.sin(i * 7 + m))));
const tests = Array.from({ length: 20 }, (_, i) => ({
  name: `row ${i}`,
  baseline: runs(1 + i),
  contender: runs(0.9 + i),
}));
const bench = new Bench({ time: 300 });
bench.add("compareTests, 20 rows of 3 machines a side and 9 runs", () => compareTests({ tests }));
await bench.run();
for (const { name, result } of bench.tasks) {
  if (result.state === "completed")
    console.log(`${name}: ${result.latency.p50.toFixed(2)} ms (p50 of ${result.latency.samplesCount})`);
}
process.exitCode = missed === 0 ? 0 : 1;
