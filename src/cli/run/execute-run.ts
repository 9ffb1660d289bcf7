// A run as the command line carries it out: watched, interrupted by signals, its end told and turned into an exit status.

import type { ReleaseProof, RunEvent } from "../../domain/run/events.ts";
import type { Plan, Spec } from "../../domain/plan/plan.ts";
import type { RunOutcome } from "../../pipeline/run/run.ts";
import type { RunPorts } from "../../pipeline/run/run-ports.ts";
import { isFailure } from "../../domain/run/trial-record.ts";
import type { StoredRun } from "../../ports/results.ts";
import type { LookDecision } from "../../domain/run/interim-look.ts";
import type { InterimLook } from "../../domain/run/interim-look.ts";
import type { ComparisonAxis } from "../output/pivot-by-command.ts";
import { tolerateClosedPipe } from "../output/closed-pipe.ts";
import { printError, isInterrupt } from "../output/print-error.ts";
import { worstStatus } from "../output/exit-status.ts";
import { cleanupHints, leftoverText } from "./leftover-hints.ts";
import { progressLine } from "./progress-lines.ts";
import { handleInterrupts } from "./interrupts.ts";
import { createRunPorts } from "../wiring.ts";

export interface ExecuteOptions {
  readonly results: string;
  readonly quiet?: boolean;
  /** `TYPE=USD` an hour, each. */
  readonly price?: readonly string[];
  /** What the table will compare. */
  readonly way: ComparisonAxis;
}

/** Carries `spec` out as `what` says, with progress on standard error; answers the exit status for it. */
export async function executeRun(
  spec: Spec,
  options: ExecuteOptions,
  what: (ports: RunPorts, observe: (event: RunEvent) => void, signal: AbortSignal) => Promise<RunOutcome>,
): Promise<number> {
  const say = (line: string | undefined): void => {
    if (line !== undefined && options.quiet !== true) process.stderr.write(`${line}\n`);
  };
  tolerateClosedPipe(process.stderr);
  const onThisHost = spec.cloud === "sandbox" || spec.sides.some((side) => side.kind === "local");
  const watched = options.quiet !== true && process.stderr.isTTY;
  const live = watched
    ? new (await import("./live-view.ts")).LiveView(process.stderr, onThisHost, undefined, options.way)
    : undefined;
  let planned: Extract<RunEvent, { what: "planned" }> | undefined;
  const observe = (event: RunEvent): void => {
    if (event.what === "planned") planned = event;
    if (live === undefined) say(progressLine(event));
    else live.observe(event);
  };
  using interrupted = handleInterrupts(
    (line) => (live === undefined ? process.stderr.write(`${line}\n`) : live.say(line)),
    () =>
      planned === undefined ? "nothing was launched" : leftoverText(planned.folder, { ...spec, run: planned.plan.run }),
  );
  const ports = await createRunPorts(spec, options);
  const enough = async (look: InterimLook): Promise<LookDecision> =>
    (await import("./judge-look.ts")).judgeLook(look, options.way);
  const outcome = await what({ ...ports, enough }, observe, interrupted.signal);
  live?.clear();
  return statusOf(outcome, isInterrupt(interrupted.signal.reason));
}

/** Prints what went wrong; answers the exit status for it. */
function statusOf(outcome: RunOutcome, interrupted: boolean): number {
  const statuses = [0];
  if (outcome.error !== undefined && !(interrupted && isInterrupt(outcome.error)))
    statuses.push(printError(outcome.error));
  for (const fault of outcome.faults) statuses.push(printError(fault));
  if (interrupted) statuses.push(130);
  const { absence } = outcome;
  if (absence.state === "left" || absence.state === "kept") {
    const text = absence.state === "left" ? leftLine(absence, outcome.plan) : keptLines(absence);
    process.stderr.write(`timetrial: ${text}\n`);
    statuses.push(3);
  }
  return worstStatus(statuses);
}

function leftLine(absence: Extract<ReleaseProof, { state: "left" }>, { run: runId, spec }: Plan): string {
  const what = absence.ids.length === 0 ? "machines may be left running" : `left running: ${absence.ids.join(", ")}`;
  return `${what}: ${absence.reason}\n${cleanupHints({ ...spec, run: runId }, absence.ids)}`;
}

/** What stays for a look, until when, and how to look in. The tool that opens a shell is AWS's own. */
function keptLines({ ids, until, region }: Extract<ReleaseProof, { state: "kept" }>): string {
  return [
    `left running on purpose (--keep-on-failure): ${ids.join(", ")}, until ${until} at the latest`,
    ...ids.map((id) => `  look in with: aws ssm start-session --target ${id} --region ${region}`),
    `  end them with: aws ec2 terminate-instances --region ${region} --instance-ids ${ids.join(" ")}`,
  ].join("\n");
}

/** Whether trials of the run failed, or their setup, or were lost, to an earlier client of it perhaps: the exit status says it. */
export function hasFailures({ records }: StoredRun): boolean {
  return records.some(isFailure);
}
