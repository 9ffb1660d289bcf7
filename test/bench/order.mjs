// `npm run bench:order`: what the order of trials is worth. The same command against itself, while other work on this
// machine comes and goes: by `timetrial run`, whose trials take turns; by two of its runs, one command after the other; and by
// `hyperfine A B`, as users run it. hyperfine chooses how many runs it takes, and the others take as many. The rms error of
// the ratio of the two mean times, whose right value is 1. One line is "held" or "MISSED", and the exit status 1 where it is
// missed. `--load S` is how long the other work is there and gone, in the mean: 3 s, about as long as hyperfine's runs of one
// command, unless told. `--write` writes the part of docs/performance.md on that load.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { exponential, seeded } from "./noise.mjs";
import { block, seenWith, writePart } from "./performance-page.mjs";

const { values } = parseArgs({
  options: {
    repetitions: { type: "string", default: "50" },
    /** Kept runs of each command; otherwise as many as hyperfine takes. */
    runs: { type: "string" },
    seed: { type: "string", default: "1" },
    load: { type: "string", default: "3" },
    write: { type: "boolean", default: false },
  },
});
const [repetitions, seed, load_s] = [values.repetitions, values.seed, values.load].map(Number);
const bar = 4;
/** Some 25 ms of CPU. */
const command = "awk 'BEGIN { for (i = 0; i < 1000000; i++) x += i }'";
const folder = mkdtempSync(join(tmpdir(), "timetrial-order-"));
const client = resolve("bin/timetrial.cjs");

/** Busy loops, one a CPU, that are there for a while and gone for a while: `load_s` seconds each in the mean. */
class Load {
  #loops = [];
  #isOver = false;
  #done;

  constructor(draw) {
    this.#done = this.#comeAndGo(draw);
  }

  async #comeAndGo(draw) {
    const pause = () => sleep(1000 * load_s * exponential(draw));
    while (!this.#isOver) {
      await pause();
      this.#loops = Array.from({ length: availableParallelism() }, () =>
        spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }),
      );
      await pause();
      for (const loop of this.#loops) loop.kill("SIGKILL");
    }
  }

  async end() {
    this.#isOver = true;
    await this.#done;
  }
}

function ran(program, args) {
  return new Promise((settle, refuse) => {
    const child = spawn(program, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    let [out, err] = ["", ""];
    child.stdout.on("data", (text) => (out += text));
    child.stderr.on("data", (text) => (err += text));
    // 1: other work tainted each run of a row. The times are there all the same.
    child.on("close", (status) => (status <= 1 ? settle(out) : refuse(new Error(`${program}: ${status} ${err}`))));
  });
}

const mean = (numbers) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;

/** Mean real and CPU time of `runs` kept runs of each of `names`, in one run of `timetrial run`; tainted runs too. Seconds. */
async function byTimetrial(names, runs) {
  const words = names.flatMap((name) => ["--name", name, "--command", command]);
  const flags = ["--runs", String(runs), "--warmup", "1", "--format", "csv-long", "--no-save", "--quiet"];
  const [head, ...lines] = (await ran(process.execPath, [client, "run", ...words, ...flags])).trim().split("\n");
  const at = (line, name) => line.split(",")[head.split(",").indexOf(name)];
  return names.map((name) => {
    const kept = lines.filter((line) => at(line, "round") !== "1" && (names.length === 1 || at(line, "side") === name));
    if (kept.length !== runs) throw new Error(`${name}: ${kept.length} runs of ${runs}`);
    const cpu = (line) => Number(at(line, "user_s")) + Number(at(line, "system_s"));
    return { real: mean(kept.map((line) => Number(at(line, "real_s")))), cpu: mean(kept.map(cpu)) };
  });
}

/** The same of `hyperfine A B`, and how many runs it took of a command in the mean. */
async function byHyperfine() {
  const file = join(folder, "hyperfine.json");
  const count = values.runs === undefined ? [] : ["--runs", values.runs];
  await ran("hyperfine", ["-N", "--warmup", "1", ...count, "--export-json", file, command, command]);
  const { results } = JSON.parse(readFileSync(file, "utf8"));
  const pair = results.map(({ times, user, system }) => ({ real: mean(times), cpu: user + system }));
  return { pair, runs: Math.round(mean(results.map(({ times }) => times.length))) };
}

const [inTurns, oneAfterTheOther, hyperfine] = [
  "in turns, by timetrial run",
  "one command after the other",
  "hyperfine A B",
];
const errors = Object.fromEntries([inTurns, oneAfterTheOther, hyperfine].map((name) => [name, { real: [], cpu: [] }]));
const counts = [];
const load = new Load(seeded(seed));
try {
  for (let turn = 0; turn < repetitions; turn++) {
    const { pair, runs } = await byHyperfine();
    counts.push(runs);
    const measured = {
      [hyperfine]: pair,
      [inTurns]: await byTimetrial(["a", "b"], runs),
      [oneAfterTheOther]: [...(await byTimetrial(["a"], runs)), ...(await byTimetrial(["b"], runs))],
    };
    for (const [name, [a, b]] of Object.entries(measured))
      for (const time of ["real", "cpu"]) errors[name][time].push(a[time] / b[time] - 1);
  }
} finally {
  await load.end();
  rmSync(folder, { recursive: true });
}

const rms = (numbers) => Math.sqrt(mean(numbers.map((one) => one ** 2)));
const figure = (number) => `${(100 * number).toFixed(1)} %`.padStart(8);
const lines = [
  `awk against itself, ${values.runs ?? `${Math.min(...counts)} to ${Math.max(...counts)}`} runs each, ${repetitions} repetitions, load of seed ${seed} that comes and goes, ${load_s} s each in the mean`,
  "rms error of the ratio of mean times       real      CPU",
  ...Object.entries(errors).map(
    ([name, { real, cpu }]) => `  ${name.padEnd(34)} ${figure(rms(real))} ${figure(rms(cpu))}`,
  ),
];
const [ours, after, theirs] = Object.values(errors).map(({ real }) => rms(real));
const times = after / ours;
lines.push(
  `sequential to in turns, real: ${times.toFixed(1)} times, bar ${bar}: ${times >= bar ? "held" : "MISSED"}`,
  `hyperfine A B to in turns, real: ${(theirs / ours).toFixed(1)} times`,
);
console.log(lines.join("\n"));
if (values.write) writeOrderPart();
process.exitCode = times >= bar ? 0 : 1;

function writeOrderPart() {
  writePart(
    `What the order of trials is worth beside load of ${load_s} s`,
    `
Written by \`npm run bench:order -- --load ${load_s} --write\`; not by hand.

The same command twice, some 25 ms of CPU, while busy loops, one a CPU, are there for ${load_s} s and gone for ${load_s} s in the
mean. \`hyperfine A B\` ${values.runs === undefined ? "chooses how many runs fill three seconds" : "is told how many runs to take"}; the other ways take
as many. The ratio of the two mean times should be 1: the rms of what it is off, over ${repetitions} repetitions of all ways
in turn. _In turns_: \`timetrial run 'A' 'B'\`, tainted runs kept. _One command after the other_: two such runs of one command.
Load that is about as long as a command's runs falls on one command and not on the other; shorter load falls on both.
Seen with
${seenWith()}.

${block(lines)}
`,
  );
}
