// The factors of the speedups in every format that shows them.

import { expect, test } from "vitest";
import type { TrialRecord } from "../../../src/domain/run/trial-record.ts";
import { buildReportData } from "../../../src/report/build-report-data.ts";
import { renderReport } from "../../../src/report/render-report.ts";
import type { ReportData } from "../../../src/report/report-data.ts";
import { factorText, withFactors } from "../../../src/report/why/why-block.ts";
import { segmentsOf } from "../../../src/report/why/why-section.ts";
import { aRun, longName, reading } from "../../support/timed-run.ts";

const times = { c6g: 2, c7g: 1 };
const rows = {
  "hashes/sha512/openssl-evp": times,
  "hashes/sha512/portable-c": times,
  "hashes/md5/openssl-evp": { c6g: 2, c7g: "exit" },
};

async function told(counted: boolean, arch: (side: string) => string = () => "aarch64"): Promise<ReportData> {
  const facts = (side: string) => ({ arch: arch(side), ...(counted ? {} : { no_counters: "no PMU" }) });
  const run = aRun(rows, { change: reading(counted), facts });
  return await withFactors(await buildReportData(run, "c6g"));
}

const below = (table: string): string => table.slice(table.indexOf("why, cpu"));

test("below the table each row has a line, in 80 columns, and the reason for what is not known", async () => {
  const text = await renderReport(await told(false), "table");
  expect(below(text)).toBe(
    [
      "why, cpu              speedup    clock          rest",
      "hashes",
      "  sha512 openssl-evp  2.00x    = 1.20 ±0.0 %  × 1.67 ±0.0 %",
      "  sha512 portable-c   2.00x    = 1.20 ±0.0 %  × 1.67 ±0.0 %",
      "  md5                 -",
      "factors of the speedup in CPU time, with 95 % intervals: their product is the",
      "  speedup, above 1 is faster",
      "no counts of instructions on c6g, c7g: no PMU",
      "",
    ].join("\n"),
  );
});

test("with counters there are three factors, still in 80 columns", async () => {
  const text = below(await renderReport(await told(true), "table"));
  expect(text).toMatch(/openssl-evp +2\.00x +=\s1\.20 ±0\.0 % +× 0\.833 ±0\.0 % +× 2\.00 ±0\.0 %\n/);
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});

/** Factors whose intervals are not symmetric, so that their texts are long, of `contenders` against c6g. */
async function spreading(row: string, contenders: readonly string[]): Promise<ReportData> {
  const spread = (record: TrialRecord): TrialRecord => {
    const read = reading(true)(record);
    if (read.status !== "completed") return read;
    const more = 1 + 0.004 * (record.round % 3) ** 3;
    const [cycles, instructions] = [(read.cycles ?? 0) * more, (read.instructions ?? 0) * more ** 2];
    return { ...read, cycles: Math.round(cycles), instructions: Math.round(instructions) };
  };
  const all = Object.fromEntries([["c6g", 0.996], ...contenders.map((name) => [name, 1] as const)]);
  const run = aRun({ [row]: all }, { change: spread, facts: () => ({ arch: "aarch64" }) });
  return await withFactors(await buildReportData(run, "c6g"));
}

test.each([
  ["one row", `command/${longName}/command`, ["c7g"]],
  ["one of two contenders", "hashes/sha256/openssl-evp", ["c7g", longName]],
])("three factors with long intervals stay in 80 columns where the label of %s is long", async (_, row, sides) => {
  const data = await spreading(row, sides);
  const text = (await renderReport(data, "table")).replace(/^[^]*?(?=^why)/m, "");
  for (const line of text.split("\n")) expect([line, line.length <= 80]).toEqual([line, true]);
  const factors = Object.values(data.why?.[0] ?? {}).map((found) => found.factors.map(factorText));
  expect(factors.flat().filter((one) => one.includes("("))).toHaveLength(3 * sides.length);
  for (const [clock, instructions, work] of factors)
    expect(text).toContain(`= ${clock}  × ${instructions}  × ${work}\n`);
  expect(text).toContain("ssh:somebody@a-long-name-of-a-machine.i");
  const narrow = (await renderReport(data, "table", { width: 50 })).replaceAll(/ +/g, " ");
  for (const [clock, instructions, work] of factors)
    expect(narrow).toContain(` = clock ${clock}\n × instructions ${instructions}\n × work a cycle ${work}\n`);
});

test("across architectures it says that instructions are not the same, and not where only the system's word differs", async () => {
  const across = await renderReport(await told(true, (side) => (side === "c6g" ? "x86_64" : "aarch64")), "table");
  expect(across.replaceAll(/\s+/g, " ")).toContain(
    "instruction sets differ (x86_64, aarch64): an instruction of one is not one of the other",
  );
  const alike = await renderReport(await told(true, (side) => (side === "c6g" ? "arm64" : "aarch64")), "table");
  expect(alike).not.toContain("instruction sets differ");
});

test("with --wide they are columns of the table where there is room, and means have none", async () => {
  const text = await renderReport(await told(true), "table", { wide: true, width: 200 });
  const line = text.split("\n").find((one) => one.includes("sha512 portable-c"));
  expect(line).toMatch(/2\.00x ±0\.0 % +1\.20 ±0\.0 % +0\.833 ±0\.0 % +2\.00 ±0\.0 %$/);
  expect(text.split("\n").find((one) => one.includes("geomean"))).toMatch(/2\.00x ±0\.0 %$/);
  const narrow = await renderReport(await told(true), "table", { wide: true, width: 80 });
  for (const one of narrow.split("\n")) expect(one.length).toBeLessThanOrEqual(80);
});

test("Markdown has them as a table of their own, and with --wide in the table", async () => {
  const text = await renderReport(await told(false), "markdown", { wide: true });
  expect(text).toContain("| why, cpu | speedup | clock | rest |");
  expect(text).toContain("| sha512 portable-c | 2.00x | = 1.20 ±0.0 % | × 1.67 ±0.0 % |");
  expect(text).toMatch(/\| c7g, clock \| c7g, rest \|\n/);
});

test("CSV and JSON have every digit, and neither says anything of them where nobody asked", async () => {
  const data = await told(true);
  const [head = "", first = ""] = (await renderReport(data, "csv")).split("\r\n");
  const cell = (name: string): string | undefined => first.split(",")[head.split(",").indexOf(name)];
  const product = ["clock_ratio", "instructions_ratio", "work_per_cycle_ratio"].reduce(
    (all, name) => all * Number(cell(name)),
    1,
  );
  expect(product).toBeCloseTo(Number(cell("cpu_speedup_ratio")), 12);
  expect([cell("rest_ratio"), cell("counted")]).toEqual(["", "user+kernel"]);
  const {
    rows: [row],
  } = JSON.parse(await renderReport(data, "json")) as { rows: any[] };
  expect(row.why.c7g.factors.map(({ name }: { name: string }) => name)).toEqual([
    "clock",
    "instructions",
    "work-per-cycle",
  ]);
  const { why: _, ...unasked } = data;
  expect(await renderReport(unasked, "csv")).not.toContain("clock_ratio");
  expect(await renderReport(unasked, "json")).not.toContain('"why"');
});

test("the page has a bar for each row, whose parts reach from 1 to the speedup, and the clock in the order of time", async () => {
  const page = await renderReport(await told(true), "html");
  expect(page).toContain('<section id="why">');
  expect(page).toContain(
    "sha512 portable-c: 2.00x = clock 1.20 ±0.0 % × instructions 0.833 ±0.0 % × work a cycle 2.00 ±0.0 %",
  );
  expect(page).toContain("clock 2.50 GHz");
  const { why: _, ...unasked } = await told(true);
  expect(await renderReport(unasked, "html")).not.toContain('id="why"');
});

test("factors that help stack to the right of 1, the others to the left, and the ends multiply to the speedup", () => {
  const factors = [1.2, 0.8, 2].map((value) => ({ name: "rest" as const, value, lo: null, hi: null }));
  expect(segmentsOf(factors).map(({ from, to }) => [from, to])).toEqual([
    [1, 1.2],
    [1, 0.8],
    [1.2, 2.4],
  ]);
});

test("--why of a side that timed without a compiler says that there is no clock", async () => {
  const run = aRun({ "hashes/md5/a": times });
  const text = await renderReport(await withFactors(await buildReportData(run, "c6g")), "table");
  expect(below(text)).toContain("c6g: no clock was measured there");
});
