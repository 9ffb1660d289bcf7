// Checks stored values against their schemas.

import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { TimetrialError } from "../../../domain/errors.ts";

/** For catch(): undefined where a path does not exist. Throws any other error. */
export function undefinedIfMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
  throw error;
}

/** Parses `text`, the content of `path`. @throws TimetrialError RESULTS_CORRUPT where it is no JSON */
export function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TimetrialError("RESULTS_CORRUPT", `${path}: ${(cause as Error).message}`, { cause });
  }
}

/** Reads a JSON file of this package. @throws TimetrialError RESULTS_CORRUPT */
export async function readJson(path: string): Promise<unknown> {
  return parseJson(await readFile(path, "utf8"), path);
}

/** `value` as `schema` has it, or what is wrong with it: path in it, expected, got. */
export function tryParse<const S extends v.GenericSchema>(
  schema: S,
  value: unknown,
): v.InferOutput<S> | { fault: string } {
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  const issue = parsed.issues[0];
  const got = JSON.stringify(issue.input)?.slice(0, 80) ?? "nothing";
  return { fault: `${v.getDotPath(issue) ?? "the line"}: expected ${issue.expected ?? "something else"}, got ${got}` };
}

/** `value`, the content of `path`, as `schema` has it. @throws TimetrialError RESULTS_CORRUPT */
export function parseOrCorrupt<const S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  path: string,
): v.InferOutput<S> {
  const result = tryParse(schema, value);
  if (typeof result === "object" && result !== null && "fault" in result) {
    throw new TimetrialError("RESULTS_CORRUPT", `${path}: ${String(result.fault)}`);
  }
  return result as v.InferOutput<S>;
}
