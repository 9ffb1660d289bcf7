// Ends a run of `compare` or `boot`: prints its errors and what is left running to standard error, and returns the exit
// status.

import { TimetrialError } from "../../domain/errors.ts";
import { say } from "../output/terminal.ts";
import { printableLines } from "../../domain/printable.ts";
import type { ReleaseProof } from "../../domain/run/events.ts";
import { isInterrupt, printError } from "../output/print-error.ts";
import { worstStatus } from "../output/exit-status.ts";
import { cleanupHints, type RunLocation } from "./leftover-hints.ts";

/** How a run ended. */
interface EndedRun {
  readonly error?: unknown;
  readonly faults?: readonly unknown[];
  readonly absence: ReleaseProof;
}

/** Prints the errors of a run and what it left running. Returns the exit status. */
export function reportOutcome(
  { error, faults = [], absence }: EndedRun,
  interrupted: boolean,
  location: RunLocation,
): number {
  const statuses = [0];
  if (error !== undefined && !(interrupted && isInterrupt(error))) statuses.push(printError(error));
  for (const fault of faults) statuses.push(printError(fault));
  const isUnwritable = (fault: unknown) => fault instanceof TimetrialError && fault.code === "RESULTS_UNWRITABLE";
  if ([error, ...faults].some(isUnwritable) && (absence.state === "none" || absence.state === "nothing-leased"))
    say(printableLines(`timetrial: ${absence.state === "none" ? "0 instances left running" : "nothing was launched"}`));
  if (interrupted) statuses.push(130);
  if (absence.state === "left" || absence.state === "kept") {
    const text = absence.state === "left" ? leftLine(absence, location) : keptLines(absence);
    say(printableLines(`timetrial: ${text}`));
    statuses.push(3);
  }
  return worstStatus(statuses);
}

function leftLine({ ids, reason }: Extract<ReleaseProof, { state: "left" }>, location: RunLocation): string {
  const what = ids.length === 0 ? "machines may be left running" : `left running: ${ids.join(", ")}`;
  return `${what}: ${reason}\n${cleanupHints(location, ids)}`;
}

/**
 * Returns the lines about the machines of --keep-on-failure: until when they run, how to open a shell on them (with the
 * AWS CLI), and how to terminate them.
 */
function keptLines({ ids, until, region }: Extract<ReleaseProof, { state: "kept" }>): string {
  return [
    `left running on purpose (--keep-on-failure): ${ids.join(", ")}, until ${until} at the latest`,
    ...ids.map((id) => `  look in with: aws ssm start-session --target ${id} --region ${region}`),
    `  end them with: aws ec2 terminate-instances --region ${region} --instance-ids ${ids.join(" ")}`,
  ].join("\n");
}
