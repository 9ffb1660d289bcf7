// `npm run coverage`: how often the 95 % interval of a speedup holds the true one, over kinds of noise and numbers of
// machines; beside it what it would be if all runs of a side were one sample. Seeded: the same figures every time.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundled } from "./bundled.mjs";
import { exponential, normal, seeded } from "./noise.mjs";

const samples = Number(process.argv[2] ?? 2000);
const runs = 9;
const ratio = 1.1;

const folder = mkdtempSync(join(tmpdir(), "timetrial-coverage-"));
const outfile = join(folder, "method.mjs");
await bundled(
  `export { compareTests } from "./src/analysis/compare-tests/compare-tests.ts";
   export { typeInterval } from "./src/analysis/statistics/type-interval.ts";
   export { loadStudent } from "./src/analysis/statistics/student.ts";
   export { mean } from "./src/analysis/statistics/samples.ts";`,
  outfile,
);
const { compareTests, typeInterval, loadStudent, mean } = await import(outfile);
rmSync(folder, { recursive: true });
const student = await loadStudent();

/** Draws the log of a run's time over its machine's median. */
const noises = {
  "normal, 2 %": (draw) => 0.02 * normal(draw),
  "skewed (exponential), 5 %": (draw) => 0.05 * (exponential(draw) - Math.LN2),
  "the same, of the contender alone": (draw, isContender) =>
    isContender ? 0.05 * (exponential(draw) - Math.LN2) : 0.02 * normal(draw),
  "one run in ten takes 1.5 times as long": (draw) => 0.01 * normal(draw) + (draw() < 0.1 ? Math.log(1.5) : 0),
  "heavy tails (t, 2 degrees of freedom), 1 %": (draw) => (0.01 * normal(draw)) / Math.sqrt(exponential(draw)),
};

/** Machines a side, and the standard deviation of the logs of machines of one type. */
const fleets = [
  { machines: 1, spread: 0 },
  { machines: 2, spread: 0.01 },
  { machines: 3, spread: 0.002 },
  { machines: 3, spread: 0.01 },
  { machines: 5, spread: 0.01 },
];

async function coverage(seed, noise, { machines, spread }) {
  const draw = seeded(seed);
  const held = { ours: 0, pooled: 0 };
  for (let i = 0; i < samples; i++) {
    const side = (median_s, isContender) =>
      Array.from({ length: machines }, () => {
        const own_s = median_s * Math.exp(spread * normal(draw));
        return Array.from({ length: runs }, () => own_s * Math.exp(noise(draw, isContender)));
      });
    const [baseline, contender] = [side(2 * ratio, false), side(2, true)];
    const { tests } = await compareTests({ tests: [{ name: "row", baseline, contender }] });
    if (tests[0].lo <= ratio && ratio <= tests[0].hi) held.ours += 1;
    const [b, c] = [baseline, contender].map((all) => all.flat().map(Math.log));
    const { down, up } = typeInterval(b, c, student);
    const d = mean(b) - mean(c);
    if (Math.exp(d - down) <= ratio && ratio <= Math.exp(d + up)) held.pooled += 1;
  }
  return held;
}

const percent = (count) => `${((100 * count) / samples).toFixed(1)} %`;
console.log(`${samples} comparisons a line, ${runs} kept runs a machine, true speedup ${ratio}\n`);
console.log(
  "| noise of a run | machines a side | machines differ by (sd) | interval of timetrial | all runs as one sample |",
);
console.log("| --- | --- | --- | --- | --- |");
let seed = 1;
for (const [name, noise] of Object.entries(noises))
  for (const fleet of fleets) {
    const { ours, pooled } = await coverage(seed++, noise, fleet);
    const differ = fleet.machines === 1 ? "-" : `${(100 * fleet.spread).toFixed(1)} %`;
    console.log(`| ${name} | ${fleet.machines} | ${differ} | ${percent(ours)} | ${percent(pooled)} |`);
  }
