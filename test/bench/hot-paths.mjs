// Our own hot paths under tinybench: parsing a run's records, intervals of twenty rows, the table of a real run.

import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { bundled } from "./bundled.mjs";
import { Bench } from "tinybench";

const root = join(import.meta.dirname, "../..");

/** One line for each path, measured on a run that is made in `folder`. */
export async function hotPaths(folder) {
  const results = join(folder, "runs");
  const cli = join(root, "dist/cli.js");
  const words = [cli, "run", "hashes", "--rounds", "5", "--set", "blocks=10000", "--results", results, "--quiet"];
  const ran = spawnSync(process.execPath, words, { stdio: ["ignore", "ignore", "inherit"] });
  if (ran.status !== 0) throw new Error("the run to be reported failed");
  const [run] = readdirSync(results);
  const code = await ourCode(folder);
  const stored = await code.resultFolders(results).load(run);
  const lines = readFileSync(join(results, run, "records.ndjson"), "utf8")
    .trim()
    .split("\n");
  const baseline = stored.plan.spec.baseline;
  const sample = (scale) =>
    Array.from({ length: 3 }, (_, m) => Array.from({ length: 9 }, (_, i) => scale * (1 + 0.01 * Math.sin(i * 7 + m))));
  const tests = Array.from({ length: 20 }, (_, i) => ({
    name: `${i}`,
    baseline: sample(1 + i),
    contender: sample(0.9 + i),
  }));

  const bench = new Bench({ time: 300 });
  bench.add(`parsing ${lines.length} records`, () => {
    for (const line of lines) code.parse(code.recordSchema, JSON.parse(line));
  });
  bench.add("intervals of 20 rows of 3 machines a side and 9 runs", () => code.compareTests({ tests }));
  bench.add(`table of ${lines.length} records, analysed`, async () =>
    code.table(code.buildTableView(await code.buildReportData(stored, baseline)), 80),
  );
  bench.add("live view, 1000 rounds of 50 machines", () => {
    const live = new code.LiveView({ write: () => {}, columns: 80, rows: 24 }, true);
    for (let i = 0; i < 1000; i++)
      live.observe({
        what: "round",
        suite: "hashes",
        round: Math.ceil((i + 1) / 50),
        of: 20,
        machine: `c7g.large-${i % 50}`,
      });
  });
  await bench.run();
  return bench.tasks.map(({ name, result }) => {
    if (result.state !== "completed") throw new Error(`${name}: ${result.state}`);
    return `${name}: ${result.latency.p50.toFixed(3)} ms (p50 of ${result.latency.samplesCount})`;
  });
}

/** The sources' own functions: bundled, as users get them. */
async function ourCode(folder) {
  const outfile = join(folder, "paths.mjs");
  const contents = `
    export { compareTests } from "./src/analysis/compare-tests/compare-tests.ts";
    export { recordSchema } from "./src/domain/run/trial-record.ts";
    export { resultFolders } from "./src/adapters/folders/results.ts";
    export { LiveView } from "./src/cli/run/live-view.ts";
    export { buildReportData } from "./src/report/build-report-data.ts";
    export { table } from "./src/report/table/terminal-table.ts";
    export { buildTableView } from "./src/report/table/build-view.ts";
    export { parse } from "valibot";`;
  await bundled(contents, outfile);
  return await import(outfile);
}
