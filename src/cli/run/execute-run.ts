// Executes a run for the command line: shows progress, handles signals, and returns the exit status.

import { say, sayJson, terminalOnStderr, writesJsonLines } from "../output/terminal.ts";
import { type Printable, printable, printableLines } from "../../domain/printable.ts";
import type { RunEvent } from "../../domain/run/events.ts";
import { launchedSides, type Spec } from "../../domain/plan/plan.ts";
import type { RunOutcome } from "../../pipeline/run/run.ts";
import type { RunPorts } from "../../pipeline/run/run-ports.ts";
import { isFailure } from "../../domain/run/trial-record.ts";
import { someRecord } from "../../domain/records/record-columns.ts";
import type { StoredRun } from "../../ports/results.ts";
import type { InterimLook, LookDecision } from "../../domain/run/interim-look.ts";
import type { ComparisonAxis } from "../../pipeline/compare/pivot-by-command.ts";
import { isInterrupt } from "../output/print-error.ts";
import type { SpecOrigin } from "../spec/spec-origin.ts";
import { leftoverText } from "./leftover-hints.ts";
import { reportOutcome } from "./run-outcome.ts";
import { progressObject } from "./progress-json.ts";
import { progressLine } from "./progress-lines.ts";
import { Silence } from "./silence.ts";
import { handleInterrupts } from "./interrupts.ts";
import { createRunPorts } from "../wiring/run-ports.ts";

export interface ExecuteOptions {
  readonly results: string;
  readonly quiet?: boolean;
  /** Each is `TYPE=USD`, dollars an hour. */
  readonly price?: readonly string[];
  /** Where the spec came from. */
  readonly spec?: SpecOrigin;
  /** What the table will compare. */
  readonly axis: ComparisonAxis;
}

/** Calls `execute` with the ports of `spec`, shows progress on standard error, and returns the exit status. */
export async function executeRun(
  spec: Spec,
  options: ExecuteOptions,
  execute: (ports: RunPorts, observe: (event: RunEvent) => void, signal: AbortSignal) => Promise<RunOutcome>,
): Promise<number> {
  const progress = (line: Printable | undefined): void => {
    if (line === undefined || options.quiet === true) return;
    say(line);
    silence.spoken();
  };
  const onThisHost = spec.cloud === "sandbox" || spec.sides.some((side) => side.kind === "local");
  const terminal = options.quiet === true ? undefined : terminalOnStderr();
  const live = terminal && new (await import("./live-view.ts")).LiveView(terminal, onThisHost, undefined, options.axis);
  using silence = new Silence((text) => {
    if (writesJsonLines()) return;
    if (live !== undefined) live.showSilence(printable(text));
    else progress(printable(text));
  });
  let planned: Extract<RunEvent, { what: "planned" }> | undefined;
  const rowsWithLastWords = new Set<string>();
  const observe = (happened: RunEvent): void => {
    let event = happened;
    if (event.what === "planned") planned = event;
    if (event.what === "last-words") {
      // Each round of a row repeats the same lines.
      const row = `${event.machine} ${event.row}`;
      if (rowsWithLastWords.has(row)) return;
      rowsWithLastWords.add(row);
      event = { ...event, log: `${planned?.folder ?? ""}/${event.log}` };
    }
    silence.observe(event);
    if (writesJsonLines()) {
      if (options.quiet !== true) sayJson(progressObject(event));
    } else if (live === undefined) progress(progressLine(event));
    else {
      live.observe(event);
      // The view shows every event.
      silence.spoken();
    }
  };
  using interrupted = handleInterrupts(
    (line) => (live === undefined ? say(printableLines(line)) : live.say(printableLines(line))),
    () =>
      planned === undefined ? "nothing was launched" : leftoverText(planned.folder, { ...spec, run: planned.plan.run }),
    launchedSides(spec).length > 0,
  );
  const showNote = (text: string): void => observe({ what: "note", text });
  const ports = await createRunPorts(spec, { ...options, say: showNote });
  const judgeLook = async (look: InterimLook): Promise<LookDecision> =>
    (await import("./judge-look.ts")).judgeLook(look, options.axis);
  const outcome = await execute({ ...ports, judgeLook }, observe, interrupted.signal);
  silence[Symbol.dispose]();
  live?.clear();
  return reportOutcome(outcome, isInterrupt(interrupted.signal.reason), { ...spec, run: outcome.plan.run });
}

/**
 * Returns whether trials of the run, or its setup, failed or were lost, in this client or an earlier one. The exit
 * status says so.
 */
export function hasFailures({ records }: StoredRun): boolean {
  return someRecord(records, isFailure);
}
