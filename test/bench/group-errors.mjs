// `npm run coverage:groups`: how often a ranking of equally fast sides tells any two of them apart, over numbers of sides,
// of machines and kinds of noise. It prints the table of docs/ranking.md. Seeded: the same figures every time.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundled } from "./bundled.mjs";

const samples = Number(process.argv[2] ?? 400);

const folder = mkdtempSync(join(tmpdir(), "timetrial-groups-"));
const outfile = join(folder, "method.mjs");
await bundled('export { noises, shareApart } from "./test/support/equal-sides.ts";', outfile);
const { noises, shareApart } = await import(outfile);
rmSync(folder, { recursive: true });

/** Machines a side; the standard deviation of the logs of a type's machines by the side's place; and that in words. */
const fleets = [
  { machines: 1, spread: () => 0, said: "-" },
  { machines: 2, spread: () => 0.01, said: "1.0 %" },
  { machines: 3, spread: () => 0.01, said: "1.0 %" },
  { machines: 3, spread: (side) => (side % 2 === 0 ? 0.01 : 0.001), said: "1.0 % or 0.1 %" },
  { machines: 5, spread: () => 0.01, said: "1.0 %" },
];

const percent = (share) => `${(100 * share).toFixed(1)} %`;
console.log(`${samples} rankings a figure, one row, 9 kept runs a machine, all sides equally fast\n`);
console.log("| noise of a run | machines a side | machines differ by (sd) | 4 sides | 8 sides | 12 sides |");
console.log("| --- | --- | --- | --- | --- | --- |");
let seed = 1;
const all = [];
for (const [name, noise] of Object.entries(noises))
  for (const { machines, spread, said } of fleets) {
    const shares = [];
    for (const sides of [4, 8, 12])
      shares.push(await shareApart({ seed: seed++, samples, sides, machines, spread, noise }));
    all.push(...shares);
    console.log(`| ${name} | ${machines} | ${said} | ${shares.map(percent).join(" | ")} |`);
  }
const together = all.reduce((sum, share) => sum + share, 0) / all.length;
console.log(`\nof all ${samples * all.length} rankings ${percent(together)}; at most 5 % are promised`);
