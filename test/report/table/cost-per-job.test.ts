import { describe, expect, test } from "vitest";
import { costPerJob } from "../../../src/analysis/notes/cost-per-job.ts";
import type { CellResult } from "../../../src/analysis/comparison/comparison.ts";
import { parsePrices } from "../../../src/domain/cost/price.ts";
import { parseSides } from "../../../src/domain/plan/side.ts";
import { csv } from "../../../src/report/formats/csv.ts";
import { markdownBlock } from "../../../src/report/formats/markdown.ts";
import type { CostBlock } from "../../../src/report/report-data.ts";
import { costBlocks, costBlocksText, costFooter, costGrid } from "../../../src/report/table/cost-per-job.ts";
import { told } from "../../support/run-of-records.ts";

const machine = (median_s: number, lo_s: number | null = null, hi_s: number | null = null) => ({
  machine: `m${median_s}`,
  median_s,
  lo_s,
  hi_s,
  kept: 9,
});
const cell = (time_s: number, machines: CellResult["machines"]): CellResult => ({
  time_s,
  kept: 9,
  of: 9,
  status: "ok",
  reasons: {},
  machines,
});

describe("the price of a job", () => {
  test("is its time at the hour's price, with the interval of the machine's median", async () => {
    const job = await costPerJob(cell(3600, [machine(3600, 1800, 7200)]), 2, false);
    expect(job?.usd).toBeCloseTo(2, 12);
    expect([job?.lo, job?.hi]).toEqual([expect.closeTo(1, 12), expect.closeTo(4, 12)]);
  });

  test("of machines on hosts of their own has Student's interval of their logs", async () => {
    // Logs 0 and 0.2: mean 0.1, standard error 0.1; t(1) at 97.5 % is 12.7062.
    const job = await costPerJob(cell(Math.exp(0.1), [machine(1), machine(Math.exp(0.2))]), 3600, false);
    expect(job?.hi).toBeCloseTo(Math.exp(0.1 + 1.27062), 4);
    expect(job?.lo).toBeCloseTo(Math.exp(0.1 - 1.27062), 4);
  });

  test("has no interval where a machine has none, and is none where there is no time", async () => {
    expect(await costPerJob(cell(1, [machine(1)]), 1, false)).toMatchObject({ lo: null, hi: null });
    expect(await costPerJob({ ...cell(1, []), time_s: null }, 1, false)).toBeNull();
  });
});

describe("prices", () => {
  const sides = parseSides(["old=c7g.large", "c8g.large"]);

  test("are given to sides by their type or their name, spot apart", () => {
    expect(parsePrices(["c7g.large=0.07", "c8g.large=0.08", "c8g.large:spot=0.03"], sides)).toEqual([
      { side: "old", market: "on-demand", usd_per_hour: 0.07, source: "--price" },
      { side: "c8g.large", market: "on-demand", usd_per_hour: 0.08, source: "--price" },
      { side: "c8g.large", market: "spot", usd_per_hour: 0.03, source: "--price" },
    ]);
  });

  test.each(["c7g.large", "c7g.large=", "c7g.large=-1", "c7g.large=0", "c7g.large=1e3", "c7g.large=$1", "m7g.large=1"])(
    "written as %j are refused",
    (text) => {
      expect(() => parsePrices([text], sides)).toThrow(/^--price: /);
    },
  );

  test("given twice are refused", () => {
    expect(() => parsePrices(["old=1", "c7g.large=2"], sides)).toThrow('"old" has two on-demand prices');
  });
});

test("spot stands in a block of its own, with the interval of the time", async () => {
  const run = await told();
  const price = { side: "c6g", usd_per_hour: 36, source: "--price", date: "2026-11-24" } as const;
  const blocks = await costBlocks(run, [
    { ...price, market: "on-demand" },
    { ...price, market: "spot", usd_per_hour: 18 },
  ]);
  const text = costBlocksText(run, blocks, 100);
  expect(text.match(/^\$ a job, (on-demand|spot)/gm)).toEqual(["$ a job, on-demand", "$ a job, spot"]);
  // Two machines' medians, 2.005 s and 2.006 s: a standard error of 0.025 %, 12.7 times that is 0.32 %.
  expect(text).toMatch(/^ {2}md5 +0\.0201 ±0\.3 %$/m);
  expect(text).toMatch(/^ {2}md5 +0\.0100 ±0\.3 %$/m);
  expect(text).toContain("spot, an hour: c6g $18 (as given by --price on 2026-11-24)");
});

describe("in other formats a price", () => {
  const prices = [
    { side: "c6g", market: "on-demand", usd_per_hour: 3.6, source: "--price", date: "2026-11-24" },
    { side: "c7g", market: "on-demand", usd_per_hour: 7.2, source: "a | list" },
  ] as const;

  test("is a table of its own in Markdown, whose cells no name ends", async () => {
    const run = await told({ title: "a | b" });
    const [block] = await costBlocks(run, prices);
    const lines = markdownBlock(costGrid(run, block as CostBlock), costFooter(block as CostBlock)).split("\n");
    expect(lines.slice(0, 3)).toEqual([
      "",
      "| $ a thousand jobs, on-demand | c6g | c7g | jobs for the same money |",
      "| :-- | :-- | :-- | :-- |",
    ]);
    // 2.006 s at 0.1 cents a second, 1.006 s at 0.2: as many jobs for the same money.
    expect(lines[3]).toMatch(/^\| a \\\| b \| 2\.01 .* \| 2\.01 .* \| .*0\.997x?.* \|$/);
    expect(lines.at(-2)).toContain("c6g $3.6, c7g $7.2 (as given by --price on 2026-11-24 and a \\| list)");
  });

  test("is in columns of CSV that name market and unit, and there are none where nobody asked", async () => {
    const run = await told();
    const [head = "", md5 = ""] = csv({ ...run, priced: await costBlocks(run, prices) }).split("\r\n");
    const names = head.split(",");
    const cells = md5.split(",");
    const of = (name: string): string | undefined => cells[names.indexOf(name)];
    expect(of("contender_on_demand_usd_per_hour")).toBe("7.2");
    expect(of("baseline_on_demand_price_source")).toBe("as given by --price on 2026-11-24");
    expect(Number(of("baseline_on_demand_usd_per_job"))).toBeCloseTo(0.0020055, 7);
    expect(Number(of("on_demand_jobs_for_the_same_money_ratio"))).toBeCloseTo(0.997, 3);
    expect(csv(run)).not.toContain("usd");
  });
});

test("the block says what a job costs on both sides, what the same money buys, and who says so", async () => {
  const run = await told();
  const prices = [
    { side: "c6g", market: "on-demand", usd_per_hour: 3.6, source: "--price" },
    { side: "c7g", market: "on-demand", usd_per_hour: 3.6, source: "--price" },
  ] as const;
  const text = costBlocksText(run, await costBlocks(run, prices), 100);
  // md5 takes 2.006 s and 1.006 s, at $3.6 an hour: 0.1 cents a second.
  expect(text).toContain("$ a thousand jobs, on-demand");
  expect(text).toMatch(/^ {2}md5 +2\.01 .* 1\.01 .* 1\.99x /m);
  expect(text).toMatch(/^ {2}sha1 +1\.01 .* 1\.01 .* 1\.00x /m);
  expect(text).toContain("c6g $3.6, c7g $3.6 (as given by --price)");
});
