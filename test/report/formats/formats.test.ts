// Markdown and CSV, the latter read back by Python's own reader.

import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { buildReportData } from "../../../src/report/build-report-data.ts";
import { csvLong } from "../../../src/report/formats/csv-long.ts";
import { csv } from "../../../src/report/formats/csv.ts";
import { csvLines } from "../../../src/report/formats/csv-writer.ts";
import { markdown } from "../../../src/report/formats/markdown.ts";
import { buildTableView } from "../../../src/report/table/build-view.ts";
import type { StoredRun } from "../../../src/ports/results.ts";
import { aRun } from "../../support/timed-run.ts";

const evil = 'a|b "q", <b>*x*</b> `c` [d](e) @owner #12\u001b[31m';
const aTold = (run: StoredRun) => buildReportData(run, run.plan.spec.baseline);

const python = spawnSync("python3", ["--version"]).status === 0;
const needsPython = python ? "" : " [needs python3]";

/** What Python's csv makes of `text`: a record a line, by column. */
function readBack(text: string): Record<string, string>[] {
  const script =
    "import csv, io, json, sys\n" +
    "text = io.TextIOWrapper(sys.stdin.buffer, encoding='utf-8', newline='')\n" +
    "print(json.dumps(list(csv.DictReader(text, strict=True))))";
  const { stdout, stderr, status } = spawnSync("python3", ["-c", script], { input: text, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, string>[];
}

describe("markdown", () => {
  test("is a table with a head, a line a row, and its footnotes as a list", async () => {
    const run = aRun({ "hashes/md5/a": { c6g: 2, c7g: 1 }, "hashes/sha1/a": { c6g: 2, c7g: "exit" } });
    expect(markdown(buildTableView(await aTold(run)))).toBe(
      [
        "c6g -&gt; c7g · Debian 12 x86\\_64 · 1 machine a side · 9 kept runs each",
        "",
        "|  | c6g real | c6g cpu | c7g real | c7g cpu | speedup (95 %), real | speedup (95 %), cpu |",
        "| :-- | --: | --: | --: | --: | :-- | :-- |",
        "| **hashes (under 1 of 2 vCPUs busy)** |  |  |  |  |  |  |",
        "| md5 | 2.00 s | 1.00 s | 1.00 s | 0.500 s | 2.00x ±0.0 % | 2.00x ±0.0 % |",
        "| sha1 | 2.00 s | 1.00 s | fail | fail | - | - |",
        "| geomean (1 of 2) |  |  |  |  | 2.00x ±0.0 % | 2.00x ±0.0 % |",
        "",
        // CPU is the half of real in these runs.
        "- waits for disk or network: md5 (0.50 of 2 vCPUs busy), sha1 (0.50)",
        "- drivers: c for a",
        "- c7g against c6g: holds for these machines only",
        // ln 2 / (1.96 sqrt 2) = 0.25
        "- hashes/md5/a: holds for the types only if machines of one type differ by under 25 % (sd)",
        "- hashes/sha1/a: c7g: 9 of 9 runs left out (9 failed)",
        "- hashes/sha1/a: 1 machine left out: more than half of the runs not kept",
        "- hashes/sha1/a: no machine left on a side",
        "- 9 of 36 runs left out (9 failed)",
        "- sums 3f9a3f9a3f9a",
        "",
      ].join("\n"),
    );
  });

  test("lets no name end a cell, become markup, or write to somebody", async () => {
    const run = aRun({ "command/cmd-1/command": { [evil]: 2, "~~b~~": 1 } }, { titles: { "cmd-1": "x | @me_&lt;" } });
    const lines = markdown(buildTableView(await aTold(run))).split("\n");
    const rows = lines.filter((line) => line.startsWith("|"));
    const cells = rows.map((line) => line.split(/(?<!\\)\|/).length);
    expect(new Set(cells).size).toBe(1);
    expect(rows.some((line) => line.includes("x \\| @<!-- -->me\\_&amp;lt;"))).toBe(true);
    const [head = ""] = rows;
    expect(head).toContain(
      'a\\|b "q", &lt;b&gt;\\*x\\*&lt;/b&gt; \\`c\\` \\[d\\](e) @<!-- -->owner #<!-- -->12?\\[31m real',
    );
    expect(head).toContain("\\~\\~b\\~\\~ real");
  });
});

describe("csv", () => {
  test("ends lines by CR LF, quotes what must be, and leaves a cell empty where there is nothing", () => {
    expect(
      csvLines(
        ["a", "b"],
        [
          ['say "x", y', null],
          ["two\nlines", 1.5],
        ],
      ),
    ).toBe('a,b\r\n"say ""x"", y",\r\n"two\nlines",1.5\r\n');
  });

  test.each(["=1+1", "+1", "-1", "@x", "\tx", "\u{ff1d}1"])("gives a spreadsheet no formula to run: %j", (text) => {
    expect(csvLines(["a"], [[text]])).toBe(`a\r\n'${text}\r\n`);
  });

  test("leaves numbers alone, negative ones too", () => {
    expect(csvLines(["a"], [[-0.01]])).toBe("a\r\n-0.01\r\n");
  });

  test.skipIf(!python)(`of rows is read back by Python${needsPython}`, async () => {
    const run = aRun(
      { "hashes/md5/a": { c6g: 2, [evil]: 1, z: 4 }, "hashes/sha1/a": { c6g: 2, [evil]: "exit", z: 1 } },
      { change: (record) => ({ ...record, params: { blocks: '1,"2"' } }) },
    );
    const lines = readBack(csv(await aTold(run)));
    expect(lines.map(({ row, contender }) => [row, contender])).toEqual([
      ["md5", evil.replace("\u001b", "\\u001b")],
      ["md5", "z"],
      ["sha1", evil.replace("\u001b", "\\u001b")],
      ["sha1", "z"],
    ]);
    expect(lines[0]).toMatchObject({
      suite: "hashes",
      params: 'blocks=1,"2"',
      baseline: "c6g",
      baseline_real_s: "2",
      baseline_cpu_s: "1",
      baseline_real_kept_runs: "9",
      contender_real_s: "1",
      contender_cpu_s: "0.5",
      // Half a CPU of two: it waited.
      baseline_cores_busy: "0.5",
      contender_bound: "waits",
      real_speedup_ratio: "2",
      real_verdict: "faster",
      real_scope: "machines",
    });
    // Half a tick of the clock, 1 us, either way.
    expect(Number(lines[0]?.["real_speedup_lo_ratio"])).toBeCloseTo((2 - 5e-7) / (1 + 5e-7), 12);
    expect(Number(lines[0]?.["real_speedup_hi_ratio"])).toBeCloseTo((2 + 5e-7) / (1 - 5e-7), 12);
    expect(lines[1]).toMatchObject({ real_speedup_ratio: "0.5", real_verdict: "slower" });
    expect(lines[2]).toMatchObject({
      contender_real_s: "",
      contender_real_kept_runs: "0",
      contender_real_all_runs: "9",
      contender_real_status: "fail",
      real_speedup_ratio: "",
      real_verdict: "failed",
    });
  });

  test.skipIf(!python)(`of trials has every trial and every field${needsPython}`, () => {
    const run = aRun(
      { "hashes/md5/a": { x: 2, y: "exit" } },
      {
        runs: 2,
        change: (record) =>
          record.status === "completed"
            ? {
                ...record,
                tainted: ["steal", "swap"],
                max_rss_bytes: 1234,
                others_cpu_s: -0.01,
                reported: { mib: "7" },
              }
            : { ...record, reason: "=exit 1" },
      },
    );
    const lines = readBack([...csvLong(run.records, new Map([["x", "RUN"]]))].join(""));
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatchObject({
      run: "RUN",
      suite: "hashes",
      row: "md5",
      impl: "a",
      side: "x",
      machine: "x-1",
      round: "1",
      status: "completed",
      real_s: "2",
      user_s: "1",
      system_s: "0",
      max_rss_bytes: "1234",
      others_cpu_s: "-0.01",
      tainted: "steal swap",
      "params.blocks": "100000",
      "reported.mib": "7",
    });
    expect(lines[3]).toMatchObject({ run: "", status: "failed", reason: "'=exit 1", real_s: "", "reported.mib": "" });
    const known = new Set(Object.keys(lines[0] ?? {}));
    const flat = [...run.records]
      .flatMap((record) => Object.keys(record))
      .filter((key) => !["params", "reported"].includes(key));
    expect(flat.filter((key) => !known.has(key))).toEqual([]);
  });
});
