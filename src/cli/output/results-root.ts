// Chooses where runs are kept. Runs of suites are kept in `results/`, because they are cited. Runs of the user's own
// commands on this machine are kept below the user's state folder, because nobody expects a timing tool to leave a
// folder in every project.

import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Spec } from "../../domain/plan/plan.ts";
import { commandSuiteName } from "../../domain/plan/user-command.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { openResults } from "../wiring.ts";

/** The folder of runs where no option names one: TIMETRIAL_RESULTS, else `results`. */
export function defaultResults(): string {
  return process.env["TIMETRIAL_RESULTS"] || "results";
}

/** The folder of runs of the user's own commands. */
export function stateResults(): string {
  return join(process.env["XDG_STATE_HOME"] || join(homedir(), ".local", "state"), "timetrial", "results");
}

/** Returns the folder that keeps the run of `spec`. `named`: the value of --results. */
export function resultsOf({ sides, suites }: Pick<Spec, "sides" | "suites">, named: string | undefined): string {
  const own = suites.every(({ suite }) => suite === commandSuiteName) && sides.every(({ kind }) => kind === "local");
  if (named !== undefined) return named;
  return own && !process.env["TIMETRIAL_RESULTS"] ? stateResults() : defaultResults();
}

/**
 * Returns the folder that `run` names, behind its label where it has one: `new=latest`. `latest` is the newest run of all. A name that is not below `root` may be a run
 * in the state folder. Any other text is returned unchanged.
 *
 * @throws TimetrialError RESULTS_UNKNOWN where there is no run at all
 */
export async function findRun(run: string, root: string): Promise<string> {
  const [, label, named] = /^([\w.-]+)=(.+)$/.exec(run) ?? [];
  if (label !== undefined && named !== undefined && !(await isFolder(run)))
    return `${label}=${await findRun(named, root)}`;
  const roots = [root, stateResults()];
  if (run !== "latest" || (await isFolder(join(root, run)))) {
    if (run.includes("/") || (await isFolder(join(root, run))) || (await isFolder(run))) return run;
    const kept = join(stateResults(), run);
    return /^[\w.-]+$/.test(run) && (await isFolder(kept)) ? kept : run;
  }
  const all = await Promise.all(
    roots.map(async (folder) => (await (await openResults(folder)).list()).map((name) => ({ name, folder }))),
  );
  // Names begin with the time.
  const newest = all.flat().toSorted((a, b) => (a.name < b.name ? 1 : -1))[0];
  if (newest !== undefined) return join(newest.folder, newest.name);
  throw new TimetrialError("RESULTS_UNKNOWN", `latest: there is no run in ${roots.join(" or ")}`);
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}
