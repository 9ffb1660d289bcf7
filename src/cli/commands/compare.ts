// `compare` and `run`: run, then report.

import { randomBytes } from "node:crypto";
import { packageRoot } from "../../adapters/folders/package-root.ts";
import type { Absence, Event } from "../../domain/events.ts";
import { type Outcome, run } from "../../pipeline/run.ts";
import { turned, wayOf } from "../by-command.ts";
import { complain, isInterruption } from "../complain.ts";
import { formats, present } from "../present.ts";
import { oneOf, type RunOptions, specOf } from "../options.ts";
import { LiveView } from "../live.ts";
import { progressLine } from "../progress.ts";
import { interruptions } from "../signals.ts";
import { openResults, wire } from "../wiring.ts";

export async function compare(sides: readonly string[], options: RunOptions): Promise<number> {
  const format = oneOf("--format", options.format, formats);
  const now = new Date();
  const name = runName(now);
  const { baseline, ...others } = options;
  const spec = specOf(sides, options.by === "command" ? others : options, name);
  const way = wayOf(spec, options.by, baseline);
  const occasion = { run: name, tool_version: packageRoot().version, created_at: now.toISOString() };
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
  if (stored.records.length > 0) await present(turned(stored, way), { ...options, format, baseline: way.baseline });
  if (stored.records.some((record) => record.status === "failed" || record.status === "timed-out")) statuses.push(1);
  return highest(statuses);
}

/** Prints what went wrong; answers the exit status for it. */
function statusOf(outcome: Outcome, interrupted: boolean): number {
  const statuses = [0];
  if (outcome.error !== undefined && !(interrupted && isInterruption(outcome.error)))
    statuses.push(complain(outcome.error));
  for (const fault of outcome.faults) statuses.push(complain(fault));
  if (interrupted) statuses.push(130);
  const { absence } = outcome;
  if (absence.state === "left" || absence.state === "kept") {
    const text = absence.state === "left" ? leftLine(absence, outcome.plan.run) : keptLines(absence);
    process.stderr.write(`timetrial: ${text}\n`);
    statuses.push(3);
  }
  return highest(statuses);
}

function leftLine(absence: Extract<Absence, { state: "left" }>, runId: string): string {
  const what = absence.ids.length === 0 ? "machines may be left running" : `left running: ${absence.ids.join(", ")}`;
  return `${what}: ${absence.reason}\n  find them by the tag timetrial:run=${runId}, and end them with: aws ec2 terminate-instances --instance-ids ${absence.ids.join(" ") || "ID"}`;
}

/** What stays for a look, until when, and how to look in. The tool that opens a shell is AWS's own. */
function keptLines({ ids, until, region }: Extract<Absence, { state: "kept" }>): string {
  return [
    `left running on purpose (--keep-on-failure): ${ids.join(", ")}, until ${until} at the latest`,
    ...ids.map((id) => `  look in with: aws ssm start-session --target ${id} --region ${region}`),
    `  end them with: aws ec2 terminate-instances --region ${region} --instance-ids ${ids.join(" ")}`,
  ].join("\n");
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
