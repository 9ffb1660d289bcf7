// An analysis of a stored run: the rows whose CPU speedup is surely above 1, the surest first, and how much of the run's spread
// lies between machines rather than between runs.
//
//     node analyse-run.mjs RESULTS RUN [BASELINE]

import { buildReportData, type CellResult } from "timetrial";
import { resultFolders } from "timetrial/adapters";

const [results = "results", name = "", chosen] = process.argv.slice(2);
const run = await resultFolders(results).load(name);
const { comparison } = await buildReportData(run, chosen ?? run.plan.spec.baseline);

for (const side of comparison.sides.filter((each) => each !== comparison.baseline)) {
  const faster = comparison.rows
    .flatMap((row) => {
      const speedup = row.speedups[side]?.cpu;
      return speedup?.verdict === "faster" && speedup.lo !== null
        ? [{ row, value: speedup.value, lo: speedup.lo }]
        : [];
    })
    .toSorted((a, b) => b.lo - a.lo);
  console.log(
    `${side} is surely faster than ${comparison.baseline} in ${faster.length} of ${comparison.rows.length} rows`,
  );
  for (const { row, value, lo } of faster)
    console.log(`  ${row.suite}/${row.row}/${row.impl}: ${value?.toFixed(3)}x, at least ${lo.toFixed(3)}x`);
}
for (const row of comparison.rows)
  for (const side of comparison.sides)
    console.log(`${row.suite}/${row.row}/${row.impl} on ${side}: ${spreadText(row.cells[side]?.cpu)}`);

/** How far the medians of a side's machines lie apart, over the slowest. */
function spreadText(cell: CellResult | undefined): string {
  const medians = (cell?.machines ?? []).map(({ median_s }) => median_s);
  if (medians.length === 0) return "no time";
  const apart = (Math.max(...medians) - Math.min(...medians)) / Math.max(...medians);
  return medians.length === 1 ? "one machine" : `${medians.length} machines, ${(100 * apart).toFixed(1)} % apart`;
}
