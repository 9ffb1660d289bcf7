// What is timed is the command and nothing else: each capture beside hyperfine -N and a bare posix_spawn and wait4, in
// turns, for commands whose words and folders differ in length. And the same command against itself, with more words.

import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { median } from "./median.mjs";

const blocks = 8;
const each = 12;
/** One such pair differs from another by a fifth here, so that a few say nothing of a twentieth. */
const runPairs = 24;
const wordBar = 1.02;
const runBar = 1.05;

/** What one in ten is below: other work on the machine only ever adds to a time. */
const tenth = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 10)];

/** Words of `bytes` bytes in all, of nine each. */
const words = (bytes) => Array.from({ length: Math.round(bytes / 10) }, (_, i) => `word-${String(i).padStart(4, "0")}`);

function run(program, args, options = {}) {
  const ran = spawnSync(program, args, { encoding: "utf8", ...options });
  if (ran.status !== 0) throw new Error(`${program} ${args[0]}: ${ran.status} ${ran.stderr}`);
  return ran.stdout;
}

const record = (text) =>
  Object.fromEntries(
    text
      .trim()
      .split("\n")
      .map((line) => line.split("=")),
  );

/** Everything that can be tried here: name to a function that times one command `count` times. */
function measures(folder) {
  const helper = join(folder, "capture");
  const bare = join(folder, "bare");
  const file = join(folder, "span-record");
  run("cc", ["-O2", "-o", bare, join(import.meta.dirname, "bare.c")]);
  const python = run("python3", ["-I", "-c", "import sys; print(sys.executable)"]).trim();
  const home = join(folder, "span-home");
  mkdirSync(join(home, "capture"), { recursive: true });
  const byTimes = `tt_agent=${resolve("remote")} tt_home=${home} tt_capture_wanted=times
    TT_SUITE_DIR=${resolve("suites/command")} TT_STEP_DIR=${home}/none
    . "$tt_agent/host.sh"; . "$tt_agent/capture.sh"; export TT_STEP_DIR
    capture_choose; echo "fixed=$tt_fixed_s" >&2
    i=0; while [ $i -lt $2 ]; do i=$((i + 1)); captured "$3" 60 /dev/null /dev/null -w "$1"; cat "$3"; echo ==; done`;
  const many = (one) => (command, count) => Array.from({ length: count }, () => one(command));
  const took = (fields) => ({ real: Number(fields.real_s), cpu: Number(fields.user_s) + Number(fields.system_s) });
  const captured = (program, args) =>
    many(({ wordsFile, folder: cwd }) => {
      run(program, [...args, file, "60", "-w", wordsFile], { cwd, stdio: ["ignore", "ignore", "pipe"] });
      return took(record(readFileSync(file, "utf8")));
    });
  return {
    // A process of its own for each, as the helper has: a loop would be scheduled otherwise.
    posix_spawn: many(({ linesFile, folder: cwd }) => {
      const [real, cpu] = run(bare, [linesFile, "1"], { cwd }).split(" ").map(Number);
      return { real, cpu };
    }),
    "hyperfine -N": ({ argv, folder: cwd }, count) => {
      const json = join(folder, "span-hyperfine.json");
      run("hyperfine", ["-N", "--warmup", "1", "--runs", String(count), "--export-json", json, argv.join(" ")], {
        cwd,
      });
      const [result] = JSON.parse(readFileSync(json, "utf8")).results;
      return result.times.map((real) => ({ real, cpu: result.user + result.system }));
    },
    helper: captured(helper, []),
    python3: captured(python, ["-I", "-S", resolve("remote/capture.py")]),
    sh: ({ wordsFile, folder: cwd }, count) =>
      run("sh", ["-c", byTimes, "sh", wordsFile, String(count), file], { cwd })
        .split("==\n")
        .slice(0, -1)
        .map((text) => took(record(text))),
    fixed: {
      python3: () => Number(run(python, ["-I", "-S", resolve("remote/capture.py"), "--fixed", file])),
      sh: (command) => {
        const ran = spawnSync("sh", ["-c", byTimes, "sh", command.wordsFile, "0", file], { encoding: "utf8" });
        return Number(/fixed=([\d.]*)/.exec(ran.stderr)?.[1]);
      },
    },
  };
}

function commandOf(folder, name, argv, where) {
  const base = join(folder, name.replaceAll(/\W+/g, "-"));
  const program = run("sh", ["-c", `command -v "$1"`, "sh", argv[0]]).trim();
  const path = program.startsWith("/") ? program : `/usr/bin/${argv[0]}`;
  writeFileSync(`${base}.words`, ["", ...argv].map((word) => `+${word}\n`).join(""));
  writeFileSync(`${base}.lines`, [path, ...argv.slice(1)].map((word) => `${word}\n`).join(""));
  return { name, argv, folder: where, wordsFile: `${base}.words`, linesFile: `${base}.lines` };
}

/** Prints the table and the bars; returns how many were missed. */
export async function spans(folder) {
  const long = join(folder, ...Array.from({ length: 10 }, (_, i) => `a-folder-with-a-long-name-${i}`.repeat(3)));
  mkdirSync(long, { recursive: true });
  const commands = [
    ...[0, 60, 1000, 9000].map((bytes) => commandOf(folder, `true, ${bytes} bytes`, ["true", ...words(bytes)], folder)),
    ...[0, 60, 1000, 9000].map((bytes) =>
      commandOf(folder, `true, ${bytes} bytes, long folder`, ["true", ...words(bytes)], long),
    ),
    commandOf(folder, "sh -c :", ["sh", "-c", ":"], folder),
    commandOf(folder, "sh -c :, 1000 bytes", ["sh", "-c", ":", ...words(1000)], folder),
  ];
  const { fixed, ...by } = measures(folder);
  const times = new Map(
    commands.map((command) => [command, Object.fromEntries(Object.keys(by).map((way) => [way, []]))]),
  );
  // A block of each in turn: what slows this machine for a while touches all of them.
  for (let block = 0; block < blocks; block++)
    for (const command of commands)
      for (const [way, measure] of Object.entries(by)) times.get(command)[way].push(...measure(command, each));
  const ms = (values, of) => (median(values.map((one) => one[of])) * 1000).toFixed(2).padStart(6);
  const table = [
    `real and CPU time, ms, medians of ${blocks * each} in ${blocks} turns:`,
    `  ${"".padEnd(30)}${Object.keys(by)
      .map((way) => way.padStart(16))
      .join("")}`,
    ...commands.map(
      (command) =>
        `  ${command.name.padEnd(30)}${Object.keys(by)
          .map((way) => `${ms(times.get(command)[way], "real")} ${ms(times.get(command)[way], "cpu")}`.padStart(16))
          .join("")}`,
    ),
    `what the capture adds to each real time, as the footer says it: python3 ${(fixed.python3() * 1000).toFixed(2)} ms, sh ${(fixed.sh(commands[0]) * 1000).toFixed(2)} ms`,
  ];
  console.log(table.join("\n"));
  let missed = 0;
  const judge = (what, figure, bar) => {
    if (figure > bar) missed += 1;
    console.log(`${what}: ${figure.toFixed(3)} times, bar ${bar}: ${figure <= bar ? "held" : "MISSED"}`);
  };
  // One by one in turns, and many more than the table has: the bar is a fiftieth of a millisecond.
  const nine = { helper: [], posix_spawn: [] };
  for (let turn = 0; turn < 500; turn++)
    for (const way of turn % 2 === 0 ? ["helper", "posix_spawn"] : ["posix_spawn", "helper"])
      nine[way].push(...by[way](commands[3], 1));
  const least = (series) => tenth(series.map(({ real }) => real));
  judge(
    "real time of true with 9,000 bytes of words, helper to posix_spawn",
    least(nine.helper) / least(nine.posix_spawn),
    wordBar,
  );
  const ran = throughRun(folder, by["hyperfine -N"], commands[0]);
  judge(
    `real time of run -- true (${(ran.ours * 1e6).toFixed(0)} us), to hyperfine -N (${(ran.theirs * 1e6).toFixed(0)} us)`,
    ran.ratio,
    runBar,
  );
  console.log(await againstItself(by.helper, commands[0], commands[1]));
  return missed;
}

/** Real time of `true` through the command line, beside hyperfine's, in turns. */
function throughRun(folder, hyperfine, command) {
  const pairs = Array.from({ length: runPairs }, (_, block) => {
    const other = () => tenth(hyperfine(command, 40).map(({ real }) => real));
    const before = block % 2 === 0 ? undefined : other();
    const results = join(folder, `run-${block}`);
    writeFileSync(join(folder, "run.env"), `TIMETRIAL_HOME=${join(folder, "run-home")}\n`);
    const env = { ...process.env, TIMETRIAL_MACHINE_ENV: join(folder, "run.env") };
    const cli = [resolve("dist/cli.js"), "run", "--quiet", "--results", results, "--rounds", "41", "--", "true"];
    run(process.execPath, cli, { cwd: folder, env });
    const [name] = readdirSync(results);
    const records = readFileSync(join(results, name, "records.ndjson"), "utf8")
      .trim()
      .split("\n");
    const ours = tenth(records.slice(1).map((line) => JSON.parse(line).real_s));
    return { ours, theirs: before ?? other() };
  });
  return {
    ours: median(pairs.map(({ ours }) => ours)),
    theirs: median(pairs.map(({ theirs }) => theirs)),
    ratio: median(pairs.map(({ ours, theirs }) => ours / theirs)),
  };
}

const comparisons = 200;
const simulated = 2000;
const runs = 8;

/** How often `true` with and without words is called different, of 200 comparisons and of 2,000 drawn from their runs. */
async function againstItself(measure, none, sixty) {
  const { compareTests } = await import(resolve("dist/lib/index.js"));
  const verdicts = async (samples) => {
    let different = 0;
    for (const [baseline, contender] of samples) {
      const { tests } = await compareTests({ tests: [{ name: "true", baseline: [baseline], contender: [contender] }] });
      if (tests[0].lo > 1 || tests[0].hi < 1) different += 1;
    }
    return different;
  };
  const pool = [];
  const real = Array.from({ length: comparisons }, () => {
    const sides = [[], []];
    for (let i = 0; i < runs; i++)
      for (const side of i % 2 === 0 ? [0, 1] : [1, 0]) sides[side].push(measure(side === 0 ? none : sixty, 1)[0].real);
    pool.push(...sides[0], ...sides[1]);
    return sides;
  });
  let state = 20260101;
  const draw = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return pool[Math.floor((state / 2 ** 32) * pool.length)];
  };
  const sample = () => Array.from({ length: runs }, draw);
  const drawn = Array.from({ length: simulated }, () => [sample(), sample()]);
  const percent = (count, of) => `${count} of ${of} (${((count / of) * 100).toFixed(1)} %)`;
  return `true against true with 60 bytes of words, ${runs} runs each, 95 % intervals that leave 1 out: ${percent(await verdicts(real), comparisons)} real, ${percent(await verdicts(drawn), simulated)} drawn from the same runs`;
}
