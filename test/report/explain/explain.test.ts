// The sentences of `explain`, on a run whose times were chosen so that every number can be worked out by hand.

import { describe, expect, test } from "vitest";
import type { TrialRecord } from "../../../src/domain/run/trial-record.ts";
import { buildReportData } from "../../../src/report/build-report-data.ts";
import { explainReport } from "../../../src/report/explain/explain-report.ts";
import { buildTableView } from "../../../src/report/table/build-view.ts";
import { table } from "../../../src/report/table/terminal-table.ts";
import { thrownBy } from "../../support/refusal.ts";
import { aRun } from "../../support/timed-run.ts";

/** Round 4 on the second machine of c6g was disturbed. */
const disturbed = (record: TrialRecord): TrialRecord =>
  record.status === "completed" && record.machine === "c6g-2" && record.round === 4
    ? { ...record, tainted: ["steal"] }
    : record;

const run = aRun(
  { "hashes/md5/a": { c6g: [1.9, 2, 2 / 0.95], c7g: [0.95, 1, 1 / 0.95] }, "hashes/sha1/a": { c6g: 1, c7g: "exit" } },
  { change: disturbed },
);
const report = await buildReportData(run, "c6g");
const oneLine = (text: string): string => text.replace(/\s+/g, " ");

test("says of a cell which runs it is made of, on which machines, and what was left out and why", () => {
  const lines = explainReport(report, "md5", 80).split("\n");
  const at = lines.indexOf("hashes: md5");
  expect(lines.slice(at, at + 10)).toEqual([
    "hashes: md5",
    "  c6g: 30 runs on 3 machines, of which 26 count.",
    "  c6g: 3 left out, warm-up: the first runs on each machine are not kept (round 1",
    "    on c6g-1, round 1 on c6g-2, round 1 on c6g-3).",
    "  c6g: 1 left out, steal: the hypervisor took over 1 % of the machine's CPU time",
    "    meanwhile (round 4 on c6g-2).",
    "  c6g: real time: 2.00 s, the geometric mean of 3 machines' medians: c6g-1 1.90",
    "    s (9 runs, 95 % interval 1.90 s to 1.90 s), c6g-2 2.00 s (8 runs, 95 %",
    "    interval 2.00 s to 2.00 s), c6g-3 2.11 s (9 runs, 95 % interval 2.11 s to",
    "    2.11 s).",
  ]);
});

test("says times in the unit of the table, which is one for all rows of a suite", async () => {
  const quick = aRun({ "hashes/md5/a": { c6g: 0.131, c7g: 0.131 }, "hashes/sha1/a": { c6g: 0.0865, c7g: 0.0432 } });
  const data = await buildReportData(quick, "c6g");
  expect(table(buildTableView(data), 80)).toContain(" 0.0865 s ");
  const text = oneLine(explainReport(data, "sha1", 80));
  expect(text).toContain("c6g: real time: the median of c6g-1 0.0865 s (9 runs, 95 % interval 0.0865 s to 0.0865 s).");
  expect(text).toContain("the speedup is 0.0865 s / 0.0432 s = 2.00.");
});

test("says of a speedup its quotient, its interval and method, and its verdict", () => {
  const text = oneLine(explainReport(report, "hashes/md5", 80));
  // ln 2 ± 2.776 (Student's t at 4 degrees of freedom) times the root of 2/3 times -ln 0.95: 1.78 to 2.25.
  expect(text).toContain(
    "c7g against c6g, real time: the speedup is 2.00 s / 1.00 s = 2.00. Its 95 % interval is 1.78 to 2.25, by Welch's t on the logs of the medians of 3 and 3 machines: each machine is one observation, no run is resampled, and the claim is on the types. It reaches at least half a tick of the clock, which is 0.000001 s, either way.",
  );
  expect(text).toMatch(
    /p is (under 0\.0001|0\.000\d)\. c7g is faster: p is at most 0\.05, and the interval excludes 1\./,
  );
});

test("every time, median and speedup in the sentences is what the records give", () => {
  const text = oneLine(explainReport(report, "md5", 80));
  const times = (machine: string): number[] =>
    [...run.records].flatMap((one) =>
      one.status === "completed" &&
      one.row === "md5" &&
      one.machine === machine &&
      one.round > 1 &&
      one.tainted.length === 0
        ? [one.real_s]
        : [],
    );
  const medianOf = (machine: string): number => {
    const sorted = times(machine).toSorted((a, b) => a - b);
    return ((sorted[Math.floor((sorted.length - 1) / 2)] ?? 0) + (sorted[Math.ceil((sorted.length - 1) / 2)] ?? 0)) / 2;
  };
  const means = ["c6g", "c7g"].map((side) => {
    const told = [
      ...((text.split(`${side}: real time: `)[1] ?? "")
        .split(`${side}: CPU`)[0]
        ?.matchAll(/(c\dg-\d) ([\d.]+) s \((\d+) runs/g) ?? []),
    ];
    expect(told).toHaveLength(3);
    for (const [, machine = "", median, count] of told) {
      expect(Number(median), machine).toBeCloseTo(medianOf(machine), 2);
      expect(Number(count), machine).toBe(times(machine).length);
    }
    return told.reduce((product, [, machine = ""]) => product * medianOf(machine) ** (1 / 3), 1);
  });
  const [, b, c, ratio] = /real time: the speedup is ([\d.]+) s \/ ([\d.]+) s = ([\d.]+)\./.exec(text) ?? [];
  expect([b, c, ratio].map(Number)).toEqual(
    [...means, (means[0] ?? 0) / (means[1] ?? 1)].map((value) => Number(value.toFixed(2))),
  );
});

test("says why a failed side has no time, and its row no speedup", () => {
  const text = oneLine(explainReport(report, "sha1", 80));
  expect(text).toContain("c7g: 9 left out, failed: it ended with an error");
  expect(text).toContain("c7g: real time: none, since no run counts.");
  expect(text).toMatch(/c7g against c6g, CPU time: no speedup: .*no machine left on a side\./);
});

test("says of the mean over how many rows it is", () => {
  const text = oneLine(explainReport(report, "geomean", 80));
  expect(text).toContain("c7g, real time: the geometric mean of 1 speedup of 2 rows is 2.00.");
  expect(text).not.toContain("hashes: md5");
});

test("says what the rows' p values and a gate allow for", async () => {
  const two = aRun({ "hashes/md5/a": { c6g: 2, c7g: 2.4 }, "hashes/sha1/a": { c6g: 1, c7g: 1 } });
  const gated = await buildReportData(two, "c6g", { limits: [{ metric: "cpu", slower_percent: 3 }] });
  const text = oneLine(explainReport(gated, undefined, 80));
  expect(text).toContain("allowing for 2 rows (Benjamini and Hochberg)");
  expect(text).toContain("the claim is on these machines alone");
  expect(text).toContain("gate: fail fail: cpu slower than 3 %: md5 +20 %");
  expect(text).toContain("2 comparisons together, each at 97.5 %");
});

describe("what is not ours", () => {
  const evil = `a\u001b[31m   b\u202e`;

  test("reaches no terminal as it is, and stays within 80 columns", async () => {
    const of = aRun(
      { "command/cmd-1/command": { [evil]: 2, b: 3 } },
      { titles: { "cmd-1": `${evil} ${"x".repeat(200)}` } },
    );
    const text = explainReport(await buildReportData(of, evil), undefined, 80);
    // oxlint-disable-next-line no-control-regex -- these are what must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(text).toContain("a?[31m b?");
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  test("a reason that a suite's check gave is said to be its own", async () => {
    const change = (record: TrialRecord): TrialRecord =>
      record.status === "completed" && record.side === "b" ? { ...record, tainted: ["constructor"] } : record;
    const of = aRun({ "hashes/md5/a": { a: 2, b: 3 } }, { change });
    const text = oneLine(explainReport(await buildReportData(of, "a"), undefined, 80));
    expect(text).toContain("b: 9 left out, constructor: the suite's check said so");
  });
});

test("a row that there is not is refused, with those that there are", () => {
  expect(thrownBy(() => explainReport(report, "sha0", 80))).toMatchObject({
    code: "USAGE",
    message: 'explain: the run has no row "sha0"',
    hint: "there is hashes/md5, hashes/sha1, geomean",
  });
});
