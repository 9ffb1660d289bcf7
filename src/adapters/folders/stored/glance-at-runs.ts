// Looks at the plans of stored runs, for completion: fast, and without a word about what cannot be read.

import { join } from "node:path";
import * as v from "valibot";
import type { RunGlance } from "../../../ports/run-glance.ts";
import { readNamedFile } from "../named-file.ts";
import { namesOfRuns } from "./read-run.ts";

/** A plan of a hundred sides and all suites has a fraction of it. */
const mostPlan_bytes = 2 ** 20;

const glanceSchema = v.object({
  spec: v.object({ sides: v.array(v.object({ name: v.string(), type: v.optional(v.string()) })) }),
  suites: v.optional(
    v.array(v.object({ name: v.string(), rows: v.array(v.object({ name: v.string(), impl: v.string() })) })),
    [],
  ),
});

/** Returns the newest `most` runs below `root`, by name. A folder without a plan that can be read is left out. */
export async function glanceAtRunFolders(root: string, most: number): Promise<RunGlance[]> {
  const names = (await namesOfRuns(root).catch(() => [])).slice(-most);
  const found = await Promise.all(names.map((name) => glanceAt(root, name)));
  return found.filter((run) => run !== undefined);
}

async function glanceAt(root: string, name: string): Promise<RunGlance | undefined> {
  try {
    const text = (await readNamedFile(join(root, name, "plan.json"), mostPlan_bytes, "refuse")).toString();
    const { spec, suites } = v.parse(glanceSchema, JSON.parse(text));
    return {
      name,
      sides: spec.sides.map((side) => side.name),
      types: spec.sides.flatMap(({ type }) => type ?? []),
      suites: suites.map((suite) => suite.name),
      rows: suites.flatMap((suite) =>
        suite.rows.flatMap((row) => [`${suite.name}/${row.name}`, `${suite.name}/${row.name}/${row.impl}`]),
      ),
    };
  } catch {
    return undefined;
  }
}
