// One run of the soak, from an empty desk to the verdict.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { Desk, suite, wait } from "./desk.mjs";
import { storedRun, tear } from "./stored.mjs";
import {
  brokenPromises,
  doubled,
  hungOrThrown,
  idle,
  money,
  overspent,
  rounds,
  unaccounted,
  wrongDigests,
} from "./verdict.mjs";

const timeScale = 0.02;
/** A run whose client was hurt, or that ended for a reason, is gone on with at most so often. */
const resumes = 2;

/** Carries out `plan` (draws.mjs). `usual_s`: what a run takes; `can`: what the command line offers; `keep`: the desk stays. */
export async function oneRun(plan, { usual_s, can, keep }) {
  const desk = new Desk(timeScale, plan.spec);
  const since = Date.now();
  const broken = {};
  const breaks = (invariant, what) => {
    if (what.length > 0) broken[invariant] = [...(broken[invariant] ?? []), ...what];
  };
  const results = join(desk.folder, "results");
  const log = join(desk.folder, "steps.log");
  const ways = [];
  const client = async (words, hurt) => {
    const ended = await desk.run(words, hurt && { signal: hurt.signal, after_s: hurt.at * usual_s });
    const alive = await desk.alive();
    breaks("exit status", brokenPromises(ended, storedRun(results), alive));
    breaks("no hang or stack", hungOrThrown(ended));
    ways.push(ended.signal ?? ended.status);
    return ended;
  };

  const [first, ...later] = plan.hurts;
  let last = await client(compareWords(plan, log, can), first);
  const took_s = last.hurt === undefined ? last.took_s : undefined;
  let run = storedRun(results);
  if (plan.kind.endsWith("sandbox too") && last.signal !== null) await desk.endSandbox("SIGKILL");
  if (plan.kind.endsWith("torn files") && run !== undefined && last.signal !== null) tear(run, plan.tears);
  const lost = plan.kind.endsWith("results lost") && last.signal !== null ? run?.name : undefined;
  if (lost !== undefined) rmSync(results, { recursive: true });
  if (lost !== undefined) run = undefined;
  for (let count = 0; count < resumes && run?.isPlanned === true && !isOver(run, last); count++) {
    last = await client(["resume", run.name, "--results", "results"], later[count]);
    run = storedRun(results);
  }

  const way = await left(desk, last, lost !== undefined, can.sweep ? (lost ?? run?.name) : undefined, breaks);
  breaks("one record or reason", unaccounted(run, last));
  breaks("no step twice", doubled(run, log));
  breaks("digest right", wrongDigests(run));
  breaks("work done", idle(run, plan));
  if (can.budget) breaks("spent <= budget", overspent(run));
  if (run?.sums !== undefined) breaks("verifies", await unverified(desk, run, plan.resumesFinished));
  if (!(await desk.endSandbox("SIGTERM"))) breaks("nothing left", ["the sandbox does not end"]);
  breaks("nothing left", await lingering(desk));
  const isKept = keep || Object.keys(broken).length > 0;
  if (!isKept) desk.remove();
  const wall_s = (Date.now() - since) / 1000;
  const completed = (run?.records ?? []).filter(({ status }) => status === "completed").length;
  return {
    plan,
    ways,
    way,
    broken,
    took_s,
    wall_s,
    completed,
    desk: desk.folder,
    finished: run?.isFinished === true,
    records: run?.records.length ?? 0,
  };
}

/** What EC2 still has when the clients are through, and what became of it: `run` is swept. */
async function left(desk, last, isLost, run, breaks) {
  const alive = await desk.alive();
  if (alive.length === 0) return "clean";
  if (!isLost && last.status !== 3) breaks("nothing left", [`EC2 has ${alive.join(", ")}`]);
  if (run === undefined) return "left with the sandbox: there is no sweep";
  const swept = await desk.run(["sweep", "--run", run, "--yes", "--cloud", "sandbox"]);
  breaks("no hang or stack", hungOrThrown(swept));
  const still = await desk.alive();
  if (still.length > 0 || swept.status !== 0)
    breaks("nothing left", [
      `sweep: status ${swept.status}, EC2 has ${still.join(", ") || "nothing"}: ${swept.stderr}`,
    ]);
  return "swept";
}

function compareWords({ machines, isSpot }, log, can) {
  const words = `compare s1.medium s2.medium --cloud sandbox --results results --machines ${machines} --rounds ${rounds}`;
  const spending = `--budget ${money.budget} --price s1.medium=${money.price} --price s2.medium=${money.price}`;
  return [
    ...words.split(" "),
    "--suite",
    suite,
    "--set",
    `log=${log}`,
    ...(isSpot ? ["--spot"] : []),
    ...(can.budget ? spending.split(" ") : []),
  ];
}

/** Nothing is left to be resumed; or it ended by itself, for a reason that will be the same again. */
function isOver(run, { status, stderr }) {
  if (run.isFinished && run.sums !== undefined) return true;
  // To wait for it again takes too long.
  if (/did not become managed/.test(stderr)) return true;
  return status === 4 || status === 2;
}

async function unverified(desk, run, again) {
  const found = [];
  const checked = await desk.run(["verify", run.name, "--results", "results"]);
  if (checked.status !== 0) found.push(`verify: ${checked.status}: ${checked.stderr.trim()} ${checked.stdout.trim()}`);
  if (!again || !run.isFinished) return found;
  const resumed = await desk.run(["resume", run.name, "--results", "results"]);
  if (resumed.status !== 0 || !/is finished/.test(resumed.stderr))
    found.push(`resume of a finished run: ${resumed.status}: ${resumed.stderr.trim()}`);
  if (storedRun(join(desk.folder, "results"))?.sums !== run.sums) found.push("resume of a finished run changed it");
  return found;
}

/** What still runs two seconds after the last of the desk was told to end. */
async function lingering(desk) {
  for (let tries = 0; tries < 20 && desk.processes().length > 0; tries++) await wait(0.1);
  return desk.processes().map((one) => `process ${one}`);
}
