// The answer of a gate in every format that can hold it, of a run whose times are constant: percentages are quotients.

import { describe, expect, test } from "vitest";
import { recomputeGate } from "../../../src/analysis/audit/recompute-gate.ts";
import type { Gate } from "../../../src/domain/plan/gate.ts";
import { buildReportData } from "../../../src/report/build-report-data.ts";
import { renderReport } from "../../../src/report/render-report.ts";
import type { ReportData } from "../../../src/report/report-data.ts";
import { refusalOf } from "../../support/refusal.ts";
import { aRun } from "../../support/timed-run.ts";

const gate: Gate = {
  limits: [
    { metric: "cpu", slower_percent: 3 },
    { of: "hashes/md5", metric: "real", slower_percent: 30 },
    { of: "geomean", metric: "real", slower_percent: 5 },
  ],
};

// md5 takes a fifth longer, sha1 as long: the mean is sqrt 1.2 = 1.0954.
const run = aRun({ "hashes/md5/a": { c6g: 2, c7g: 2.4 }, "hashes/sha1/a": { c6g: 1, c7g: 1 } });
const gated = (given: Gate | undefined = gate): Promise<ReportData> => buildReportData(run, "c6g", given);

describe("the answer stands", () => {
  test("below the table, a line for each limit, at 80 columns", async () => {
    const text = await renderReport(await gated(), "table");
    expect(text.split("\n").slice(-7)).toEqual([
      "gate: fail",
      "  fail: cpu slower than 3 %: md5 +20 % (+20 % to +20 %, allowing for 4",
      "  comparisons)",
      "  pass: hashes/md5 real slower than 30 %: md5 +20 % (+20 % to +20 %)",
      "  fail: geomean real slower than 5 %: +9.5 % (+9.5 % to +9.5 %, allowing for 4",
      "  comparisons)",
      "",
    ]);
  });

  test("on top of the Markdown, a line for each limit", async () => {
    const lines = (await renderReport(await gated({ ...gate, undecided: "fail" }), "markdown")).split("\n");
    expect(lines.slice(0, 6)).toEqual([
      "**gate: fail**",
      "",
      "- **fail**: cpu slower than 3 %: md5 +20 % (+20 % to +20 %, allowing for 4 comparisons)",
      "- **pass**: hashes/md5 real slower than 30 %: md5 +20 % (+20 % to +20 %)",
      "- **fail**: geomean real slower than 5 %: +9.5 % (+9.5 % to +9.5 %, allowing for 4 comparisons)",
      "",
    ]);
    expect(lines[6]).toMatch(/^c6g -&gt; c7g/);
  });

  test("on top of the page", async () => {
    const text = await renderReport(await gated(), "html");
    expect(text).toContain('<p class="gate">gate: <b class="fail">fail</b></p>');
    expect(text).toContain('<li><b class="pass">pass</b>: hashes/md5 real slower than 30 %: md5');
    expect(text.indexOf('id="gate"')).toBeLessThan(text.indexOf('<table class="main">'));
  });

  test("in CSV by row and metric, empty where no limit is on it", async () => {
    const [head = "", ...lines] = (await renderReport(await gated(), "csv")).trim().split("\r\n");
    const at = (name: string): number => head.split(",").indexOf(name);
    const cells = lines.map((line) => [line.split(",")[at("real_gate")], line.split(",")[at("cpu_gate")]]);
    expect(cells).toEqual([
      ["pass", "fail"],
      ["", "pass"],
    ]);
    expect(await renderReport(await buildReportData(run, "c6g"), "csv")).not.toContain("_gate");
  });

  test("in JSON with every number", async () => {
    const { gate: found } = JSON.parse(await renderReport(await gated(), "json"));
    expect(found).toMatchObject({ answer: "fail", comparisons: 4 });
    expect(found.limits[2]).toMatchObject({ of: "geomean", answer: "fail", items: [{ row: null, contender: "c7g" }] });
    expect(found.limits[2].items[0].percent).toBeCloseTo(100 * (Math.sqrt(1.2) - 1), 9);
  });
});

test("names that Markdown or a page would take for markup are escaped", async () => {
  const evil = "<b>|*x*@me";
  const of = aRun({ "command/cmd-1/command": { [evil]: 2, b: 3 } }, { titles: { "cmd-1": evil } });
  const report = await buildReportData(of, evil, { limits: [{ of: evil, metric: "cpu", slower_percent: 3 }] });
  expect((await renderReport(report, "markdown")).split("\n")[2]).toBe(
    "- **fail**: &lt;b&gt;\\|\\*x\\*@<!-- -->me cpu slower than 3 %: &lt;b&gt;\\|\\*x\\*@<!-- -->me +50 % (+50 % to +50 %)",
  );
  const page = await renderReport(report, "html");
  expect(page).toContain("</b>: &lt;b&gt;|*x*@me cpu slower than 3 %");
  expect(page).not.toContain("<b>|");
});

test("of many comparisons the slowest is named where all pass, and three where they do not", async () => {
  const names = ["a", "b", "c", "d", "e"];
  const rows = Object.fromEntries(names.map((name, i) => [`hashes/${name}/x`, { c6g: 1, c7g: 1 + i / 10 }]));
  const of = async (slower_percent: number): Promise<string> => {
    const limits = [{ metric: "cpu" as const, slower_percent }];
    const text = await renderReport(await buildReportData(aRun(rows), "c6g", { limits }), "table", { width: 200 });
    return text.trimEnd().split("\n").at(-1) ?? "";
  };
  expect(await of(50)).toBe("  pass: cpu slower than 50 %: 5 comparisons, slowest e +40 % (+40 % to +40 %)");
  expect(await of(5)).toMatch(/^ {2}fail: cpu slower than 5 %: e \+40 %.*, d \+30 %.*, c \+20 %.*\), 1 more$/);
});

test("a contender is named where there are several", async () => {
  const of = aRun({ "hashes/md5/a": { c6g: 2, c7g: 2.4, c8g: 1 } });
  const text = await renderReport(await buildReportData(of, "c6g", { limits: gate.limits.slice(0, 1) }), "table");
  expect(text).toContain("fail: cpu slower than 3 %: md5 on c7g +20 %");
});

test("a run is judged by the gate that it was begun with, unless another is asked for", async () => {
  const spec = { ...run.plan.spec, gate: { limits: [{ metric: "cpu" as const, slower_percent: 30 }] } };
  const stored = { ...run, plan: { ...run.plan, spec } };
  expect((await buildReportData(stored, "c6g")).gate?.answer).toBe("pass");
  expect((await buildReportData(stored, "c6g", gate)).gate?.answer).toBe("fail");
});

test("a limit on a row that there is not is refused where it is asked for", async () => {
  const limits = [{ of: "sha0", metric: "cpu" as const, slower_percent: 3 }];
  expect(await refusalOf(() => gated({ limits }))).toMatchObject({
    code: "USAGE",
    hint: "there is hashes/md5, hashes/sha1, geomean",
  });
});

describe("the second judgement", () => {
  test("finds nothing in a gate as it was judged", async () => {
    const report = await gated();
    expect(report.gate && recomputeGate(report.comparison, report.gate)).toEqual([]);
  });

  test.each<[string, (gate: any) => void, RegExp]>([
    ["the answer", (found) => (found.answer = "pass"), /^answer: expected fail, found pass$/],
    ["a limit's answer", (found) => (found.limits[1].answer = "fail"), /^limit 2: answer: expected pass, found fail$/],
    [
      "a limit",
      (found) => (found.limits[1].slower_percent = 10),
      /^limit 2: md5 of c7g: answer: expected fail, found pass$/,
    ],
    [
      "a figure",
      (found) => (found.limits[0].items[0].percent = 2),
      /^limit 1: md5 of c7g: percent: expected (?:20|19\.9)/,
    ],
    ["an end", (found) => (found.limits[2].items[0].hi = 4), /^limit 3: geomean of c7g: hi: expected 9\.5/],
    ["an adjusted end", (found) => (found.limits[0].items[0].lo_adjusted = 25), /narrower than the plain one$/],
  ])("names %s that was changed", async (_, change, expected) => {
    const report = await gated();
    const found = structuredClone(report.gate);
    if (found === undefined) throw new Error("no gate");
    change(found);
    expect(recomputeGate(report.comparison, found)).toContainEqual(expect.stringMatching(expected));
  });
});
