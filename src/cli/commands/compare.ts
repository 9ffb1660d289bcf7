// `compare` and `run`: run, then report.

import { randomBytes } from "node:crypto";
import { packageRoot } from "../../adapters/folders/package-root.ts";
import { TimetrialError } from "../../domain/errors.ts";
import type { Absence, Event } from "../../domain/events.ts";
import type { Spec } from "../../domain/plan.ts";
import type { Occasion } from "../../pipeline/plan.ts";
import { type Outcome, run } from "../../pipeline/run.ts";
import { turned, wayOf } from "../by-command.ts";
import { complain, isInterruption } from "../complain.ts";
import { formats, present } from "../present.ts";
import { oneOf, type RunOptions, specOf } from "../options.ts";
import { LiveView } from "../live.ts";
import { progressLine } from "../progress.ts";
import { interruptions } from "../signals.ts";
import { publishedAlone, publishedIn, withPublished } from "../sources.ts";
import { openResults, wire } from "../wiring.ts";

export async function compare(sides: readonly string[], options: RunOptions): Promise<number> {
  const format = oneOf("--format", options.format, formats);
  const now = new Date();
  const name = runName(now);
  const { baseline, ...others } = options;
  const spec = specOf(sides, options.by === "command" ? others : options, name);
  const way = wayOf(spec, options.by, baseline);
  const published = publishedIn(spec.sides);
  const occasion = { run: name, tool_version: packageRoot().version, created_at: now.toISOString() };
  if (published.length === spec.sides.length) {
    await presentPublished(spec, published, options, occasion);
    return 0;
  }
  // What is not there, or of nothing that will be measured, is refused before anything is.
  await publishedAlone(published, spec.suites, occasion);
  const say = (line: string | undefined): void => {
    if (line !== undefined && options.quiet !== true) process.stderr.write(`${line}\n`);
  };

  const onThisHost = spec.cloud === "sandbox" || spec.sides.some((side) => side.kind === "local");
  const live = options.quiet !== true && process.stderr.isTTY ? new LiveView(process.stderr, onThisHost) : undefined;
  const observe = (event: Event): void => (live === undefined ? say(progressLine(event)) : live.observe(event));
  using interrupted = interruptions((line) =>
    live === undefined ? process.stderr.write(`${line}\n`) : live.say(line),
  );
  const ports = await wire(spec, options);
  const outcome = await run(spec, occasion, ports, observe, interrupted.signal);
  live?.clear();
  const statuses = [statusOf(outcome, isInterruption(interrupted.signal.reason))];
  const stored = await (await openResults(options.results)).load(name);
  if (stored.records.length > 0) {
    const shown = way.by === "command" ? turned(stored, way) : await withPublished(stored);
    await present(shown, { ...options, format, baseline: way.baseline });
  }
  if (stored.records.some((record) => record.status === "failed" || record.status === "timed-out")) statuses.push(1);
  return highest(statuses);
}

/** Published figures alone: nothing is launched and no run is made, since there is nothing that it could keep. */
async function presentPublished(
  spec: Spec,
  published: Parameters<typeof publishedAlone>[0],
  options: RunOptions,
  occasion: Occasion,
): Promise<void> {
  if (spec.command !== undefined) {
    throw new TimetrialError("USAGE", "expected a side that can run the command, got published figures alone", {
      hint: "name a machine too: local, ssh:HOST, or a type",
    });
  }
  const shown = await publishedAlone(published, options.suite === undefined ? undefined : spec.suites, occasion);
  const format = oneOf("--format", options.format, formats);
  await present(shown, { ...options, format, baseline: spec.baseline });
}

/** Prints what went wrong; answers the exit status for it. */
function statusOf(outcome: Outcome, interrupted: boolean): number {
  const statuses = [0];
  if (outcome.error !== undefined && !(interrupted && isInterruption(outcome.error)))
    statuses.push(complain(outcome.error));
  for (const fault of outcome.faults) statuses.push(complain(fault));
  if (interrupted) statuses.push(130);
  if (outcome.absence.state === "left") {
    process.stderr.write(`timetrial: ${leftLine(outcome.absence, outcome.plan.run)}\n`);
    statuses.push(3);
  }
  return highest(statuses);
}

function leftLine(absence: Extract<Absence, { state: "left" }>, runId: string): string {
  const what = absence.ids.length === 0 ? "machines may be left running" : `left running: ${absence.ids.join(", ")}`;
  return `${what}: ${absence.reason}\n  find them by the tag timetrial:run=${runId}, and end them with: aws ec2 terminate-instances --instance-ids ${absence.ids.join(" ") || "ID"}`;
}

/** DESIGN section 8: the highest wins, in this order. */
function highest(statuses: readonly number[]): number {
  return [3, 130, 5, 4, 2, 1].find((status) => statuses.includes(status)) ?? 0;
}

/** `20261124-031500-3fa9`: sorts by time, and two in one second differ. */
function runName(now: Date): string {
  const digits = now.toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  return `${digits}-${randomBytes(2).toString("hex")}`;
}
