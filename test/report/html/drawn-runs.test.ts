import { expect, test } from "vitest";
import { renderReport } from "../../../src/report/render-report.ts";
import { told } from "../../support/run-of-records.ts";
import type { ReportData } from "../../../src/report/report-data.ts";

test("of very many runs some of each machine are drawn, and the page says how many", async () => {
  const report = await told();
  const all = report.runs.reduce((sum, runs) => sum + runs.length, 0);
  const many: ReportData = {
    ...report,
    runs: report.runs.map((runs) => ({
      [Symbol.iterator]: () => runs[Symbol.iterator](),
      length: (runs.length * 60_000) / all,
      hasReadings: runs.hasReadings,
      of: (...which) => runs.of(...which),
      columns: (...which) => runs.columns(...which),
      leftOut: runs.leftOut,
      machines: (side) => runs.machines(side),
      counted: (side, machine) => runs.counted(side, machine),
      readings: (side, machine) => runs.readings(side, machine),
      range: (side, metric) => runs.range(side, metric),
    })),
  };
  const elements = (html: string): number => html.match(/<circle class="run/g)?.length ?? 0;
  const marks = (html: string): number => html.match(/(?<=<path class="runs" d="[^"]*)M/g)?.length ?? 0;
  const [page, ofAll] = [await renderReport(many, "html"), await renderReport(report, "html")];
  expect(page).toContain("Of 6 runs of a machine one is drawn.");
  expect(ofAll).not.toContain("one is drawn");
  expect(marks(page)).toBeGreaterThan(0);
  expect(elements(page) + marks(page)).toBeLessThanOrEqual(elements(ofAll) / 2);
});
