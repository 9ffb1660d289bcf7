// Whole tables, records in, text out. Times are constant, so that every cell was worked out by hand when the file was
// written: a speedup is a quotient, CPU is the half of real, an interval is what half a tick of 1 us leaves. A file that
// differs is read, and then written by hand or not at all.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { buildReportData } from "../../src/report/build-report-data.ts";
import type { TrialRecord } from "../../src/domain/run/trial-record.ts";
import { renderGridFast } from "../../src/report/table/grid.ts";
import { table } from "../../src/report/table/terminal-table.ts";
import { buildTableView } from "../../src/report/table/build-view.ts";
import { aRun, type RunGiven, type Times } from "../support/timed-run.ts";

interface Case {
  readonly rows: Readonly<Record<string, Times>>;
  readonly given?: RunGiven;
  readonly width?: number;
  readonly wide?: boolean;
  readonly baseline?: string;
}

/** CPU is all of real: one CPU computes throughout. */
const computing = (record: TrialRecord): TrialRecord =>
  record.status === "completed" ? { ...record, user_s: record.real_s } : record;

const steal = (record: TrialRecord): TrialRecord =>
  record.side === "c7g" && record.round > 4 ? { ...computing(record), tainted: ["steal"] } : computing(record);

const skipped = (record: TrialRecord): TrialRecord =>
  record.status === "failed" && record.reason === "needs: cc"
    ? { ...record, status: "skipped", driver: "none" }
    : computing(record);

const three = { c6g: 4, c7g: 2, c8g: 1 };

const cases: Readonly<Record<string, Case>> = {
  "one type": { rows: { "hashes/md5/a": { local: 0.05 }, "hashes/sha1/a": { local: 123 } } },
  "two types, one machine a side": {
    rows: { "hashes/md5/a": { c6g: 2, c7g: 1 }, "hashes/sha1/a": { c6g: 8, c7g: 1 } },
    given: { change: computing },
  },
  "two types, three machines a side": {
    // Geometric means: 2 and 1.
    rows: { "hashes/md5/a": { c6g: [1.9, 2, 2 / 0.95], c7g: [0.95, 1, 1 / 0.95] } },
    given: { change: computing },
  },
  "two types, three machines a side, two rows": {
    // Machines of a side differ alike in both rows: the mean is as sure as each of them.
    rows: {
      "hashes/md5/a": { c6g: [1.9, 2, 2 / 0.95], c7g: [0.95, 1, 1 / 0.95] },
      "hashes/sha1/a": { c6g: [3.8, 4, 4 / 0.95], c7g: [1.9, 2, 2 / 0.95] },
    },
    given: { change: computing },
  },
  "an instruction lost": {
    // What tips a mean, and is seen in no peer's: two rows 1.25 times as fast, one four times as slow.
    rows: {
      "crypto/aes/a": { c7g: 1.25, c8g: 1 },
      "crypto/sha2/a": { c7g: 1.25, c8g: 1 },
      "crypto/sm4/a": { c7g: 1, c8g: 4 },
    },
    given: {
      change: computing,
      instructions: { aes: ["aarch64:aes"], sha2: ["aarch64:sha2"], sm4: ["aarch64:sm4"] },
      facts: (side) => ({
        arch: "aarch64",
        cpu_flags: side === "c7g" ? "fp asimd aes sha2 sm4" : "fp asimd aes sha2 sve2",
        release: side === "c7g" ? "6.1.0" : "6.12.0",
      }),
    },
  },
  "three types": { rows: { "hashes/md5/a": three, "hashes/sha1/a": three }, given: { change: computing } },
  "three types, wide, 80 columns": { rows: { "hashes/md5/a": three }, wide: true, given: { change: computing } },
  "three types, wide, 200 columns": {
    rows: { "hashes/md5/a": three },
    wide: true,
    width: 200,
    baseline: "c8g",
    given: { change: computing },
  },
  failures: {
    rows: {
      "hashes/md5/a": { c6g: 1, c7g: "exit 1" },
      "hashes/sha1/a": { c6g: "limit", c7g: 1 },
      "hashes/sha512/a": { c6g: "needs: cc", c7g: "needs: cc" },
    },
    given: { change: skipped },
  },
  ties: {
    rows: { "hashes/md5/a": { c6g: 1, c7g: 1 }, "hashes/sha1/a": { c6g: 3, c7g: 3 } },
    given: { change: computing },
  },
  "one row decides": {
    rows: {
      "hashes/md5/a": { c6g: 1, c7g: 0.25 },
      "hashes/sha1/a": { c6g: 1, c7g: 1.25 },
      "hashes/sha256/a": { c6g: 1, c7g: 1.25 },
    },
    given: { change: computing },
  },
  taints: { rows: { "hashes/md5/a": { c6g: 1, c7g: 2 } }, given: { change: steal } },
  "no matched rows": {
    rows: { "hashes/md5/a": { c6g: 1, c7g: 2 } },
    given: { change: (record) => ({ ...computing(record), work_id: record.side }) },
  },
  "waiting and computing": {
    rows: {
      "fetch/get/a": { c6g: 2, c7g: 1 },
      "hashes/md5/a": { c6g: 8, c7g: 2 },
      "hashes/sha1/a": { c6g: 2, c7g: 2 },
    },
    given: { change: (record) => (record.suite === "fetch" ? record : computing(record)) },
  },
  "CJK names": {
    rows: { "command/cmd-1/command": { 東京: 2, "서울-2": 1 } },
    given: { change: computing, titles: { "cmd-1": "編譯 make" } },
  },
};

test.each(Object.keys(cases))("%s", async (name) => {
  const { rows, given, width = 80, wide = false, baseline } = cases[name] as Case;
  const run = aRun(rows, given);
  const view = buildTableView(await buildReportData(run, baseline ?? run.plan.spec.baseline), wide);
  const text = table(view, width);
  expect(text).toBe(readFileSync(new URL(`${name.replace(/\W+/g, "-")}.txt`, import.meta.url), "utf8"));
  // The live view's own way to draw.
  expect(table(view, width, renderGridFast)).toBe(text);
  // No colour, nothing else that a terminal obeys.
  // oxlint-disable-next-line no-control-regex -- that is what is looked for
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
});
