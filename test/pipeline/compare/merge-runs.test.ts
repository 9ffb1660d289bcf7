// Several sources as sides of one table. The numbers are worked out by hand: constant times divide exactly.

import { describe, expect, test } from "vitest";
import { publishedFolder } from "../../../src/adapters/folders/published.ts";
import { buildReportData } from "../../../src/report/build-report-data.ts";
import { addPublished } from "../../../src/pipeline/compare/add-published.ts";
import { mergeRuns } from "../../../src/pipeline/compare/merge-runs.ts";
import { type TableInput } from "../../../src/pipeline/compare/table-input.ts";
import type { StoredRun } from "../../../src/ports/results.ts";
import { table } from "../../../src/report/table/terminal-table.ts";
import { buildTableView } from "../../../src/report/table/build-view.ts";
import { aRun, timed } from "../../support/timed-run.ts";

const before = aRun({ "hashes/md5/a": { local: 2 } });
const after = aRun({ "hashes/md5/a": { local: 1 } }, { run: "20261125-101112-77aa" });

const text = async (shown: TableInput, baseline = shown.plan.spec.baseline): Promise<string> =>
  table(buildTableView(await buildReportData(shown, baseline)), 100);

describe("two runs side by side", () => {
  test("are two sides with names of their own, compared and never pooled", async () => {
    const shown = mergeRuns([{ run: before }, { run: after }]);
    const told = await buildReportData(shown, "local (3fa9)");
    expect(told.comparison.sides).toEqual(["local (3fa9)", "local (77aa)"]);
    expect(told.comparison.machines).toEqual({
      "local (3fa9)": ["local-1 (3fa9)"],
      "local (77aa)": ["local-1 (77aa)"],
    });
    expect(told.comparison.rows).toHaveLength(1);
    expect(told.comparison.rows[0]?.speedups["local (77aa)"]?.real.value).toBe(2);
    expect(told.comparison.left_out.of).toBe(18);
  });

  test("may be labelled", () => {
    const shown = mergeRuns([
      { label: "old", run: before },
      { label: "new", run: after },
    ]);
    expect(shown.plan.spec.sides.map(({ name }) => name)).toEqual(["old", "new"]);
    expect(shown.plan.spec.baseline).toBe("old");
  });

  test("keep names that only one of them has", () => {
    const other = aRun({ "hashes/md5/a": { "c7g.large": 1 } }, { run: "20261125-101112-77aa" });
    expect(mergeRuns([{ run: before }, { run: other }]).plan.spec.sides.map(({ name }) => name)).toEqual([
      "local",
      "c7g.large",
    ]);
  });

  test("each drop the warm-up that they ran", async () => {
    const cold = aRun({ "hashes/md5/a": { local: 1 } }, { run: "x-2", warmup: 0, runs: 3 });
    const told = await buildReportData(mergeRuns([{ run: before }, { run: cold }]), "local (3fa9)");
    const [row] = told.comparison.rows;
    expect(row?.cells["local (3fa9)"]?.real.of).toBe(9);
    expect(row?.cells["local (2)"]?.real.of).toBe(3);
  });

  test("with other parameters have rows of their own, which the labels tell apart", async () => {
    const less = aRun({ "hashes/md5/a": { local: 1 } }, { run: "x-2", blocks: "10000" });
    const lines = await text(mergeRuns([{ run: before }, { run: less }]));
    expect(lines).toMatch(/^ {2}md5 a blocks=100000 +2\.00 s +1\.00 s +- +- +- +-$/m);
    expect(lines).toMatch(/^ {2}md5 a blocks=10000 +- +- +1\.00 s +0\.500 s +- +-$/m);
    expect(lines).toContain("runs differ in blocks of hashes: 100000 in 3fa9, 10000 in 2");
  });

  test("whose commands bear one number but are others have a row for each", async () => {
    const make = aRun({ "command/cmd-1/command": { local: 2 } }, { titles: { "cmd-1": "make" } });
    const gcc = aRun({ "command/cmd-1/command": { local: 1 } }, { run: "x-2", titles: { "cmd-1": "gcc" } });
    const lines = await text(mergeRuns([{ run: make }, { run: gcc }]));
    expect(lines).toMatch(/^ {2}make +2\.00 s +1\.00 s +- +-/m);
    expect(lines).toMatch(/^ {2}gcc +- +- +1\.00 s/m);
  });

  test("say below the table what differs, and close each by itself", async () => {
    const changed: StoredRun = {
      ...after,
      plan: {
        ...after.plan,
        tool_version: "0.2.0",
        agent_digest: "2".repeat(64),
        spec: { ...after.plan.spec, seed: "7" },
      },
      machines: after.machines.map((one) => ({ ...one, facts: { ...one.facts, os: "FreeBSD 14.3" } })),
    };
    const { sums: _sums, ...open } = changed;
    const lines = await text(mergeRuns([{ run: before }, { run: open }]));
    expect(lines.split("\n").filter((line) => line.startsWith("runs differ in"))).toEqual([
      "runs differ in timetrial's version: 0.1.0 in 3fa9, 0.2.0 in 77aa",
      "runs differ in agent: 111111111111 in 3fa9, 222222222222 in 77aa",
      "runs differ in seed: the run's name in 3fa9, 7 in 77aa",
      "runs differ in system: Debian 12 in 3fa9, FreeBSD 14.3 in 77aa",
    ]);
    expect(lines).toContain("3fa9: run 20261124-031500-3fa9 of 2026-11-24   sums 3f9a3f9a3f9a");
    expect(lines).toContain("77aa: run 20261125-101112-77aa of 2026-11-24   not closed: no sums");
  });

  test("that are one run are refused", () => {
    expect(() => mergeRuns([{ run: before }, { run: before }])).toThrow('"20261124-031500-3fa9" is given twice');
  });
});

describe("published figures beside a run", () => {
  const published = async (of: string) => ({
    side: { name: `published:${of}`, kind: "published" as const, of },
    figures: await publishedFolder().load(of),
  });
  /** What our own row on FreeBSD looks like: a driver was asked for, and the check says what the work was. */
  const ours = (blocks: string): StoredRun => {
    const run = aRun(
      { "hashes/sha512/libmd-base": { "c7g.8xlarge": 2 } },
      {
        blocks,
        facts: () => ({ os: "FreeBSD 14.3", uname: "FreeBSD", arch: "arm64", ncpu: 32 }),
        change: (record) => ({
          ...record,
          driver: "md5-t",
          params: { blocks, driver: "auto" },
          work_id: `1x${blocks}x10000`,
          capture: "cc",
        }),
      },
    );
    return run;
  };

  test("pair with the same trial of our own, and it is said what is not known", async () => {
    const run = ours("100000");
    const shown = addPublished(run, [await published("c7g.8xlarge")], [{ suite: "hashes" }]);
    const lines = await text(shown);
    // Our CPU is 1.00 s, the article's 1.03 s.
    expect(lines).toMatch(/^ {2}sha512 +2\.00 s +1\.00 s +- +1\.03 s +- +\(0\.971\) ‡$/m);
    // Others of its rows stand there without a time of ours.
    expect(lines).toMatch(/^ {2}md5 +- +- +- +2\.16 s +- +-$/m);
    expect(lines).toContain("release unknown");
    expect(lines).toContain("timed in different ways: cc, published");
    expect(lines).toContain("0 of 9 runs left out");
  });

  test("do not pair with less work of our own", async () => {
    const shown = addPublished(ours("10000"), [await published("c7g.8xlarge")], [{ suite: "hashes", row: "sha512" }]);
    const lines = await text(shown);
    expect(lines).toMatch(/^ {2}sha512 libmd-base blocks=10000 +2\.00 s +1\.00 s +- +- +- +-$/m);
    expect(lines).toMatch(/^ {2}sha512 libmd-base blocks=100000 +- +- +- +1\.03 s +- +-$/m);
  });

  test("are left out where the run measured something else", async () => {
    const c7g = await published("c7g.8xlarge");
    expect(() => addPublished(ours("100000"), [c7g], [{ suite: "node" }])).toThrow("nothing was published on node");
  });

  test("take the remark on a wrong digit along, without the other side", async () => {
    const run = aRun({ "world/buildworld-buildkernel/base": { local: 100 } });
    const lines = await text(addPublished(run, [await published("c7g.8xlarge")], undefined));
    expect(lines.replace(/\n {2}/g, " ")).toMatch(/cpu: the source prints 1\.45x .* a wrong digit is likely/);
  });
});

test("trials of one machine in two runs are not mistaken for attempts", async () => {
  const twice: StoredRun = {
    ...after,
    records: [
      ...after.records,
      timed({ row: "md5", impl: "a", machine: "local-1", round: 11, params: { blocks: "100000" } }, 1),
    ],
  };
  const told = await buildReportData(mergeRuns([{ run: before }, { run: twice }]), "local (3fa9)");
  expect(told.comparison.rows[0]?.cells["local (77aa)"]?.real.of).toBe(10);
});
