// `compare` and `run`: run, then report.

import { randomBytes } from "node:crypto";
import { packageRoot } from "../../adapters/folders/package-root.ts";
import { run } from "../../pipeline/run.ts";
import { turned, wayOf } from "../by-command.ts";
import { anyFailed, carryOut, highest } from "../carry.ts";
import { formats, present } from "../present.ts";
import { oneOf, type RunOptions, specOf } from "../options.ts";
import { namesOfOwn } from "../own-suites.ts";
import { openOwnSuite, openResults } from "../wiring.ts";

export async function compare(sides: readonly string[], options: RunOptions): Promise<number> {
  const format = oneOf("--format", options.format, formats);
  const now = new Date();
  const name = runName(now);
  const { baseline, ...others } = { ...options, own: await namesOfOwn(options.suite ?? [], openOwnSuite) };
  const spec = specOf(sides, options.by === "command" ? others : { ...others, ...(baseline && { baseline }) }, name);
  const way = wayOf(spec, options.by, baseline);
  const occasion = { run: name, tool_version: packageRoot().version, created_at: now.toISOString() };
  const statuses = [
    await carryOut(spec, options, (ports, observe, signal) => run(spec, occasion, ports, observe, signal)),
  ];
  const stored = await (await openResults(options.results)).load(name);
  if (stored.records.length > 0) await present(turned(stored, way), { ...options, format, baseline: way.baseline });
  if (anyFailed(stored)) statuses.push(1);
  return highest(statuses);
}

/** `20261124-031500-3fa9`: sorts by time, and two in one second differ. */
function runName(now: Date): string {
  const digits = now.toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  return `${digits}-${randomBytes(2).toString("hex")}`;
}
