// `npm test`: runs the tests and ends with one plain line. A test that lacks a tool is skipped under a name that says
// which; with CI set, such a skip is a failure. A file that was left to the garbage collector to close, and listeners that
// pile up, are failures in the tests and in every Node that they start. `--quick`: only the files that can start no process.

import { spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { quickTests } from "./support/import-graph.mjs";
import { onStillHost } from "./support/still-host.mjs";

// A short name: paths of Unix sockets stand below it. Tests that run as another user reach it too.
const folder = await mkdtemp(join(tmpdir(), "tt-"));
await chmod(folder, 0o711);
const temporary = join(folder, "tmp");
await mkdir(temporary);
await chmod(temporary, 0o1777);
const report = join(folder, "report.json");
const warnings = join(folder, "warnings");
const given = process.argv.slice(2);
const isQuick = given[0] === "--quick";
const words = [
  "node_modules/vitest/vitest.mjs",
  "run",
  "--reporter=./test/support/progress-reporter.mjs",
  "--reporter=json",
  `--outputFile.json=${report}`,
  ...(isQuick ? [...quickTests(), ...given.slice(1)] : given),
];
// Node writes its warnings into that file, whatever becomes of the standard error of the process.
const env = { ...process.env, NODE_REDIRECT_WARNINGS: warnings, TMPDIR: temporary };
// Tests make and remove some 100,000 files. In memory that takes a tenth less of the whole run; only root may mount.
const inMemory = [
  "sh",
  "-c",
  'mount -t tmpfs -o mode=1777,size=32g timetrial-test "$0" 2>/dev/null; exec "$@"',
  temporary,
];
// Runs in this process are as alone as those of the command line: none has a record more for what the hypervisor took.
const [program = "", ...all] = onStillHost([...inMemory, process.execPath, ...words]);
const child = spawn(program, all, { stdio: "inherit", env });
const status = await new Promise((resolve) => child.on("close", resolve));

const warned = await readFile(warnings, "utf8").catch(() => "");
const leaks = warned.split("\n").filter((line) => /garbage collection|MaxListenersExceededWarning/.test(line));
let text;
try {
  text = await readFile(report, "utf8");
} catch {
  console.error("the test runner left no report");
  process.exit(1);
} finally {
  await rm(folder, { recursive: true, force: true });
}
const { testResults, numPassedTests, numFailedTests } = JSON.parse(text);
const slowest = testResults
  .map(({ name, startTime, endTime }) => ({ name: relative(".", name), took_s: (endTime - startTime) / 1000 }))
  .toSorted((a, b) => b.took_s - a.took_s)
  .slice(0, 5)
  .map(({ name, took_s }) => `${name} ${took_s.toFixed(1)} s`);
console.log(`slowest: ${slowest.join(", ")}`);
const skipped = testResults
  .flatMap((file) => file.assertionResults)
  .filter((one) => one.status === "pending" || one.status === "skipped" || one.status === "todo");
for (const one of skipped) console.log(`skipped: ${one.fullName}`);
const broken = testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
for (const file of broken) console.log(`could not be loaded: ${file.message.split("\n")[0]}`);

for (const leak of new Set(leaks)) console.log(`leak: ${leak}`);

const inCi = process.env.CI !== undefined && process.env.CI !== "";
const failed = numFailedTests + broken.length + (inCi ? skipped.length : 0);
console.log(
  `${numPassedTests} passed, ${failed} failed${skipped.length > 0 && !inCi ? `, ${skipped.length} skipped` : ""}`,
);
process.exit(status !== 0 || failed > 0 || leaks.length > 0 ? 1 : 0);
