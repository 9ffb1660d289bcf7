// What analysis costs as records grow: CPU and memory of commands on runs of many records, against a bare loop of JSON.parse
// over the same lines. A million records are for four commands, and with `--million` for every one. `--write` writes
// docs/performance.md.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { laterParts } from "./performance-page.mjs";
import { growRun } from "./grow-run.mjs";

const root = join(import.meta.dirname, "../..");
const cli = join(root, "dist/cli.js");

/** Most times of the CPU of the bare loop, and most MiB of memory. */
const bar = { times: 1.5, mib: 512 };

const loop = `
  const { createReadStream } = require("node:fs");
  const lines = require("node:readline").createInterface({ input: createReadStream(process.argv[1]) });
  (async () => { for await (const line of lines) JSON.parse(line); })();`;

/** A run's size, and how many sides it has: the time a record must not grow with either. */
const hundredThousand = { sides: 10, machines: 10, rounds: 125 };
const million = { sides: 50, machines: 20, rounds: 125 };
const curve = [
  { sides: 2, machines: 5, rounds: 125 },
  { sides: 2, machines: 50, rounds: 125 },
  { sides: 10, machines: 10, rounds: 125 },
  { sides: 50, machines: 2, rounds: 125 },
  { sides: 2, machines: 1, rounds: 6250 },
];

/** The commands that read a whole run, as users give them. */
const commands = [
  ["report", "--format", "table"],
  ["report", "--format", "markdown"],
  ["report", "--format", "csv"],
  ["report", "--format", "json"],
  ["report", "--format", "csv-long"],
  ["report", "--format", "benchstat"],
  ["report", "--format", "svg"],
  ["report", "--format", "html"],
  ["report", "--plot"],
  ["verify"],
  ["bundle", "--out", "BUNDLE"],
  ["report", "BUNDLE"],
  ["resume"],
];

/** The commands that are run on a million records each time. */
const ofMillion = new Set(["report --format table", "report --format csv-long", "report --format html", "verify"]);

/** Tells each line when it is known; returns all, and the number of bars that were missed. */
export function manyRecords(folder, { withMillion = false, say = console.log } = {}) {
  const source = measuredRun(folder);
  const lines = [];
  const tell = (line) => {
    lines.push(line);
    say(line);
  };
  let missed = 0;
  const judge = (what, figure, most, unit) => {
    const held = figure <= most;
    if (!held) missed += 1;
    tell(`${what}: ${figure.toFixed(2)} ${unit}, bar ${most}: ${held ? "held" : "MISSED"}`);
  };
  const idle_s = timed([process.execPath, "-e", "0"]).cpu_s;
  for (const size of [hundredThousand, million]) {
    const target = join(folder, "grown");
    const count = growRun(source, target, size);
    const records = join(target, "records.ndjson");
    const bundle = join(folder, "grown.tar.gz");
    const all = size === hundredThousand || withMillion;
    // What a million records take is long enough to be steady.
    const rounds = size === hundredThousand ? 7 : 1;
    const taken = commands.filter((words) => all || ofMillion.has(words.join(" ")));
    const bare = [];
    const seen = new Map(taken.map((words) => [words, []]));
    // Round by round, and the loop before every third command: what slows the machine for some seconds is then in one round
    // of all, not in all of one.
    for (let round = 0; round < rounds; round++)
      for (const [i, words] of taken.entries()) {
        const [command, ...options] = words.map((word) => (word === "BUNDLE" ? bundle : word));
        // A file that is there is not written over.
        if (command === "bundle") rmSync(bundle, { force: true });
        if (i % 3 === 0) bare.push(timed([process.execPath, "-e", loop, records]));
        seen
          .get(words)
          .push(timed([process.execPath, cli, command, ...(isOfBundle(words) ? [] : [target]), ...options]));
      }
    const mean_s = (ran) => ran.reduce((sum, { cpu_s }) => sum + cpu_s, 0) / ran.length;
    for (const [words, ran] of seen) {
      const name = isOfBundle(words)
        ? "report of a bundle"
        : words.filter((word) => !/--out|BUNDLE/.test(word)).join(" ");
      const what = `${name} of ${count} records`;
      judge(`CPU of ${what}, to a loop of JSON.parse over its lines`, mean_s(ran) / mean_s(bare), bar.times, "times");
      judge(`memory of ${what}`, Math.max(...ran.map(({ mib }) => mib)), bar.mib, "MiB");
    }
    for (const path of [target, bundle]) rmSync(path, { recursive: true, force: true });
  }
  tell("CPU that no number of records changes:");
  for (const command of ["report", "verify"])
    tell(
      `  ${command} of the measured run of 24 records: ${timed([process.execPath, cli, command, source]).cpu_s.toFixed(2)} s`,
    );
  tell("CPU of report --format table, by size (without that of node -e 0):");
  for (const size of curve) {
    const target = join(folder, "grown");
    const count = growRun(source, target, size);
    const { cpu_s } = timed([process.execPath, cli, "report", target]);
    const each_us = ((cpu_s - idle_s) / count) * 1e6;
    tell(
      `  ${String(count).padStart(8)} records, ${size.sides} sides, ${size.machines} machines a side, ${size.rounds} rounds: ${each_us.toFixed(1)} us a record`,
    );
    rmSync(target, { recursive: true });
  }
  return { lines, missed };
}

const isOfBundle = (words) => words[0] === "report" && words.includes("BUNDLE");

/** Measures a small run, which the others are grown from. */
function measuredRun(folder) {
  const results = join(folder, "source");
  const words = [cli, "run", "hashes", "--rounds", "3", "--set", "blocks=10000", "--results", results, "--quiet"];
  spawnSync(process.execPath, words, { stdio: ["ignore", "ignore", "inherit"] });
  const [run] = readdirSync(results);
  if (run === undefined) throw new Error("the run to be grown failed");
  return join(results, run);
}

/** CPU time of all threads and the most memory of one run of `words`. */
function timed(words) {
  const told = join(import.meta.dirname, "own-cost.cjs");
  const child = spawnSync(words[0], ["--require", told, ...words.slice(1)], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
    maxBuffer: 2 ** 20,
  });
  if (child.status !== 0) throw new Error(`${words.join(" ")}: exit ${child.status}`);
  return JSON.parse(child.output[3].toString());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = mkdtempSync(join(tmpdir(), "timetrial-many-"));
  const { lines, missed } = manyRecords(folder, { withMillion: process.argv.includes("--million") });
  rmSync(folder, { recursive: true });
  if (process.argv.includes("--write")) writeFileSync(join(root, "docs/performance.md"), page(lines) + laterParts());
  process.exitCode = missed === 0 ? 0 : 1;
}

function page(lines) {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return `# What many records cost

Written by \`node test/bench/many-records.mjs --write\`; not by hand. The other figures are in [bench.md](bench.md).

Each command's CPU time, all threads counted, is divided by that of a bare \`readline\` loop of \`JSON.parse\` over the same
lines. With 100,000 records, the commands run in seven rounds, the loop five times in each, and the means are divided; with a
million in one round. The bars: ${bar.times} times, and ${bar.mib} MiB. Seen with timetrial ${version} and Node
${process.versions.node} on ${cpus().length} virtual cores (${cpus()[0]?.model.trim()}) that others share.

${lines.map((line) => `    ${line}`).join("\n")}

- The runs are grown from a measured one of eight rows: machines, sides and rounds as said, times jittered. Each is finished:
  \`resume\` reads it, and finds nothing to do.
- _By size_: the time a record stays about the same, however many records, sides and machines there are.
- \`verify\` reads every file, reads the records as the table does, holds each record against plan and facts, makes the table,
  and computes cells, factors, ranks and groups a second time by other code. So it takes more
  than the table, whatever the number of records.
- \`--format html\` draws some 10,000 runs at most.
`;
}
