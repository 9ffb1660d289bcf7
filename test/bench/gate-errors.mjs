// `npm run coverage:gate`: how often a gate errs, by simulation, beside the rule that compares the means of all runs with
// the limit. It prints the table of docs/gate.md. Seeded: the same figures every time.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundled } from "./bundled.mjs";
import { exponential, normal, seeded } from "./noise.mjs";

const samples = Number(process.argv[2] ?? 1000);
const runs = 9;
const limit_percent = 3;

const folder = mkdtempSync(join(tmpdir(), "timetrial-gate-"));
const outfile = join(folder, "method.mjs");
await bundled(
  `export { evaluateTest } from "./src/analysis/compare-tests/test-result.ts";
   export { keptSide } from "./src/analysis/comparison/kept-runs.ts";
   export { answerOf, worstAnswer } from "./src/analysis/gate/judge-gate.ts";
   export { simultaneousInterval } from "./src/analysis/statistics/simultaneous.ts";
   export { loadStudent } from "./src/analysis/statistics/student.ts";
   export { mean } from "./src/analysis/statistics/samples.ts";`,
  outfile,
);
const { evaluateTest, keptSide, answerOf, worstAnswer, simultaneousInterval, loadStudent, mean } = await import(
  outfile
);
rmSync(folder, { recursive: true });
const student = await loadStudent();

/** Draws the log of a run's time over its machine's median. */
const noises = {
  "normal, 2 %": (draw) => 0.02 * normal(draw),
  "skewed (exponential), 5 %": (draw) => 0.05 * (exponential(draw) - Math.LN2),
  "one run in ten takes 1.5 times as long": (draw) => 0.01 * normal(draw) + (draw() < 0.1 ? Math.log(1.5) : 0),
};

/** Machines a side, and the standard deviation of the logs of machines of one type. */
const fleets = [
  { machines: 1, spread: 0 },
  { machines: 3, spread: 0.005 },
];

/** Counts the answers of both rules on rows that take `slower` percent longer: one figure for each row. */
async function answers(seed, noise, { machines, spread }, slower) {
  const draw = seeded(seed);
  const counts = { gate: { pass: 0, fail: 0, undecided: 0 }, point: { pass: 0, fail: 0 } };
  for (let i = 0; i < samples; i++) {
    const found = [];
    const points = [];
    for (const percent of slower) {
      const side = (median_s) =>
        Array.from({ length: machines }, (_, m) => {
          const own_s = median_s * Math.exp(spread * normal(draw));
          const times_s = Array.from({ length: runs }, () => own_s * Math.exp(noise(draw)));
          return { machine: String(m), rounds: times_s.map((_, round) => round), times_s };
        });
      const sides = [side(1), side(1 + percent / 100)];
      const [baseline, contender] = sides.map(keptSide);
      found.push(await evaluateTest({ name: "row", baseline, contender, resolution_s: 0 }, false));
      const [b, c] = sides.map((all) => mean(all.flatMap(({ times_s }) => times_s)));
      points.push(100 * (c / b - 1) > limit_percent);
    }
    const each = found.map(({ d, interval }) =>
      answerOf(limit_percent, {
        hi: 100 * Math.expm1(-(d - interval.down)),
        lo_adjusted: 100 * Math.expm1(-(d + simultaneousInterval(interval, found.length, student).up)),
      }),
    );
    counts.gate[worstAnswer(each)] += 1;
    counts.point[points.includes(true) ? "fail" : "pass"] += 1;
  }
  return counts;
}

const percent = (count) => `${((100 * count) / samples).toFixed(1)} %`;
const both = (answer, { gate, point }) => `${percent(gate[answer])}, ${percent(point[answer])}`;
console.log(`${samples} gates a figure, ${runs} kept runs a machine, limit ${limit_percent} %; gate, then points\n`);
console.log(
  "| noise of a run | machines a side | rows | all equal: fails | all at 3 %: fails | one at 3 %: passes | one at 6 %: passes | undecided: all equal, one at 6 % |",
);
console.log("| --- | --- | --- | --- | --- | --- | --- | --- |");
let seed = 1;
for (const [name, noise] of Object.entries(noises))
  for (const fleet of fleets)
    for (const rows of [1, 8]) {
      const all = (slower) => Array.from({ length: rows }, () => slower);
      const one = (slower) => [slower, ...all(0).slice(1)];
      const equal = await answers(seed++, noise, fleet, all(0));
      const atLimit = await answers(seed++, noise, fleet, all(3));
      const oneAtLimit = await answers(seed++, noise, fleet, one(3));
      const slow = await answers(seed++, noise, fleet, one(6));
      const figures = [both("fail", equal), both("fail", atLimit), both("pass", oneAtLimit), both("pass", slow)];
      const undecided = `${percent(equal.gate.undecided)}, ${percent(slow.gate.undecided)}`;
      console.log(`| ${[name, fleet.machines, rows, ...figures, undecided].join(" | ")} |`);
    }
