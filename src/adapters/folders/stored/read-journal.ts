// Reads journals line by line. Nothing in them is trusted; only the last line may be torn.

import { TimetrialError } from "../../../domain/errors.ts";
import type { Records } from "../../../domain/records/record-columns.ts";
import { recordSchema, type TrialRecord } from "../../../domain/run/trial-record.ts";
import { tryParse } from "./parse-stored.ts";
import { RecordReader } from "./record-reader.ts";
import type { RunFolder, TakeLine } from "./run-folder.ts";

/** Whether a file has to be there to be read; one that may be absent has then no lines. */
export type FilePresence = "must be there" | "may be absent";

/**
 * The values in the journal `file` of `folder`, each put through `fit`. A torn last line is left out.
 *
 * @throws TimetrialError RESULTS_CORRUPT with the line, where any other line is no JSON or does not fit; and where the file
 *   is missing that must be there
 */
export async function readNdjson<T>(
  folder: RunFolder,
  file: string,
  fit: (value: unknown) => T | { readonly fault: string },
  presence: FilePresence = "must be there",
): Promise<T[]> {
  if (isAbsent(folder, file, presence)) return [];
  const path = folder.shown(file);
  const values: T[] = [];
  await folder.lines(file, (buffer, from, to, number) =>
    values.push(fittedLine(buffer.toString("utf8", from, to), fit, { path, number })),
  );
  return values;
}

/** Largest line of records.ndjson: a thousand times the usual. Bytes. */
const mostRecord_bytes = 2 ** 20;

/**
 * The records in the journal `file` of `folder`, by column.
 *
 * @throws TimetrialError RESULTS_CORRUPT as `readNdjson` does; where a record is too long; and where the last line is torn of a
 *   journal that must be there
 */
export async function readRecords(folder: RunFolder, file: string, presence: FilePresence): Promise<Records> {
  if (isAbsent(folder, file, presence)) return [];
  const path = folder.shown(file);
  let number = 0;
  const fit = (value: unknown) => tryParse(recordSchema, value);
  const reader = new RecordReader((line) => fittedLine<TrialRecord>(line, fit, { path, number }));
  const take: TakeLine = (buffer, from, to) => {
    number += 1;
    reader.take(buffer, from, to);
  };
  const isTorn = await folder.lines(file, take, mostRecord_bytes);
  if (!isTorn || presence === "may be absent") return reader.records;
  throw new TimetrialError("RESULTS_CORRUPT", `${path}:${number + 1}: expected a line end, found the end of the file`, {
    hint: "the file was cut after the run was closed",
  });
}

/** Whether there is no `file`. @throws TimetrialError RESULTS_CORRUPT where it must be there */
function isAbsent(folder: RunFolder, file: string, presence: FilePresence): boolean {
  if (folder.has(file)) return false;
  if (presence === "may be absent") return true;
  throw new TimetrialError(
    "RESULTS_CORRUPT",
    `${folder.shown(file)}: expected a journal of the run, found no such file`,
    {
      hint: "it was there when the run was closed: something else took it away",
    },
  );
}

interface LinePlace {
  readonly path: string;
  readonly number: number;
}

/** The value of `line` as `fit` returns it. @throws TimetrialError RESULTS_CORRUPT */
function fittedLine<T>(line: string, fit: (value: unknown) => T | { readonly fault: string }, place: LinePlace): T {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw corrupt(place, `no JSON: ${JSON.stringify(line.slice(0, 80))}`, cause);
  }
  const fitted = fit(value);
  if (typeof fitted === "object" && fitted !== null && "fault" in fitted) throw corrupt(place, String(fitted.fault));
  return fitted as T;
}

function corrupt({ path, number }: LinePlace, found: string, cause?: unknown): TimetrialError {
  return new TimetrialError("RESULTS_CORRUPT", `${path}:${number}: ${found}`, {
    cause,
    hint: "only the last line of a journal may be torn: this file was changed by something else",
  });
}
