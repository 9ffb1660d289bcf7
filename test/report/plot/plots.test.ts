// Plots and results for other programs: read back by the rules of those who read them.

import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { benchstat } from "../../../src/report/formats/benchstat.ts";
import { terminalPlot } from "../../../src/report/plot/terminal.ts";
import { linearScale, ratioScale } from "../../../src/report/plot/scale.ts";
import { told } from "../../support/run-of-records.ts";
import { isKey, isResult } from "../../support/go-benchmarks.ts";

describe("the plot on a terminal", () => {
  test.each([
    [80, true],
    [80, false],
    [200, true],
    [50, false],
  ])("is no wider than %d columns (UTF-8: %s), and ASCII alone where that is all there is", async (width, utf8) => {
    const text = terminalPlot(await told({ title: "a title that is quite long, with 日本語" }), { width, utf8 });
    expect(Math.max(...text.split("\n").map(stringWidth))).toBeLessThanOrEqual(width);
    const drawn = text.replaceAll(/[日本語]/g, "");
    // oxlint-disable-next-line no-control-regex -- ASCII is what is asked for
    expect(/^[\u0000-\u007f]*$/.test(drawn)).toBe(!utf8);
  });

  test("has 2x far right of the wall at 1, and what shows no difference on it", async () => {
    const lines = terminalPlot(await told(), { width: 80, utf8: false }).split("\n");
    const line = (label: string): string => lines.find((one) => one.includes(`  ${label} `)) as string;
    const wall = line("md5").indexOf("|");
    expect(wall).toBeGreaterThan(0);
    expect(line("md5").indexOf("#")).toBeGreaterThan(wall + 30);
    expect(Math.abs(line("sha1").indexOf("o", 15) - wall)).toBeLessThanOrEqual(1);
    expect(lines.some((one) => /^ +1 .* 2\b/.test(one))).toBe(true);
  });

  test("draws a value as a block and an interval as far as it goes, each where the axis has that number", async () => {
    const run = await told();
    const [md5] = run.comparison.rows;
    if (md5 === undefined) throw new Error("no row");
    const speedups = {
      c7g: { ...md5.speedups["c7g"], real: { ...md5.speedups["c7g"]?.real, value: 2, lo: 1.5, hi: 3 } },
    };
    const rows = [{ ...md5, speedups: speedups as typeof md5.speedups }];
    const lines = terminalPlot({ ...run, comparison: { ...run.comparison, rows } }, { width: 80, utf8: true }).split(
      "\n",
    );
    const [axis = "", names = ""] = lines.slice(lines.findIndex((one) => one.includes("┼")));
    const ticks = Array.from(axis).flatMap((one, i) => (one === "┼" ? [i] : []));
    const at = new Map(
      names
        .trim()
        .split(/ +/)
        .map((name, i) => [Number(name), ticks[i] as number]),
    );
    const line = Array.from(lines.find((one) => one.startsWith("  md5")) as string);
    const near = (value: number, place: number): void => {
      expect(Math.abs(place - (at.get(value) as number))).toBeLessThanOrEqual(1);
    };
    near(1, line.indexOf("│"));
    near(2, line.indexOf("█"));
    const drawn = line.flatMap((one, i) => ("━╺╸█".includes(one) ? [i] : []));
    near(1.5, drawn[0] as number);
    near(3, drawn.at(-1) as number);
    expect(drawn).toHaveLength((drawn.at(-1) as number) - (drawn[0] as number) + 1);
  });

  test("tells a mean's range from an interval, and says what it is only where there is one", async () => {
    const text = terminalPlot(await told(), { width: 80, utf8: true });
    const mean = text.split("\n").find((one) => one.startsWith("  geomean")) as string;
    // md5 alone 1.99, sha1 alone 1.00: from the wall to twice.
    expect(mean).toMatch(/┄{10}/);
    expect(mean).not.toContain("━");
    expect(text).toContain("┄┄ range with one row left out");
    const run = await told();
    const bare = { ...run, comparison: { ...run.comparison, geomeans: [] } };
    expect(terminalPlot(bare, { width: 80, utf8: true })).not.toContain("range with one row left out");
  });

  test("of one side is nothing", async () => {
    const one = await told();
    const alone = { ...one, comparison: { ...one.comparison, sides: ["c6g"] } };
    expect(terminalPlot(alone, { width: 80, utf8: true })).toBe("");
  });
});

describe("a scale", () => {
  test("of ratios puts 2 and 1/2 equally far from 1, and has a tick there", () => {
    const { at, ticks } = ratioScale([0.5, 2]);
    expect(at(2) - at(1)).toBeCloseTo(at(1) - at(0.5), 1);
    expect(ticks).toContain(1);
  });

  test("says its ticks as people write them", () => {
    const many = [0.6, 0.06, 0.006].flatMap((least) => ratioScale([least, 4]).ticks);
    expect(many).toContain(0.7);
    for (const tick of many) expect(String(tick)).toMatch(/^\d+(\.\d{1,4})?$/);
  });

  test.each([[[0.99, 1.02]], [[0.1, 40]], [[1, 1]], [[1.68, 2.79]], [[1e-4, 1e4]]])(
    "holds %j, and its ticks stand apart",
    (values) => {
      const { at, ticks, holds } = ratioScale(values);
      expect(values.every(holds)).toBe(true);
      const places = ticks.map(at);
      expect(places.every((place, i) => i === 0 || place - (places[i - 1] as number) >= 12.9)).toBe(true);
    },
  );

  test.each([
    [0.11, 0.97],
    [0.2, 0.88],
    [1, 1.0001],
    [0, 1e-3],
    [3, 3700],
  ])(
    "of times from %d to %d has two ticks or more, which tell a scale, and whose labels do not touch",
    (least, most) => {
      const { ticks, at } = linearScale([least, most]);
      expect(ticks.length).toBeGreaterThan(1);
      const places = ticks.map(at);
      for (const [i, place] of places.slice(1).entries()) expect(place - (places[i] ?? 0)).toBeGreaterThan(11);
    },
  );

  test("of times holds them all, one alone too", () => {
    expect([1, 2, 3].every(linearScale([1, 2, 3]).holds)).toBe(true);
    const { at } = linearScale([5]);
    expect(at(5)).toBe(50);
  });
});

describe("Go's benchmark format", () => {
  test("every line is one of the format's own, a result for each run that counts", async () => {
    const text = [...benchstat(await told({ title: "make  -j8 'a b'" }))].join("");
    const lines = text.split("\n").filter((line) => line !== "");
    expect(lines.filter((line) => !isKey(line) && !isResult(line))).toEqual([]);
    // 2 sides, 2 rows, 2 machines, 7 rounds after warm-up.
    expect(lines.filter(isResult)).toHaveLength(2 * 2 * 2 * 7);
    expect(text).toContain(
      "side: c6g\npkg: hashes\nBenchmarkMake_-j8_'a_b'/impl=portable-c/driver=c 1 2002000000 ns/op 1001000000 cpu-ns/op\n",
    );
  });

  test("leaves out what does not count", async () => {
    const report = await told({
      change: (record) => (record.round === 3 ? { ...record, tainted: ["steal"] } : record),
    });
    const text = [...benchstat(report)].join("");
    expect(text.match(/^Benchmark/gm)).toHaveLength(2 * 2 * 2 * 6);
  });
});
