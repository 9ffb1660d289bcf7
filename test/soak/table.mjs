// Counts by fault and by invariant.

import { clientFaults, faults } from "./draws.mjs";
import { invariants } from "./verdict.mjs";

/** Prints what became of `outcomes`; answers how many violations there are. */
export function report({ seed, outcomes, took_s, jobs }) {
  const names = [
    ...Object.keys(faults),
    ...Object.keys(clientFaults),
    ...kindsOf(outcomes).map((kind) => `client: ${kind}`),
  ];
  const head = ["", "runs", "hurt", "resumed", "finished", "trials", "violations"];
  const rows = names.map((name) => {
    const some = outcomes.filter(({ plan }) => plan.faults.includes(name) || `client: ${plan.kind}` === name);
    return [name, ...countsOf(some)];
  });
  print([head, ...rows, ["all", ...countsOf(outcomes)]]);
  console.log("");
  print([
    ["invariant", "applied", "held", "broken"],
    ...invariants.map((name) => {
      const applied = outcomes.filter((one) => one.applied.has(name)).length;
      const broken = outcomes.filter((one) => name in one.broken).length;
      return [name, applied, applied - broken, broken];
    }),
  ]);
  console.log(`\n${reach(outcomes)}`);
  const violations = outcomes.reduce((sum, one) => sum + Object.keys(one.broken).length, 0);
  const walls = outcomes.map(({ wall_s }) => wall_s).sort((a, b) => a - b);
  const median_s = walls[Math.floor(walls.length / 2)] ?? 0;
  console.log(
    `\nsoak: seed ${seed}: ${outcomes.length} runs in ${Math.round(took_s)} s (${jobs} at once; a run ${median_s.toFixed(1)} s in the middle, ${(walls.at(-1) ?? 0).toFixed(1)} s at most), ${violations} violations`,
  );
  const kept = outcomes.filter(({ broken }) => Object.keys(broken).length > 0);
  for (const { plan, desk } of kept)
    console.log(`  again: npm run soak -- --seed ${seed} --only ${plan.number}; kept: ${desk}`);
  return violations;
}

/** How far the soak went: what it meant to do and what came of it. */
function reach(outcomes) {
  const killed = outcomes.filter(({ plan }) => plan.kind.startsWith("kill")).length;
  const landed = outcomes.filter((one) => one.landed.some(({ signal }) => signal === "SIGKILL")).length;
  const biting = outcomes.filter(({ bites }) => bites).length;
  const bitten = outcomes.filter((one) => one.bitten).length;
  return [
    `SIGKILL: meant for ${killed} of ${outcomes.length} runs, landed in ${landed} (else the client had ended)`,
    `budget: within reach in ${biting} runs, ended ${bitten}`,
  ].join("\n");
}

function countsOf(some) {
  const count = (which) => some.filter(which).length;
  return [
    some.length,
    count(({ landed }) => landed.length > 0),
    count(({ ways }) => ways.length > 1),
    count(({ finished }) => finished),
    some.reduce((sum, one) => sum + one.completed, 0),
    some.reduce((sum, one) => sum + Object.keys(one.broken).length, 0),
  ];
}

function kindsOf(outcomes) {
  return [...new Set(outcomes.map(({ plan }) => plan.kind))].toSorted((a, b) => (a < b ? -1 : 1));
}

function print(rows) {
  const widths = rows[0].map((_, at) => Math.max(...rows.map((row) => String(row[at]).length)));
  for (const row of rows)
    console.log(
      row
        .map((cell, at) => (at === 0 ? String(cell).padEnd(widths[at]) : String(cell).padStart(widths[at])))
        .join("  "),
    );
}
