import { describe, expect, test } from "vitest";
import { jobPrice } from "../../src/analysis/job-price.ts";
import type { Cell } from "../../src/analysis/comparison.ts";
import { pricesOf } from "../../src/domain/price.ts";
import { parseSides } from "../../src/domain/side.ts";
import { priced, pricedText } from "../../src/report/priced.ts";
import { told } from "./a-run.ts";

const machine = (median_s: number, lo_s: number | null = null, hi_s: number | null = null) => ({
  machine: `m${median_s}`,
  median_s,
  lo_s,
  hi_s,
  kept: 9,
});
const cell = (time_s: number, machines: Cell["machines"]): Cell => ({
  time_s,
  kept: 9,
  of: 9,
  status: "ok",
  reasons: {},
  machines,
});

describe("the price of a job", () => {
  test("is its time at the hour's price, with the interval of the machine's median", async () => {
    const job = await jobPrice(cell(3600, [machine(3600, 1800, 7200)]), 2, false);
    expect(job?.usd).toBeCloseTo(2, 12);
    expect([job?.lo, job?.hi]).toEqual([expect.closeTo(1, 12), expect.closeTo(4, 12)]);
  });

  test("of machines on hosts of their own has Student's interval of their logs", async () => {
    // Logs 0 and 0.2: mean 0.1, standard error 0.1; t(1) at 97.5 % is 12.7062.
    const job = await jobPrice(cell(Math.exp(0.1), [machine(1), machine(Math.exp(0.2))]), 3600, false);
    expect(job?.hi).toBeCloseTo(Math.exp(0.1 + 1.27062), 4);
    expect(job?.lo).toBeCloseTo(Math.exp(0.1 - 1.27062), 4);
  });

  test("has no interval where a machine has none, and is none where there is no time", async () => {
    expect(await jobPrice(cell(1, [machine(1)]), 1, false)).toMatchObject({ lo: null, hi: null });
    expect(await jobPrice({ ...cell(1, []), time_s: null }, 1, false)).toBeNull();
  });
});

describe("prices", () => {
  const sides = parseSides(["old=c7g.large", "c8g.large"]);

  test("are given to sides by their type or their name, spot apart", () => {
    expect(pricesOf(["c7g.large=0.07", "c8g.large=0.08", "c8g.large:spot=0.03"], sides)).toEqual([
      { side: "old", market: "on-demand", usd_per_hour: 0.07, source: "--price" },
      { side: "c8g.large", market: "on-demand", usd_per_hour: 0.08, source: "--price" },
      { side: "c8g.large", market: "spot", usd_per_hour: 0.03, source: "--price" },
    ]);
  });

  test.each(["c7g.large", "c7g.large=", "c7g.large=-1", "c7g.large=0", "c7g.large=1e3", "c7g.large=$1", "m7g.large=1"])(
    "written as %j are refused",
    (text) => {
      expect(() => pricesOf([text], sides)).toThrow(/^--price: /);
    },
  );

  test("given twice are refused", () => {
    expect(() => pricesOf(["old=1", "c7g.large=2"], sides)).toThrow('"old" has two on-demand prices');
  });
});

test("the block says what a job costs on both sides, what the same money buys, and who says so", async () => {
  const run = await told();
  const prices = [
    { side: "c6g", market: "on-demand", usd_per_hour: 3.6, source: "--price" },
    { side: "c7g", market: "on-demand", usd_per_hour: 3.6, source: "--price" },
  ] as const;
  const text = pricedText(run, await priced(run, prices), 100);
  // md5 takes 2.006 s and 1.006 s, at $3.6 an hour: 0.1 cents a second.
  expect(text).toContain("$ a thousand jobs, on-demand");
  expect(text).toMatch(/^ {2}md5 +2\.01 .* 1\.01 .* 1\.99x /m);
  expect(text).toMatch(/^ {2}sha1 +1\.01 .* 1\.01 .* 1\.00x /m);
  expect(text).toContain("c6g $3.6, c7g $3.6 (as given by --price)");
});
