// One run of the soak, from an empty desk to the verdict.

import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Desk, suite, wait } from "./desk.mjs";
import { spendingOf } from "./money.mjs";
import { saysBudget } from "./reasons.mjs";
import { journalsIn, storedRun, tear, timesRun } from "./stored.mjs";
import { judged, rounds } from "./verdict.mjs";

const timeScale = 0.02;
/** A run whose client was hurt, or that ended for a reason, is gone on with at most so often. */
const resumes = 2;

/** Carries out `plan` (draws.mjs). `usual_s`: what a run takes; `keep`: the desk stays, whatever became of it. */
export async function oneRun(plan, { usual_s, keep }) {
  const desk = new Desk(timeScale, plan.spec);
  const since = Date.now();
  const spending = spendingOf(plan, usual_s);
  const course = await carriedOut(desk, plan, spending, usual_s);
  const evidence = { plan, spending, ...course, ...(await ended(desk, plan, course)) };
  const verdict = judged(evidence);
  const broken = Object.fromEntries(Object.entries(verdict).filter(([, found = []]) => found.length > 0));
  if (!keep && Object.keys(broken).length === 0) desk.remove();
  const { run, clients } = evidence;
  return {
    plan,
    broken,
    applied: new Set(Object.keys(verdict).filter((name) => verdict[name] !== undefined)),
    ways: clients.map(({ signal, status }) => signal ?? status),
    way: evidence.rest.alive.length === 0 ? "clean" : evidence.rest.swept === undefined ? "left" : "swept",
    /** Undefined where something shortened it. */
    took_s: clients[0].hurt === undefined && !spending.bites ? clients[0].took_s : undefined,
    wall_s: (Date.now() - since) / 1000,
    desk: desk.folder,
    landed: clients.filter(({ hurt, signal, status }) => hurt !== undefined && (signal === hurt || status === 130)),
    bitten: clients.some(({ stderr }) => saysBudget(stderr)),
    bites: spending.bites,
    finished: run?.isFinished === true,
    records: run?.records.length ?? 0,
    completed: (run?.records ?? []).filter(({ status }) => status === "completed").length,
  };
}

/** The run and its clients: hurt as `plan` says, and gone on with. */
async function carriedOut(desk, plan, spending, usual_s) {
  const clients = [];
  const lasts_s = usual_s * Math.min(1, plan.part ?? 1);
  const client = async (words, hurt, noNames) => {
    const window = noNames && { after_s: noNames.at * lasts_s, for_s: noNames.for_s };
    const one = await desk.run(words, hurt && { signal: hurt.signal, after_s: hurt.at * lasts_s }, {}, window);
    clients.push({ ...one, stored: storedRun(desk.results), alive: await desk.alive() });
    return one;
  };
  const [first, ...later] = plan.hurts;
  let last = await client(compareWords(plan, desk.kept, spending), first, plan.noNames);
  let run = storedRun(desk.results);
  const isDead = last.signal !== null;
  if (plan.kind.endsWith("sandbox too") && isDead) await desk.endSandbox("SIGKILL");
  // A client that has closed its run writes nothing more that could be torn.
  if (plan.kind.endsWith("torn files") && isDead && run !== undefined && run.sums === undefined) tear(run, plan.tears);
  const isLost = plan.kind.endsWith("results lost") && isDead && run !== undefined;
  if (isLost) rmSync(desk.results, { recursive: true });
  const name = run?.name;
  await desk.launchBystanders();
  // Before its ledger says in which account it launches, another may as well begin it.
  const isAsked = plan.asksElsewhere && run?.isPlanned === true && run.hasAccount && !isLost;
  const elsewhere = isAsked ? await askElsewhere(desk, run) : undefined;
  if (isLost) run = undefined;
  for (let count = 0; count < resumes && run?.isPlanned === true && !isOver(run, last); count++) {
    const again = count === 0 ? plan.noNames : undefined;
    last = await client(["resume", run.name, "--results", "results"], later[count], again);
    run = storedRun(desk.results);
  }
  return { clients, run, isLost, name, elsewhere };
}

/**
 * `run`, resumed with the credentials of another account: that of a sandbox with a state folder of its own. One that is closed
 * is resumed as it was before: in a copy that is not finished and has no sums.
 */
async function askElsewhere(desk, run) {
  const elsewhere = { TIMETRIAL_SANDBOX_STATE: join(desk.folder, "other"), TIMETRIAL_SANDBOX_FAULTS: "" };
  if (run.sums === undefined) return desk.run(["resume", run.name, "--results", "results"], undefined, elsewhere);
  const copy = join(desk.folder, "unclosed");
  cpSync(desk.results, copy, { recursive: true });
  rmSync(join(copy, run.name, "SHA256SUMS"));
  const course = join(copy, run.name, "course.ndjson");
  writeFileSync(course, readFileSync(course, "utf8").replace(/^.*"kind":"finished".*\n/m, ""));
  return desk.run(["resume", run.name, "--results", "unclosed"], undefined, elsewhere);
}

/** What is left, swept; what verify says; and the end of the sandbox. */
async function ended(desk, { resumesFinished }, { run, name }) {
  const others = [];
  const alive = await desk.alive();
  const swept =
    alive.length === 0 || name === undefined
      ? undefined
      : await desk.run(["sweep", "--run", name, "--yes", "--cloud", "sandbox"]);
  if (swept !== undefined) others.push(swept);
  const still = swept === undefined ? alive : await desk.alive();
  const unverified = run?.sums === undefined ? undefined : await complaints(desk, run, resumesFinished, others);
  const touched = await desk.touched();
  const counts = timesRun(desk.kept);
  const journals = journalsIn(desk.kept);
  await desk.endOther();
  const lingering = (await desk.endSandbox("SIGTERM")) ? [] : ["the sandbox does not end"];
  lingering.push(...(await stragglers(desk)));
  return { others, unverified, touched, counts, journals, rest: { alive, swept, still, lingering } };
}

function compareWords({ machines, isSpot }, kept, { usd, usd_per_hour: price }) {
  const words = `compare s1.medium s2.medium --cloud sandbox --results results --machines ${machines} --rounds ${rounds}`;
  const market = isSpot ? ":spot" : "";
  const prices = `--price s1.medium${market}=${price} --price s2.medium${market}=${price}`;
  return [
    ...words.split(" "),
    "--suite",
    suite,
    "--set",
    `kept=${kept}`,
    "--budget",
    String(usd),
    ...prices.split(" "),
    ...(isSpot ? ["--spot"] : []),
  ];
}

/** Nothing is left to be resumed; or it ended by itself, for a reason that will be the same again. */
function isOver(run, { status, stderr }) {
  if (run.isFinished && run.sums !== undefined) return true;
  // It was interrupted while it ended for its reason: the next client has to end for the same one, with its status.
  if (status === 130) return false;
  // To wait for it again takes too long; what is spent stays so.
  if (/did not become managed/.test(stderr) || saysBudget(stderr)) return true;
  return status === 4 || (status === 2 && !/there is no such endpoint/.test(stderr));
}

async function complaints(desk, run, again, others) {
  const found = [];
  const client = async (words) => {
    const one = await desk.run([...words, "--results", "results"]);
    others.push(one);
    return one;
  };
  const checked = await client(["verify", run.name]);
  if (checked.status !== 0) found.push(`verify: ${checked.status}: ${checked.stderr.trim()} ${checked.stdout.trim()}`);
  if (!again || !run.isFinished) return found;
  const resumed = await client(["resume", run.name]);
  if (resumed.status !== 0 || !/is finished/.test(resumed.stderr))
    found.push(`resume of a finished run: ${resumed.status}: ${resumed.stderr.trim()}`);
  if (storedRun(desk.results)?.sums !== run.sums) found.push("resume of a finished run changed it");
  return found;
}

/** What still runs two seconds after the last of the desk was told to end. */
async function stragglers(desk) {
  for (let tries = 0; tries < 20 && desk.processes().length > 0; tries++) await wait(0.1);
  return desk.processes().map((one) => `process ${one}`);
}
