// `npm run soak -- --runs N --seed S --jobs J`: runs in the sandbox with faults, in half of them the client killed at a
// random instant, then gone on with; after each the promises of docs/design.md, "What must never happen", are looked at. Status 1 where one is broken.

import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { drawn } from "./draws.mjs";
import { oneRun } from "./one-run.mjs";
import { report } from "./table.mjs";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "25" },
    seed: { type: "string", default: randomBytes(3).toString("hex") },
    jobs: { type: "string", default: "2" },
    /** Only this run of the seed: to look at a violation again. */
    only: { type: "string" },
    /** Desks stay, whatever became of them. */
    keep: { type: "boolean", default: false },
  },
});
const [runs, jobs] = [values.runs, values.jobs].map((text) => {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  console.error(`soak: expected a whole number from 1, got ${JSON.stringify(text)}`);
  process.exit(2);
});
const { seed } = values;
if (!/^[A-Za-z0-9._-]{1,40}$/.test(seed)) {
  console.error(`soak: --seed: expected at most 40 letters, digits and . _ -, got ${JSON.stringify(seed)}`);
  process.exit(2);
}

const since = Date.now();
const outcomes = [];
/** What an unhurt client took, smoothed: instants are drawn as parts of it. Seconds. */
let usual_s = 5;
const waiting = values.only === undefined ? Array.from({ length: runs }, (_, i) => i + 1) : [Number(values.only)];
console.log(`soak: seed ${seed}, ${waiting.length} runs, ${jobs} at once`);

async function worker() {
  for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
    const outcome = await oneRun(drawn(seed, number), { usual_s, keep: values.keep });
    if (outcome.took_s !== undefined && outcome.completed > 0) usual_s += (Math.min(20, outcome.took_s) - usual_s) / 8;
    outcomes.push(outcome);
    tell(outcome);
  }
}

function tell({ plan, ways, way, broken, wall_s, completed, records, desk, bites, bitten }) {
  const found = Object.entries(broken);
  const told = `${String(plan.number).padStart(4)} ${wall_s.toFixed(1).padStart(5)} s  ${plan.kind.padEnd(18)} ${ways.join(" > ").padEnd(24)} ${completed}/${records}  ${plan.spec.replace(/^seed=[^,]*,?/, "")}${plan.noNames === undefined ? "" : ` no-names=${plan.noNames.at.toFixed(2)}:${plan.noNames.for_s.toFixed(1)}s`}`;
  const notes = [way === "clean" ? [] : way, bitten ? "budget" : bites ? "budget not reached" : []].flat();
  console.log(`${told}${notes.length === 0 ? "" : `  (${notes.join(", ")})`}`);
  for (const [invariant, what] of found)
    console.log(`     VIOLATION ${invariant}: ${what.slice(0, 5).join("\n       ")}\n       kept: ${desk}`);
}

await Promise.all(Array.from({ length: jobs }, worker));
const violations = report({ seed, outcomes, took_s: (Date.now() - since) / 1000, jobs });
process.exit(violations > 0 ? 1 : 0);
