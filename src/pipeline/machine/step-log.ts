// Output of steps beside their measurements: the findings of a setup, and the log and last line of a step that failed.

import { defined } from "../../domain/defined.ts";
import type { EndedLine } from "../../domain/run/machine-journal.ts";
import type { RunEvent } from "../../domain/run/events.ts";
import type { Trial } from "../../domain/run/run-log.ts";
import { printable, safeFileName } from "../../domain/printable.ts";
import { trialId } from "../agent/batch-text.ts";
import type { RecordSink } from "../run/run-context.ts";

/** Writes the end of the step's output as the log `name`, and returns it; undefined where it is empty. */
export async function keepStepLog(
  name: string,
  ended: EndedLine | undefined,
  sink: Pick<RecordSink, "log">,
): Promise<string | undefined> {
  const text = stderrOf(ended);
  if (text === undefined) return undefined;
  const shown = text.split("\n").map(printable).join("\n");
  await sink.log(`${name}.txt`, shown);
  return shown;
}

/** Writes the last output of a failed trial as its log, and reports it. */
export async function keepTrialLog(
  machine: string,
  trial: Trial,
  ended: EndedLine,
  { sink, observe }: { readonly sink: Pick<RecordSink, "log">; readonly observe: (event: RunEvent) => void },
): Promise<void> {
  const name = `${machine}.${trialId(trial)}`;
  const text = await keepStepLog(name, ended, sink);
  if (text === undefined) return;
  const row = trialId({ ...trial, round: 0 });
  observe({ what: "last-words", machine, row, text, log: `logs/${safeFileName(`${name}.txt`)}` });
}

/** Returns why the step did not complete, with its last line of output, cut to 200 characters. */
export function failureOf(ended: EndedLine | undefined): string {
  const reason = ended !== undefined && "reason" in ended ? ended.reason : "never ended";
  const lastLine = (stderrOf(ended) ?? "").trimEnd().split("\n").at(-1)?.trim().slice(0, 200) ?? "";
  return printable(lastLine === "" ? reason : `${reason}: ${lastLine}`);
}

/** Returns the findings of a setup: facts of the machine by name, and the drivers of rows: `openssl-evp by c`. */
export function setupFindings(provided: EndedLine["provided"] = {}): {
  facts: Record<string, string>;
  drivers: string[];
} {
  const facts: Record<string, string> = {};
  const drivers: string[] = [];
  for (const [name, value] of Object.entries(provided)) {
    if (name.startsWith("fact.")) facts[name.slice("fact.".length)] = value;
    if (name.startsWith("driver.")) drivers.push(`${name.slice("driver.".length)} by ${value}`);
  }
  return {
    facts: { ...facts, ...defined({ work_id: provided["work_id"] }) },
    drivers,
  };
}

/** Lines that a step prints for the agent: they say nothing of why it failed. */
const findings = /^(driver|skip|fact)\.[a-z0-9_.-]+=.*\n?/gm;

/** The end of what the step printed for people; undefined where it printed nothing. */
function stderrOf(ended: EndedLine | undefined): string | undefined {
  if (ended?.stderr_tail === undefined) return undefined;
  const text = Buffer.from(ended.stderr_tail, "base64").toString("utf8").replaceAll(findings, "");
  return text === "" ? undefined : text;
}
