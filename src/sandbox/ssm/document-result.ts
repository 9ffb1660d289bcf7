// Converts a script's exit to what the agent reports: status, code and text of its own.
//
// Known from amazon-ssm-agent 3.3.0.0: agent/plugins/pluginutil, agent/executers, agent/framework/runpluginutil, and
// reference/ssm-agent-3.3.0.0.json.

import { constants } from "node:os";
import { cutErrors } from "./command-output.ts";
import type { WorkerEnd } from "./document-worker.ts";
import type { InvocationEnd } from "./invocation.ts";

/** Exit statuses that mean something to the agent. */
const stoppedStatus = 137;
const stepSucceeded = 168;
const stepFailed = 169;

/** Asks for a reboot, after which the script runs again. */
export const rebootStatus = 194;

/** The agent's words where a document worker died, as ListCommandInvocations shows them with Details. */
const workerDied =
  "document process failed unexpectedly: ipc messaging received timeout signal , check [ssm-document-worker]/[ssm-session-worker] log for crash reason";

/** Nothing is known of the script: neither its status nor its output. */
export const lostResult: InvocationEnd = { status: "Failed", details: "Failed", code: 1, pluginOutput: workerDied };

/** A document that the agent refuses to run. */
export const refusedDocument: InvocationEnd = { status: "Failed", details: "Failed", code: -1 };

export function resultOf({ exit, stopped }: WorkerEnd, text: { stdout: string; stderr: string }): InvocationEnd {
  const { exitCode, signal } = exit;
  const { stdout } = text;
  const stderr = cutErrors(text.stderr);
  if (stopped === "cancel") return { status: "Cancelled", details: "Cancelled", code: stoppedStatus, stdout, stderr };
  if (stopped === "limit" || exitCode === stoppedStatus)
    return { status: "TimedOut", details: "ExecutionTimedOut", code: stoppedStatus, stdout, stderr };
  if (exitCode === 0) return { status: "Success", details: "Success", code: 0, stdout, stderr };
  if (exitCode === stepSucceeded)
    return { status: "Success", details: "Success", code: stepSucceeded, stdout: stdout + skipped(168, "succeeded") };
  const reason = exitCode === undefined ? `signal: ${signalText(signal)}` : `exit status ${exitCode}`;
  const failed = failure(text, reason, exitCode ?? -1);
  if (exitCode !== stepFailed) return failed;
  const note = skipped(169, "Failed");
  return {
    ...failed,
    stdout: stdout + note,
    stderr: cutErrors(`${text.stderr}failed to run commands: ${reason}${note}`),
  };
}

/** The script could not be started, or ended with an error. No line break stands before the agent's own words. */
export function failure(text: { stdout: string; stderr: string }, reason: string, code: number): InvocationEnd {
  const stderr = cutErrors(`${text.stderr}failed to run commands: ${reason}`);
  return { status: "Failed", details: "Failed", code, stdout: text.stdout, stderr };
}

function skipped(code: number, as: string): string {
  return `\nStep exited with code ${code}. Therefore, marking step as ${as}. Further document steps will be skipped.`;
}

/** A signal as Go's syscall package names it on Linux; others by their number. */
const signalTexts: Readonly<Record<string, string>> = {
  SIGHUP: "hangup",
  SIGINT: "interrupt",
  SIGQUIT: "quit",
  SIGILL: "illegal instruction",
  SIGTRAP: "trace/breakpoint trap",
  SIGABRT: "aborted",
  SIGBUS: "bus error",
  SIGFPE: "floating point exception",
  SIGKILL: "killed",
  SIGUSR1: "user defined signal 1",
  SIGSEGV: "segmentation fault",
  SIGUSR2: "user defined signal 2",
  SIGPIPE: "broken pipe",
  SIGALRM: "alarm clock",
  SIGTERM: "terminated",
};

function signalText(signal: string | undefined): string {
  const numbers: Readonly<Record<string, number>> = constants.signals;
  return signalTexts[signal ?? ""] ?? `signal ${numbers[signal ?? ""] ?? 0}`;
}
