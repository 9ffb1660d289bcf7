// How much of a run's time is spent outside of measuring: two sides of three simulated machines, a suite of fifteen minutes
// of trials, and a cloud as slow as a real one. Everything takes a tenth of that here, delays and trials alike, so that the
// shares are the same; only what the client itself takes and waits is not shortened, and weighs ten times as much. `--real`:
// all of it at its true length. One line is "held" or "MISSED", and the exit status 1 where it is missed. `--write` writes
// its part of docs/performance.md.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { block, seenWith, writePart } from "./performance-page.mjs";
import { journalLines, loadSandbox, simulatedRun } from "./simulated-run.mjs";

const bar = 0.25;
const isReal = process.argv.includes("--real");
const scale = isReal ? 1 : 0.1;

/** Eight rows of ten rounds. Seconds of a true run. */
const trial_s = 900 / 80;
const [setup_s, prepare_s] = [10, 0.5];
/** From a launch to `running`, as plans expect a machine to be ready; and from a termination to its end. Seconds. */
const [running_s, ended_s] = [120, 30];
const words = ["s1.medium", "s2.medium", "--machines", "3", "--rounds", "10", "--suite", "hashes"];

const folder = mkdtempSync(join(tmpdir(), "timetrial-outside-"));
try {
  const run = await simulatedRun(await loadSandbox(folder), {
    state: join(folder, "state"),
    timeScale: scale,
    boot: { runningS: running_s, endedS: ended_s },
    simulation: { stepS: trial_s * scale, setupS: setup_s * scale, prepareS: prepare_s * scale, spread: 0.02 },
    words,
    limit_s: 3000 * scale,
  });
  const { share, text } = outside(run);
  const lines = [`${text}, bar ${100 * bar} %: ${share <= bar ? "held" : "MISSED"}`];
  console.log(lines.join("\n"));
  if (process.argv.includes("--write")) writeOutsidePart(lines);
  process.exitCode = share <= bar ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}

/** The share of the whole, from the client's start to its end, in which the machine with the most work runs no trial. */
function outside({ started_ms, took_s, calls, invocations }) {
  const timed_s = new Map();
  let [first_s, last_s] = [Infinity, 0];
  const since_s = (at) => (Date.parse(at) - started_ms) / 1000;
  for (const invocation of invocations) {
    for (const line of journalLines(invocation)) {
      if (line.kind !== "trial") continue;
      if (line.t === "begun") first_s = Math.min(first_s, since_s(line.at));
      if (line.t !== "ended") continue;
      last_s = Math.max(last_s, since_s(line.at));
      timed_s.set(invocation.instanceId, (timed_s.get(invocation.instanceId) ?? 0) + line.real_s);
    }
  }
  const measured_s = Math.max(...timed_s.values());
  const launched_s = (calls.find(({ action }) => action === "RunInstances").at_ms - started_ms) / 1000;
  const share = (took_s - measured_s) / took_s;
  const seconds = (time_s) => `${(time_s / scale).toFixed(0)} s`;
  const parts = [
    `${seconds(launched_s)} before the launch`,
    `${seconds(first_s - launched_s)} from there to the first trial`,
    `${seconds(last_s - first_s - measured_s)} between trials`,
    `${seconds(took_s - last_s)} after the last`,
  ];
  const how = isReal ? "" : ", at a tenth of all times";
  return {
    share,
    text: `outside of measuring, of a run of ${seconds(took_s)} with ${seconds(measured_s)} of trials${how}: ${(100 * share).toFixed(1)} % (${parts.join(", ")})`,
  };
}

function writeOutsidePart(lines) {
  writePart(
    "What of a run is not measuring",
    `
Written by \`node test/bench/outside-measuring.mjs --real --write\`; not by hand. \`npm run bench\` has the same at a tenth of
all times, in which the client's own time weighs ten times as much.

Two sides of three [simulated machines](sandbox.md#simulated-machines), eight rows of ten rounds, trials of ${trial_s} s on
average. A machine is ready ${running_s} s after its launch, as plans assume; a setup takes ${setup_s} s, what comes before a trial
${prepare_s} s, a termination ${ended_s} s. The whole is the client's, from its start to its end, the proof that nothing is left
running included. Of it, the trials of the machine that measured longest are measuring. Seen with
${seenWith()}.

${block(lines)}
`,
  );
}
