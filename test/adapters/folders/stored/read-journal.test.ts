// Journals of records that something else wrote or cut: one error says where and what, and little is read for it.

import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readRecords } from "../../../../src/adapters/folders/stored/read-journal.ts";
import { RunFolder } from "../../../../src/adapters/folders/stored/run-folder.ts";
import { aRecord } from "../../../support/given.ts";

let path: string;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "timetrial-journal-"));
});
afterEach(() => rmSync(path, { recursive: true }));

const line = (change: object = {}): string => `${JSON.stringify({ ...aRecord(), ...change })}\n`;
const file = (): string => join(path, "records.ndjson");
const read = async (presence: "must be there" | "may be absent" = "must be there") =>
  await readRecords(await RunFolder.open(path), "records.ndjson", presence);
const corrupt = (message: string) => ({ code: "RESULTS_CORRUPT", message: `${file()}${message}` });

test("a closed run's records that were cut in a line are refused, an open run's are read up to there", async () => {
  const text = line() + line({ round: 2 });
  writeFileSync(file(), text.slice(0, -20));
  await expect(read()).rejects.toMatchObject(corrupt(":2: expected a line end, found the end of the file"));
  expect([...(await read("may be absent"))]).toEqual([aRecord()]);
});

test("a line cut with others behind it is refused with its begin", async () => {
  const cut = line({ round: 2 }).slice(0, 200);
  writeFileSync(file(), `${line()}${cut}\n${line({ round: 3 })}`);
  await expect(read()).rejects.toMatchObject(corrupt(`:2: no JSON: ${JSON.stringify(cut.slice(0, 80))}`));
});

test("a line of gigabytes is refused once its first megabyte is read", async () => {
  writeFileSync(file(), line());
  // A hole, which takes no room on the disk: no buffer of Node's takes the line whole.
  truncateSync(file(), 7 * 2 ** 30);
  await expect(read()).rejects.toMatchObject(corrupt(":2: expected a line of at most 1048576 bytes"));
});

test.each([
  ["of a later schema", { schema: 2 }, "schema: expected 1, got 2"],
  ["with a text for a number", { round: "2" }, 'round: expected number, got "2"'],
  ["with a field of another version", { more: 1 }, 'more: expected never, got "more"'],
])("a record %s among others is refused with the path in it and what was found", async (_, change, what) => {
  writeFileSync(file(), line() + line({ round: 2 }) + line(change) + line({ round: 3 }));
  await expect(read()).rejects.toMatchObject(corrupt(`:3: ${what}`));
});
