// Where runs are kept. Runs of suites are kept in `results/`, since they are cited; runs of one's own commands on this
// machine below the user's state folder, since nobody expects a timing tool to leave a folder in every project.

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

/** Where runs of one's own commands are kept. */
function stateResults(): string {
  return join(process.env["XDG_STATE_HOME"] || join(homedir(), ".local", "state"), "timetrial", "results");
}

/** The folder that the run of `spec` is kept in; `named`: as --results says. */
export function resultsOf({ sides, suites }: Pick<Spec, "sides" | "suites">, named: string | undefined): string {
  const own = suites.every(({ suite }) => suite === commandSuiteName) && sides.every(({ kind }) => kind === "local");
  if (named !== undefined) return named;
  return own && !process.env["TIMETRIAL_RESULTS"] ? stateResults() : defaultResults();
}

/**
 * `run` as the folder that it names: `latest` is the newest run of all, and a name that is not below `root` may be one of
 * the state folder's. Anything else is left as it is.
 *
 * @throws TimetrialError RESULTS_UNKNOWN where there is no run at all
 */
export async function findRun(run: string, root: string): Promise<string> {
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
