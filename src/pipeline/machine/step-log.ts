// What steps say beside what is measured: findings of a setup, the log and the last words of a step that did not complete.

import type { EndedLine } from "../../domain/run/machine-journal.ts";
import type { RunEvent } from "../../domain/run/events.ts";
import type { Trial } from "../../domain/run/run-log.ts";
import { printable, safeFileName } from "../../domain/printable.ts";
import { trialId } from "../agent/batch-text.ts";
import type { RecordSink } from "../run/run-context.ts";

/** Stores the end of what the step printed as the log `name`, if it printed anything. */
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

/** Keeps what a trial that failed printed last, and reports it. */
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

/** Why the step did not complete, with the last line that it printed as far as it fits. */
export function failureOf(ended: EndedLine | undefined): string {
  const reason = ended !== undefined && "reason" in ended ? ended.reason : "never ended";
  const said = (stderrOf(ended) ?? "").trimEnd().split("\n").at(-1)?.trim().slice(0, 200) ?? "";
  return printable(said === "" ? reason : `${reason}: ${said}`);
}

/** What setup printed: facts of the machine by name, and how rows will be run: `openssl-evp by c`. */
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
    facts: { ...facts, ...(provided["work_id"] === undefined ? {} : { work_id: provided["work_id"] }) },
    drivers,
  };
}

function stderrOf(ended: EndedLine | undefined): string | undefined {
  return ended?.stderr_tail === undefined ? undefined : Buffer.from(ended.stderr_tail, "base64").toString("utf8");
}
