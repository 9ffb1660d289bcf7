// The table of four sides and more: the ranking, then the matrix.

import { describe, expect, test } from "vitest";
import { buildReportData } from "../../../src/report/build-report-data.ts";
import { svg } from "../../../src/report/formats/svg.ts";
import { renderReport } from "../../../src/report/render-report.ts";
import { withRanking } from "../../../src/report/ranking/with-ranking.ts";
import type { ReportData } from "../../../src/report/report-data.ts";
import { costBlocks } from "../../../src/report/table/cost-per-job.ts";
import { aRun, type RunGiven } from "../../support/timed-run.ts";
import { parseGate } from "../../../src/cli/options/gate-option.ts";
import type { TrialRecord } from "../../../src/domain/run/trial-record.ts";

const computing = (record: TrialRecord): TrialRecord =>
  record.status === "completed" ? { ...record, user_s: record.real_s } : record;

/** Five types of three machines, which differ by 0.1 %; two are equally fast. */
const times = { "c6g.large": 4, "c7g.large": 2, "c8g.large": 1, "c6i.large": 2, "c7i.8xlarge": 8 };
const machinesOf = (share: number): Record<string, number[]> =>
  Object.fromEntries(
    Object.entries(times).map(([side, time_s]) => [side, [0.999, 1, 1.001].map((one) => one * time_s * share)]),
  );

async function report(given: RunGiven = {}, sides: Record<string, number[]> = machinesOf(1)): Promise<ReportData> {
  const run = aRun({ "hashes/md5/a": sides, "hashes/sha1/a": sides }, { change: computing, ...given });
  return await buildReportData(run, run.plan.spec.baseline);
}

const tableOf = async (data: ReportData, width = 80, wide = false): Promise<string> =>
  await renderReport(data, "table", { width, wide });

const squeezed = (text: string): string[] => text.split("\n").map((line) => line.replace(/ +/g, " ").trim());

describe("a table of five sides", () => {
  test("begins with the ranking: the best first, with letters for those that are alike", async () => {
    const text = await tableOf(await report());
    expect(text.split("\n")[0]).toBe("5 sides, over c6g.large · Debian 12 x86_64 · 3 machines a side · 9 kept runs");
    // Student's t with 4 degrees of freedom, 2.776, times 0.001 times the root of 2/3.
    expect(squeezed(text).slice(3, 10)).toEqual([
      "ranking by real time (geomean of 2 of 2 rows)",
      "side speedup (95 %) less a row groups",
      "1 c8g.large 4.00x ±0.2 % [4.00…4.00] a",
      "2 c7g.large 2.00x ±0.2 % [2.00…2.00] b",
      "3 c6i.large 2.00x ±0.2 % [2.00…2.00] b",
      "4 c6g.large baseline c",
      "5 c7i.8xlarge 0.500x ±0.2 % [0.500…0.500] d",
    ]);
  });

  test("has a matrix in place of a block for each side, the family above the size", async () => {
    const text = await tableOf(await report());
    const lines = squeezed(text);
    const from = lines.indexOf("speedup over c6g.large, real time");
    expect(lines.slice(from + 1, from + 7)).toEqual([
      "c8g c7g c6i c7i",
      "large large large 8xlarge",
      "hashes (1 of 2 vCPUs busy)",
      "md5 4.00 2.00 2.00 0.500",
      "sha1 4.00 2.00 2.00 0.500",
      "geomean (2 of 2) 4.00 2.00 2.00 0.500",
    ]);
    expect(text).not.toContain("4.00 s");
  });

  test("has the times below the ranking with --wide, and no matrix", async () => {
    const text = await tableOf(await report(), 80, true);
    expect(text).toContain("ranking by real time");
    expect(text).toContain("c8g.large (95 %)");
    expect(text).toContain("4.00 s");
    expect(text).not.toContain("speedup over c6g.large, real time");
  });

  test("ends with the answer of a gate", async () => {
    const run = aRun({ "hashes/md5/a": machinesOf(1) }, { change: computing });
    const data = await buildReportData(run, "c6g.large", parseGate({ failIf: ["real slower than 3%"] }));
    const lines = (await tableOf(data)).trimEnd().split("\n");
    expect(lines.some((line) => line.startsWith("ranking by real time"))).toBe(true);
    expect(lines.filter((line) => line.startsWith("gate: "))).toEqual(["gate: fail"]);
    expect(lines.findIndex((line) => line.startsWith("gate: "))).toBeGreaterThan(
      lines.findIndex((line) => line.includes("runs left out")),
    );
  });

  test("marks in the matrix what is not told from the baseline, and says why a cell has no number", async () => {
    const like = { ...machinesOf(1), "c7g.large": [3.99, 4.01, 4] };
    const run = aRun(
      { "hashes/md5/a": like, "hashes/sha1/a": { ...like, "c6i.large": "exit 1" } },
      { change: computing },
    );
    const lines = squeezed(await tableOf(await buildReportData(run, "c6g.large")));
    expect(lines).toContain("md5 4.00 2.00 ~1.00 0.500");
    expect(lines).toContain("sha1 4.00 fail ~1.00 0.500");
    expect(lines).toContain("~ no difference shown");
  });

  test("says once that all claims are on these machines, not for every side and row", async () => {
    const one = Object.fromEntries(Object.entries(times).map(([side, time_s]) => [side, [time_s]]));
    const text = await tableOf(await report({}, one));
    expect(text.match(/these machines/g)).toHaveLength(2);
    expect(text).toContain("all sides against c6g.large: holds for these machines only");
    expect(text).not.toContain("holds for the types only if");
  });
});

describe("with prices", () => {
  const priced = async (by: "real" | "cpu" | "cost"): Promise<ReportData> => {
    const data = await report();
    const usd: Record<string, number> = { "c6g.large": 0.9, "c7g.large": 1.8, "c8g.large": 7.2, "c6i.large": 3.6 };
    const prices = Object.entries(usd).map(([side, usd_per_hour]) => {
      return { side, usd_per_hour, market: "on-demand" as const, source: "--price" };
    });
    return await withRanking({ ...data, priced: await costBlocks(data, prices) }, by);
  };

  test("the ranking has dollars a job, and marks those that no other beats in time and money", async () => {
    const lines = squeezed(await tableOf(await priced("real"), 100));
    const from = lines.indexOf("ranking by real time (geomean of 2 of 2 rows)");
    // Student's t with 2 degrees of freedom, 4.303, times 0.001 over the root of 3.
    expect(lines.slice(from + 1, from + 7)).toEqual([
      "side speedup (95 %) less a row groups $ a thousand jobs",
      "1 c8g.large 4.00x ±0.2 % [4.00…4.00] a 2.00 ±0.2 % *",
      "2 c7g.large 2.00x ±0.2 % [2.00…2.00] b 1.00 ±0.2 % *",
      "3 c6i.large 2.00x ±0.2 % [2.00…2.00] b 2.00 ±0.2 %",
      "4 c6g.large baseline c 1.00 ±0.2 %",
      "5 c7i.8xlarge 0.500x ±0.2 % [0.500…0.500] d -",
    ]);
  });

  test.each(["real", "cpu"] as const)(
    "time against money is drawn, by %s too: nothing is left of and below the frontier, which goes through the unbeaten",
    async (by) => {
      const picture = svg(await priced(by));
      const dots = [
        ...picture.matchAll(/<g class="(\w+)"><title>(\S+): .*?<circle class="dot" cx="([\d.]+)" cy="([\d.]+)"/g),
      ].map(([, kind, side, x, y]) => ({ kind, side, x: Number(x), y: Number(y) }));
      // c7i.8xlarge has no price.
      expect(dots.map(({ side, kind }) => `${side} ${kind}`).toSorted()).toEqual([
        "c6g.large beaten",
        "c6i.large beaten",
        "c7g.large unbeaten",
        "c8g.large unbeaten",
      ]);
      const [cheap, fast] = ["c7g.large", "c8g.large"].map((side) => dots.find((dot) => dot.side === side));
      // Time goes up, money to the right.
      expect(cheap?.x).toBeLessThan(fast?.x ?? 0);
      expect(cheap?.y).toBeLessThan(fast?.y ?? 0);
      expect(picture).toContain(`V${cheap?.y}H${fast?.x}V${fast?.y}H`);
      expect(picture).toMatch(new RegExp(`class="frontier" d="M${cheap?.x} `));
      for (const { kind, x, y } of dots.filter((dot) => dot.kind === "beaten")) {
        const below = x >= (fast?.x ?? 0) ? fast : cheap;
        expect({ kind, isAbove: y <= (below?.y ?? 0) && x >= (cheap?.x ?? 0) }).toEqual({ kind, isAbove: true });
      }
      expect(picture).toContain("<title>c7g.large: 2.00 s, $ 1.00 ±0.2 % a thousand jobs</title>");
    },
  );

  test("the page draws it between ranking and matrix; without prices neither page nor picture has it", async () => {
    const page = await renderReport(await priced("real"), "html", { width: 80 });
    const at = (id: string): number => page.indexOf(`<section id="${id}">`);
    expect([at("ranking"), at("time-and-money"), at("matrix")].toSorted((a, b) => a - b)).toEqual([
      at("ranking"),
      at("time-and-money"),
      at("matrix"),
    ]);
    expect(at("ranking")).toBeGreaterThan(0);
    const unpriced = await report();
    expect(await renderReport(unpriced, "html", { width: 80 })).not.toContain("time-and-money");
    expect(svg(unpriced)).not.toContain('frontier" d');
  });

  test("thirty sides, whose dots are near each other, have names that cover none of the others", async () => {
    const many = Object.fromEntries(
      Array.from({ length: 30 }, (_, i) => [`c${i}g.large`, [1 + i / 100, 1.001 + i / 100]]),
    );
    const run = aRun({ "hashes/md5/a": many }, { change: computing });
    const data = await buildReportData(run, "c0g.large");
    const prices = Object.keys(many).map((side, i) => {
      return { side, usd_per_hour: 1 + ((i * 7) % 30) / 20, market: "on-demand" as const, source: "--price" };
    });
    const picture = svg(await withRanking({ ...data, priced: await costBlocks(data, prices) }, "real"));
    const boxes = [
      ...picture.matchAll(/<text class="name( best)?" x="([\d.]+)" y="([\d.]+)" text-anchor="(\w+)">(.*?)</g),
    ].map(([, , x, y, anchor, name = ""]) => {
      const wide = name.length * 6;
      const from = Number(x) - { start: 0, end: wide, middle: wide / 2 }[anchor as "start" | "end" | "middle"];
      return { name, from, to: from + wide, y: Number(y) };
    });
    expect(boxes.length).toBeGreaterThan(10);
    const covered = boxes.flatMap((a, i) =>
      boxes.slice(i + 1).filter((b) => Math.abs(a.y - b.y) < 11 && a.from < b.to && b.from < a.to),
    );
    expect(covered).toEqual([]);
  });

  test("--rank cost puts the cheapest first, and names a side without a price", async () => {
    const text = await tableOf(await priced("cost"));
    expect(text).toContain("ranking by the cost of a job");
    expect(text).toContain("not ranked, since no price is known: c7i.8xlarge");
  });

  test("--rank cost without any price ranks by real time, and says what is missing", async () => {
    const text = await tableOf(await withRanking(await report(), "cost"));
    expect(text).toContain("ranking by real time");
    expect(text).toContain("not ranked by cost: no price is known (--price TYPE=USD)");
  });
});

test("fifty sides of long names stay within 80 columns, every side with each of its cells", async () => {
  const names = Array.from({ length: 50 }, (_, i) => `a-label-of-my-own-${i + 1}`);
  const sides = Object.fromEntries(names.map((name, i) => [name, [1 + i / 100, 1.001 + i / 100]]));
  const run = aRun({ "hashes/md5/a": sides }, { change: computing, runs: 2 });
  const text = await tableOf(await buildReportData(run, names[0] ?? ""));
  expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
  const matrix = text.slice(text.indexOf("speedup over"));
  for (const name of names.slice(1)) expect(matrix).toMatch(new RegExp(`(^| )${name}( |$)`, "m"));
  const cells = matrix
    .split("\n")
    .flatMap((line) => (line.startsWith("  md5") ? line.trim().split(/ +/).slice(1) : []));
  expect(cells).toHaveLength(49);
});

test("three sides have no ranking", async () => {
  const { "c7i.8xlarge": _seven, "c6i.large": _six, ...three } = machinesOf(1);
  const data = await report({}, three);
  expect(data.ranking).toBe(undefined);
  expect(await tableOf(data)).not.toContain("ranking");
});

describe("in other formats", () => {
  test("Markdown has the ranking and the matrix as tables", async () => {
    const text = await renderReport(await report(), "markdown", {});
    expect(text).toContain("| 1 | c8g.large | 4.00x ±0.2 % | \\[4.00…4.00\\] | a |");
    expect(text).toContain("|  | c8g.large | c7g.large | c6i.large | c7i.8xlarge |");
    expect(text).toContain("| md5 | 4.00 | 2.00 | 2.00 | 0.500 |");
  });

  test("CSV has each contender's rank and groups in its lines", async () => {
    const [head = "", ...lines] = (await renderReport(await report(), "csv", {})).trimEnd().split("\r\n");
    const at = (name: string): number => head.split(",").indexOf(name);
    const cells = lines.map((line) => line.split(","));
    const found = cells.map((line) =>
      ["contender", "ranked_by", "contender_rank", "contender_groups"].map((one) => line[at(one)]),
    );
    expect(found.slice(0, 4)).toEqual([
      ["c7g.large", "real", "2", "b"],
      ["c8g.large", "real", "1", "a"],
      ["c6i.large", "real", "3", "b"],
      ["c7i.8xlarge", "real", "5", "d"],
    ]);
  });

  test("JSON has the ranking with every digit", async () => {
    const { ranking } = JSON.parse(await renderReport(await report(), "json", {}));
    expect(ranking).toMatchObject({ by: "real", rows: 2, of: 2, pairs: 10, scope: "type", unranked: [] });
    expect(ranking.sides[0]).toMatchObject({ rank: 1, side: "c8g.large", groups: ["a"], job: null, unbeaten: null });
    expect(ranking.sides[0].speedup.value).toBeCloseTo(4, 9);
  });

  test("the page has the ranking and the matrix; a colour stands only where a difference is shown", async () => {
    const like = { ...machinesOf(1), "c7g.large": [3.99, 4.01, 4] };
    const run = aRun({ "hashes/md5/a": like }, { change: computing });
    const page = await renderReport(await buildReportData(run, "c6g.large"), "html", {});
    expect(page).toContain("<h1>5 sides, over c6g.large</h1>");
    expect(page).toContain("ranking by real time");
    expect(page).toContain('<td class="heat3">4.00</td>');
    expect(page).toContain('<td class="heat-3">0.500</td>');
    expect(page).toContain('<td class="heat0">~1.00</td>');
  });
});
