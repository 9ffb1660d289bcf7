// Records in, table out. The times are constant, so that every number below can be worked out by hand.

import { describe, expect, test } from "vitest";
import { buildReportData } from "../../../src/report/build-report-data.ts";
import type { PlannedRow } from "../../../src/domain/plan/plan.ts";
import type { Facts } from "../../../src/domain/run/machine.ts";
import type { TrialRecord } from "../../../src/domain/run/trial-record.ts";
import { json } from "../../../src/report/formats/json.ts";
import { table } from "../../../src/report/table/terminal-table.ts";
import { buildTableView } from "../../../src/report/table/build-view.ts";
import { aRun, type Times } from "../../support/timed-run.ts";
import { aPlan, aRecord, aSuite, someFacts } from "../../support/given.ts";

interface Timed {
  /** Seconds of real time by side; CPU is the half of it. A text is a reason why every trial failed. */
  readonly [side: string]: number | string;
}

interface Shown {
  readonly width?: number;
  readonly change?: (record: TrialRecord) => TrialRecord;
  /** By side: what the suite's setup found. */
  readonly env?: Readonly<Record<string, Record<string, string>>>;
  /** By side: what else is known of its machine. */
  readonly facts?: Readonly<Record<string, Partial<Facts>>>;
}

/** The table of a run in which each row of `rows` took what is written, 10 rounds, one machine a side. */
async function shown(
  rows: Readonly<Record<string, Timed>>,
  { width = 80, change = (record: TrialRecord): TrialRecord => record, env = {}, facts = {} }: Shown = {},
) {
  const told = await toldOf(rows, change, env, facts);
  return table(buildTableView(told), width);
}

async function toldOf(
  rows: Readonly<Record<string, Timed>>,
  change: (record: TrialRecord) => TrialRecord,
  env: NonNullable<Shown["env"]>,
  facts: NonNullable<Shown["facts"]> = {},
) {
  const sides = Object.keys(Object.values(rows)[0] ?? {});
  const named = Object.keys(rows).map((name) => name.split("/") as [string, string]);
  const planned = named.map(([row, impl]): PlannedRow => ({
    name: row,
    impl,
    runs: 10,
    warmup: 1,
    limit_s: 60,
    instructions: ["x86_64:sha_ni"],
    os: ["linux"],
  }));
  const plan = aPlan({
    suites: [aSuite({ params: { blocks: "100000" }, rows: planned })],
    spec: { ...aPlan().spec, baseline: sides[0] as string, sides: sides.map((name) => ({ name, kind: "local" })) },
  });
  const records = named.flatMap(([row, impl], i) =>
    sides.flatMap((side) =>
      Array.from({ length: 10 }, (_, r) => {
        const time = Object.values(rows)[i]?.[side] as number | string;
        const about = {
          row,
          impl,
          side,
          machine: `${side}-1`,
          host_id: side,
          round: r + 1,
          params: { blocks: "100000" },
        };
        return change(typeof time === "number" ? completed(about, time) : failed(about, time));
      }),
    ),
  );
  const machines = sides.map((side) => ({
    name: `${side}-1`,
    facts: someFacts({
      os: "Debian 12",
      host_id: side,
      suites: { hashes: env[side] ?? { "features.openssl-evp": "avx2" } },
      ...facts[side],
    }),
  }));
  return await buildReportData({ plan, records, machines, sums: "3f9a".repeat(16) }, sides[0] as string);
}

function completed(about: object, time: number): TrialRecord {
  return aRecord({ ...about, real_s: time, user_s: time / 2, system_s: 0 });
}

function failed(about: object, reason: string): TrialRecord {
  const { real_s, user_s, system_s, ...rest } = aRecord(about);
  void [real_s, user_s, system_s];
  return { ...rest, status: reason === "limit" ? "timed-out" : "failed", reason };
}

describe("the table", () => {
  test("of two sides has values, speedups, a mean and its footnotes", async () => {
    const text = await shown(
      { "sha256/openssl-evp": { c6g: 0.82, c7g: 0.41 }, "sha512/openssl-evp": { c6g: 2.88, c7g: 1.44 } },
      { width: 100, env: { c7g: { "features.openssl-evp": "avx2,sha_ni" } } },
    );
    // Where exactly a name is centred over its columns is the table library's choice.
    expect(text.replace(/^ +c6g +c7g +speedup/m, "c6g c7g speedup")).toBe(
      [
        "c6g -> c7g · Debian 12 x86_64 · 1 machine a side · 9 kept runs each",
        "c6g c7g speedup (95 %)",
        "                       real      cpu     real      cpu  real             cpu",
        "hashes (under 1 of 2 vCPUs busy)",
        "  sha256            0.820 s  0.410 s  0.410 s  0.205 s  2.00x ±0.0 % †1  2.00x ±0.0 % †1",
        "  sha512             2.88 s   1.44 s   1.44 s  0.720 s  2.00x ±0.0 % †1  2.00x ±0.0 % †1",
        "  geomean (2 of 2)                                      2.00x ±0.0 %     2.00x ±0.0 %",
        "†1 instruction sha_ni: on c7g, not on c6g",
        // CPU is the half of real in these runs.
        "waits for disk or network: sha256 (0.50 of 2 vCPUs busy), sha512 (0.50)",
        "drivers: c for openssl-evp",
        "c7g against c6g: holds for these machines only",
        // ln 2 / (1.96 sqrt 2) = 0.25
        "holds for the types only if machines of one type differ by under 25 % (sd)",
        "0 of 36 runs left out   sums 3f9a3f9a3f9a",
        "",
      ].join("\n"),
    );
  });

  test("does not say how many CPUs rows keep busy where others had a part of them", async () => {
    const busy = (record: TrialRecord): TrialRecord =>
      record.status === "completed" ? { ...record, others_cpu_s: record.real_s } : record;
    const text = await shown({ "md5/a": { x: 1, y: 2 } }, { change: busy });
    expect(text).toMatch(/^hashes$/m);
    expect(text).toContain("other processes used 50 % of the machines' CPUs");
    // One cause, one line.
    expect(text).not.toContain("waits");
  });

  test("says which side kept how many CPUs busy where that differs", async () => {
    const idle = (record: TrialRecord): TrialRecord =>
      record.side === "y" && record.status === "completed" ? { ...record, user_s: record.real_s * 0.3 } : record;
    const rows = { "md5/a": { x: 1, y: 1 } };
    expect(await shown(rows, { width: 200, change: idle })).toContain(
      "waits for disk or network: md5 (0.50 of 2 vCPUs busy on x, 0.30 on y)\n",
    );
    expect(await shown(rows, { width: 200 })).toContain("waits for disk or network: md5 (0.50 of 2 vCPUs busy)\n");
  });

  test("says whose clocks are coarse, unless all are so", async () => {
    const coarse = { capture: "times", real_resolution_s: 0.01, cpu_resolution_s: 0.01 } as const;
    const rows = { "md5/a": { x: 1, y: 1 } };
    const note = "times by sh: exact to 0.01 s real, 0.01 s CPU\n";
    expect(await shown(rows, { width: 200, facts: { y: coarse } })).toContain(`\ny: ${note}`);
    expect(await shown(rows, { width: 200, facts: { x: coarse, y: coarse } })).toContain(`\n${note}`);
    const both = await shown(rows, { width: 200, facts: { x: coarse, y: { ...coarse, cpu_resolution_s: 0.001 } } });
    expect(both).toContain(`\nx: ${note}`);
    expect(both).toContain("\ny: times by sh: exact to 0.01 s real, 0.001 s CPU\n");
  });

  test("says once what a capture adds to real times, and whose they are unless it is so of all", async () => {
    const bySh = { capture: "times", capture_fixed_s: 0.0004 } as const;
    const rows = { "md5/a": { x: 1, y: 1 } };
    const both = await shown(rows, { width: 200, facts: { x: bySh, y: { ...bySh, capture_fixed_s: 0.00041 } } });
    expect(both).toContain("\nreal times: 0.4-0.41 ms of sh included\n");
    const one = await shown(rows, { width: 200, facts: { y: bySh } });
    expect(one).toContain("\nreal times of y: 0.4 ms of sh included\n");
    expect(await shown(rows, { width: 200, facts: { y: { capture_fixed_s: 0.000_004 } } })).not.toContain("included\n");
  });

  test("names the commonest reason where no run was kept, and gives no time, no speedup, no mean", async () => {
    const text = await shown({
      "md5/a": { x: 1, y: "exit" },
      "sha1/a": { x: "limit", y: 1 },
    });
    expect(text).toMatch(/^ {2}md5 +1\.00 s +0\.500 s +fail +fail +- +-$/m);
    expect(text).toMatch(/^ {2}sha1 +t\/o +t\/o +1\.00 s +0\.500 s +- +-$/m);
    expect(text).not.toContain("geomean");
    expect(text).toContain("18 of 36 runs left out");
  });

  test("marks what was tainted, and counts it", async () => {
    const text = await shown(
      { "md5/a": { x: 1, y: 2 } },
      { change: (record) => (record.side === "y" && record.round > 4 ? { ...record, tainted: ["steal"] } : record) },
    );
    expect(text).toMatch(/^ {2}md5 +1\.00 s .*2\.00 s !/m);
    expect(text).toContain("6 of 18 runs left out (");
    expect(text).toContain("6 steal");
  });

  test("says that a time is too short for its clock", async () => {
    const text = await shown(
      { "md5/a": { x: 0.05, y: 0.06 } },
      { change: (record) => ({ ...record, real_resolution_s: 0.01 }) },
    );
    expect(text).toMatch(/^ {2}md5 +short/m);
  });

  test("gives a speedup without an interval where the runs are too few, and says so", async () => {
    const text = await shown({ "md5/a": { x: 2, y: 1 } }, { change: (r) => (r.round > 6 ? failed(r, "exit") : r) });
    // Never as if it were a speedup that was shown.
    expect(text).toContain("(2.00) ‡");
    expect(text).not.toContain("2.00x");
    expect(text).toContain("‡ no interval: that takes 6 kept runs on each machine (--rounds 7)");
  });

  test("says ~ where no difference was shown", async () => {
    const text = await shown({ "md5/a": { x: 1, y: 1 } });
    expect(text).toContain("~ 1.00 (1.00-1.00)");
    expect(text).toContain("~ no difference shown");
  });

  test("gives no single mean where one row decides the side", async () => {
    const text = await shown({ "a/i": { x: 1, y: 0.25 }, "b/i": { x: 1, y: 1.25 }, "c/i": { x: 1, y: 1.25 } });
    expect(text).toMatch(/geomean \(3 of 3\) .*- \[0\.800…1\.79\]/);
    expect(text).toContain("one row decides which side is faster");
  });

  test("of one side has no speedups", async () => {
    const text = await shown({ "md5/a": { local: 0.05 } });
    expect(text).toMatch(/^ {2}md5 +50\.0 ms +50\.0-50\.0 ms +50\.0 … 50\.0 ms +25\.0 ms$/m);
    expect(text).not.toContain("speedup");
  });

  test("of three sides has a line for each, its time and its speedup", async () => {
    const text = await shown({ "md5/a": { x: 4, y: 2, z: 1 } });
    expect(text).toMatch(/^x -> y, z /);
    expect(text).toMatch(
      /^ {2}md5\n {4}x +4\.00 s .* baseline\n {4}y +2\.00 s .*2\.00x ±0\.0 % .*\n {4}z +1\.00 s .*4\.00x ±0\.0 % /m,
    );
  });

  test("shows which implementation a row is of where its name occurs twice", async () => {
    const text = await shown({ "md5/openssl-evp": { x: 1 }, "md5/portable-c": { x: 2 } });
    expect(text).toMatch(/^ {2}md5 openssl-evp +1\.00 s/m);
    expect(text).toMatch(/^ {2}md5 portable-c +2\.00 s/m);
  });

  test.each([80, 200])("is no wider than %d columns", async (width) => {
    const rows = {
      "sha256/openssl-evp": { "c6g.8xlarge": 1, "c7g.8xlarge": 1 },
      "sha256/portable-c": { "c6g.8xlarge": 3, "c7g.8xlarge": 1.01 },
    };
    const text = await shown(rows, { width });
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(text).toMatch(/sha256 .*1\.00 s .*1\.00 s/);
  });

  test("takes the width of CJK letters into account", async () => {
    const text = await shown({ "md5/a": { 日本: 1, local: 1 } });
    const [, over = "", head = ""] = text.split("\n");
    expect(over.indexOf("local") + 2).toBeLessThanOrEqual(head.length);
    expect(text).toContain("日本 -> local");
  });
});

describe("the same as JSON", () => {
  test("has the public shape", async () => {
    const rows = { "md5/a": { x: 2, y: 1 }, "sha1/a": { x: 2, y: "exit" } };
    const value = JSON.parse(json(await toldOf(rows, (record) => record, {})));
    expect(value).toMatchObject({
      schema: 1,
      baseline: "x",
      sides: ["x", "y"],
      rows: [
        {
          suite: "hashes",
          row: "md5",
          impl: "a",
          driver: "c",
          cells: {
            x: { real: { time_s: 2, kept: 9, of: 9 }, cpu: { time_s: 1, kept: 9, of: 9 } },
            y: { real: { time_s: 1 } },
          },
          speedups: { y: { real: { value: 2, verdict: "faster", scope: "machines" }, cpu: { verdict: "faster" } } },
        },
        {
          row: "sha1",
          cells: { y: { real: { time_s: null, kept: 0, of: 9 } } },
          speedups: { y: { real: { value: null, lo: null, hi: null, verdict: "failed" } } },
        },
      ],
    });
    expect(value.geomeans[0].speedups.y.real.count).toBe(1);
    expect(value.notes).toEqual(expect.arrayContaining([expect.stringContaining("for these machines only")]));
  });
});

describe("the table of three sides and more", () => {
  const three = { "c6g.8xlarge": 4, "c7g.8xlarge": 2, "c8g.8xlarge": 1 };
  const four = { ...three, "m8g.8xlarge": 8 };
  const widest = (text: string) => Math.max(...text.split("\n").map((line) => line.length));
  const many = async (times: Timed, { width = 80, wide = false, baseline = "c6g.8xlarge" } = {}) => {
    const run = aRun({ "hashes/sha256/openssl-evp": times as Times, "hashes/sha256/portable-c": times as Times });
    return table(buildTableView(await buildReportData(run, baseline), wide), width);
  };

  test("has every side's time beside its speedup", async () => {
    const text = await many(three, { width: 200 });
    expect(text).toMatch(/^ {4}c7g\.8xlarge +2\.00 s .*2\.00x ±0\.0 %/m);
    expect(text).toMatch(/^ {4}c8g\.8xlarge +1\.00 s .*4\.00x ±0\.0 %/m);
  });

  test.each([
    ["three", three],
    ["four", four],
  ])("of %s sides is no wider than 80 columns", async (_name, times) => {
    const text = await many(times);
    expect(widest(text)).toBeLessThanOrEqual(80);
    expect(text.match(/2\.00x ±0\.0 %/g)).toHaveLength(6); // two rows and their mean, real and cpu of each
  });

  test.each([80, 200])("has its times with --wide, in %d columns", async (width) => {
    const text = await many(four, { wide: true, width });
    expect(widest(text)).toBeLessThanOrEqual(width);
    expect(text).toMatch(/ 8\.00 s/);
    expect(text).toMatch(/ 4\.00 s/);
  });

  test("in a narrow terminal has a block for each contender, under its name", async () => {
    const text = await many(three, { wide: true });
    expect(text).toMatch(/c6g\.8xlarge +c7g\.8xlarge +c7g\.8xlarge \(95 %\)/);
    expect(text).toMatch(/c6g\.8xlarge +c8g\.8xlarge +c8g\.8xlarge \(95 %\)/);
    expect(text).toMatch(/^ {2}sha256.* 4\.00 s .* 1\.00 s .*4\.00x/m);
  });

  test("lets nothing in a name be obeyed by a terminal", async () => {
    const text = await many({ "a\u001b[31mred": 1, b: 1, c: 1 }, { baseline: "b" });
    expect(text).toContain("a?[31mred");
    expect(text).not.toContain("\u001b");
  });

  test("compares with the baseline that is asked for", async () => {
    const text = await many(three, { width: 200, baseline: "c8g.8xlarge" });
    expect(text).toMatch(/^c8g\.8xlarge -> c6g\.8xlarge, c7g\.8xlarge /);
    expect(text).toMatch(/^ {4}c6g\.8xlarge +4\.00 s .*0\.250x ±0\.0 %/m);
    expect(text).toMatch(/^ {4}c8g\.8xlarge +1\.00 s .* baseline$/m);
  });
});
