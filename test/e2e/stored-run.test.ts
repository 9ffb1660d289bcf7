// One stored run of the sandbox: printed in every format and read back by programs that are not ours, then checked, as it
// is and with one thing changed at a time.

import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TrialRecord } from "../../src/domain/run/trial-record.ts";
import { Browser, hasChromium } from "../support/browser.ts";
import { isKey, isResult } from "../support/go-benchmarks.ts";
import { Desk, type Ended } from "../support/cli.ts";

/** By Python's hashlib, of 10000 blocks of 10000 bytes; block[i] = i mod 256, as `md5 -t` has it. */
const digests = {
  md5: "52e5f9c9e6f656f3e1800dfa5579d089",
  sha256: "7e287e4ab76f3f9cf4a7ac79e79ae63fa3e8fd832ca2262ee99a739cd5ee54c9",
};

let desk: Desk;
let run: string;
/** Of records.ndjson: the third round of md5 on the first machine of s1.medium, and the fourth. */
let [third, fourth] = [0, 0];
/** How many trials there were: 2 rows, 2 sides of 2 machines, 8 rounds, and those that other work made to be run again. */
let trials = 0;
beforeAll(async () => {
  desk = new Desk(0.02);
  const suites = ["--suite", "hashes/md5/openssl-evp", "--suite", "hashes/sha1/openssl-evp", "--set", "blocks=10000"];
  const words = ["compare", "s1.medium", "s2.medium", "--cloud", "sandbox", "--machines", "2", "--rounds", "8"];
  const ended = await desk.run([...words, ...suites]);
  if (ended.status !== 0) throw new Error(ended.stderr);
  run = desk.runName();
  const records = desk.lines<TrialRecord>("records.ndjson");
  const lineOf = (round: number): number =>
    records.findIndex((one) => one.row === "md5" && one.machine === "s1.medium-1" && one.round === round) + 1;
  [third, fourth] = [lineOf(3), lineOf(4)];
  trials = records.length;
  const planned = records.filter(({ round }) => round <= 8).length;
  if (planned !== 64) throw new Error(`expected 64 trials of 8 rounds, got ${planned}`);
});
afterAll(() => desk.clear());

/** A copy of the run in which `change` was done, and the sums made to fit again unless `sums` is false. */
function planted(change: (folder: string) => void, { sums = true } = {}): string {
  const folder = join(desk.folder, "planted");
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(desk.folder, "results", run), folder, { recursive: true });
  change(folder);
  if (sums) {
    const paths = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .map((path) => join(folder, path))
      .filter((path) => statSync(path).isFile() && !path.endsWith("SHA256SUMS"))
      .sort();
    const line = (path: string) =>
      `${createHash("sha256").update(readFileSync(path)).digest("hex")}  ${relative(folder, path)}\n`;
    writeFileSync(join(folder, "SHA256SUMS"), paths.map(line).join(""));
  }
  return folder;
}

function edit(folder: string, line: number, change: (record: TrialRecord) => object): void {
  const path = join(folder, "records.ndjson");
  const lines = readFileSync(path, "utf8").split("\n");
  lines[line - 1] = JSON.stringify(change(JSON.parse(lines[line - 1] as string) as TrialRecord));
  writeFileSync(path, lines.join("\n"));
}

/** Adds more bytes than a bundle keeps in memory when it is unpacked. */
function addLargeLogs(folder: string): void {
  for (const name of ["a", "b", "c"]) writeFileSync(join(folder, "logs", `${name}.txt`), Buffer.alloc(48 * 2 ** 20));
}

const reports = new Map<string, Promise<Ended>>();
/** The run's report, which is made once in each format. */
const made = async (format: string): Promise<string> => {
  const report = reports.get(format) ?? desk.run(["report", run, "--format", format]);
  reports.set(format, report);
  const ended = await report;
  expect(ended).toMatchObject({ status: 0, stderr: "" });
  return ended.stdout;
};

/** What an outside program makes of `input`. */
function by(program: string, words: readonly string[], input: string): string {
  const { stdout, stderr, status } = spawnSync(program, words, { input, encoding: "utf8" });
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
  return stdout;
}

const has = (program: string): boolean => spawnSync(program, ["--version"]).status === 0;
const [python, jq] = [has("python3"), has("jq")];

describe("one stored run, in every format", () => {
  test("as a table, which is the one that was printed, no wider than 80 columns, and plotted below it", async () => {
    const table = await made("table");
    expect(table).toMatch(/^s1\.medium -> s2\.medium · /);
    expect(Math.max(...table.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    const plotted = await desk.runHere(["report", run, "--plot"], { LC_ALL: "C.UTF-8" });
    expect(plotted.stdout.startsWith(table)).toBe(true);
    // The speedup of each run differs: its interval may lie over the line of 1.
    expect(plotted.stdout.slice(table.length)).toMatch(/^ {2}sha1 .* real .*[█▒]/m);
    const ascii = await desk.runHere(["report", run, "--plot"], { LC_ALL: "C" });
    // oxlint-disable-next-line no-control-regex -- ASCII is what is asked for
    expect(ascii.stdout.slice(table.length)).toMatch(/^[\u0000-\u007f]+$/);
  });

  test("as Markdown, a table of as many cells in each line", async () => {
    const lines = (await made("markdown")).split("\n").filter((line) => line.startsWith("|"));
    expect(lines).toHaveLength(2 + 1 + 3);
    expect(new Set(lines.map((line) => line.split("|").length))).toEqual(new Set([1 + 1 + 4 + 2 + 1]));
  });

  test.skipIf(!python)(
    `as CSV, from whose single runs Python works out the table's numbers${python ? "" : " [needs python3]"}`,
    async () => {
      writeFileSync(join(desk.folder, "long.csv"), await made("csv-long"));
      const script = `
import csv, json, math, statistics, sys
runs = list(csv.DictReader(open(sys.argv[1], newline=""), strict=True))
assert len(runs) == ${trials}, len(runs)
def side(row, name):
    machines = {}
    for run in runs:
        if run["row"] == row and run["side"] == name and run["round"] != "1" and run["status"] == "completed" and run["tainted"] == "":
            machines.setdefault(run["machine"], []).append(float(run["real_s"]))
    return math.exp(statistics.fmean(math.log(statistics.median(times)) for times in machines.values()))
for line in csv.DictReader(sys.stdin, strict=True):
    b, c = side(line["row"], "s1.medium"), side(line["row"], "s2.medium")
    assert math.isclose(b, float(line["baseline_real_s"]), rel_tol=1e-9), line
    assert math.isclose(c, float(line["contender_real_s"]), rel_tol=1e-9), line
    assert math.isclose(b / c, float(line["real_speedup_ratio"]), rel_tol=1e-9), line
    print(line["row"])
`;
      const said = by("python3", ["-c", script, join(desk.folder, "long.csv")], await made("csv"));
      expect(said).toBe("md5\nsha1\n");
    },
  );

  test.skipIf(!jq)(`as JSON, which jq reads${jq ? "" : " [needs jq]"}`, async () => {
    const text = await made("json");
    const filter = `.baseline as $a | .rows[] | [.row, (.cells[$a].real.time_s / .cells["s2.medium"].real.time_s / .speedups["s2.medium"].real.value - 1 | fabs < 1e-9)]`;
    expect(by("jq", ["-c", filter], text)).toBe('["md5",true]\n["sha1",true]\n');
    expect(by("jq", ["-r", ".absence.state"], text)).toBe("none\n");
  });

  test.skipIf(!hasChromium)(
    `as a page and a picture, which a browser shows${hasChromium ? "" : " [needs chromium]"}`,
    async () => {
      await using browser = new Browser();
      await browser.open(await made("html"), { width: 1000 });
      expect(browser.complaints).toEqual([]);
      const names = `[...document.querySelectorAll("table.main tbody th.row")].map((one) => one.textContent)`;
      expect(await browser.value(names)).toEqual(["md5", "sha1", "geomean (2 of 2)"]);
      expect(await browser.value(`document.querySelectorAll("#order circle.run").length`)).toBe(trials);
      await browser.open(await made("svg"), { width: 1000, kind: "svg" });
      expect(browser.complaints).toEqual([]);
      expect(await browser.value(`document.querySelectorAll("text.label").length`)).toBe(2);
    },
  );

  test("as Go benchmark results, by that format's own grammar", async () => {
    const lines = (await made("benchstat")).split("\n").filter((line) => line !== "");
    expect(lines.filter((line) => !isKey(line) && !isResult(line))).toEqual([]);
    expect(new Set(lines.filter(isResult).map((line) => line.split("/")[0]))).toEqual(
      new Set(["BenchmarkMd5", "BenchmarkSha1"]),
    );
  });
});

test("explain says how a cell came about, with the figures of the table, and a changed run ends with 1", async () => {
  const ended = await desk.run(["explain", run, "sha1"]);
  expect(ended).toMatchObject({ status: 0, stderr: "" });
  const [, shown = "none"] = /\| sha1 \| (\S+ \S+) /.exec(await made("markdown")) ?? [];
  const text = ended.stdout.replace(/\s+/g, " ");
  expect(text).toContain(`s1.medium: real time: ${shown}, the geometric mean of 2 machines' medians: s1.medium-1 `);
  expect(text).not.toContain("hashes: md5");
  const folder = planted((copy) => edit(copy, third, (record) => ({ ...record, real_s: 0.5 })), { sums: false });
  const changed = await desk.runHere(["explain", folder]);
  expect(changed.status).toBe(1);
  expect(changed.stdout).toContain("changed since it was closed: records.ndjson");
});

test("a gate on it passes, and the answer stands last in the table and is computed again", async () => {
  const limits = ["--fail-if", "cpu slower than 900 %", "--fail-if", "geomean real slower than 900 %"];
  const ended = await desk.run(["report", run, ...limits]);
  expect(ended).toMatchObject({ status: 0, stderr: "" });
  expect(ended.stdout).toMatch(
    /\ngate: pass\n {2}pass: cpu slower than 900 %: 2 comparisons, slowest [\s\S]*\n {2}pass: geomean real/,
  );
  const stored = await desk.runHere(["report", run, ...limits, "--format", "json", "--out", "gate.json"]);
  expect(stored.stderr).toMatch(/^gate: pass\n/);
  expect((await desk.runHere(["verify", run, "--against", "gate.json"])).status).toBe(0);
  const path = join(desk.folder, "gate.json");
  writeFileSync(path, readFileSync(path, "utf8").replace('"answer": "pass"', '"answer": "fail"'));
  const forged = await desk.runHere(["verify", run, "--against", "gate.json"]);
  expect(forged.stdout).toMatch(/gate\.json: gate\.answer: expected "pass", found "fail"/);
  expect(forged.status).toBe(1);
});

const lastLine = async (): Promise<string> => (await made("table")).trim().split("\n").at(-1) ?? "";

describe("verify", () => {
  test("passes on a run as it is, on its bundle, and on the tables that were made of it", async () => {
    await desk.runHere(["report", run, "--format", "json", "--out", "table.json"]);
    const sums = /sums ([0-9a-f]{12})/.exec(await lastLine())?.[1] ?? "";
    const ended = await desk.run(["verify", run, "--sums", sums, "--against", "table.json"]);
    expect(ended).toMatchObject({ status: 0, stderr: "" });
    expect(ended.stdout).toContain(
      `${trials} fit plan, facts and each other; ${trials} digests are those of their work`,
    );
    expect(ended.stdout.match(/^ok /gm)).toHaveLength(5);
    expect(await desk.run(["bundle", run])).toMatchObject({ status: 0 });
    expect(await desk.run(["verify", `${run}.tar.gz`, "--sums", sums])).toMatchObject({ status: 0 });
  });

  test("passes where a machine was given up before it said on which host it is", async () => {
    const skipped = { status: "skipped", reason: "agent", driver: "none", host_id: "" };
    const timeless = { real_s: undefined, user_s: undefined, system_s: undefined, digest: undefined, check: undefined };
    const folder = planted((copy) => edit(copy, third, (record) => ({ ...record, ...timeless, ...skipped })));
    expect(await desk.runHere(["verify", folder])).toMatchObject({ status: 0, stderr: "" });
  });

  // Each is a change that somebody might make who wants another table.
  test.each<[string, (folder: string) => void, { sums?: boolean }, RegExp]>([
    [
      "a time, the sums left as they were",
      (folder) => edit(folder, third, (r) => ({ ...r, real_s: 0.5 })),
      { sums: false },
      /^FAIL {2}files {4}records\.ndjson: expected SHA-256/m,
    ],
    [
      "a file taken out",
      (folder) => rmSync(join(folder, "machines", "s2.medium-1"), { recursive: true }),
      { sums: false },
      /^FAIL {2}files {4}machines\/s2\.medium-1\/facts\.json: named in/m,
    ],
    [
      "a file put in",
      (folder) => (mkdirSync(join(folder, "x")), writeFileSync(join(folder, "x", "y"), "")),
      { sums: false },
      /^FAIL {2}files {4}x\/y: not named/m,
    ],
    [
      "a digest",
      (folder) => edit(folder, third, (r) => ({ ...r, digest: digests.sha256 })),
      {},
      /^FAIL {2}records {2}records\.ndjson:\d+: digest: expected 52e5f9c9/m,
    ],
    [
      "a failed trial called completed",
      (folder) => edit(folder, third, (r) => ({ ...r, exit_status: 1 })),
      {},
      /records\.ndjson:\d+: exit_status: expected 0/,
    ],
    [
      "a failed trial that kept its times",
      (folder) => edit(folder, third, (r) => ({ ...r, status: "failed", reason: "exit" })),
      {},
      /^FAIL {2}records .*records\.ndjson:\d+: /m,
    ],
    [
      "a trial counted twice",
      (folder) =>
        edit(
          folder,
          fourth,
          () =>
            JSON.parse(readFileSync(join(folder, "records.ndjson"), "utf8").split("\n")[third - 1] as string) as object,
        ),
      {},
      /records\.ndjson:\d+: the same trial as in line \d+/,
    ],
    [
      "a slow trial taken out",
      (folder) => {
        const path = join(folder, "records.ndjson");
        writeFileSync(
          path,
          readFileSync(path, "utf8")
            .split("\n")
            .toSpliced(fourth - 1, 1)
            .join("\n"),
        );
      },
      {},
      /expected round 4, found none/,
    ],
    [
      "a round that is far beyond the others",
      (folder) => edit(folder, third, (r) => ({ ...r, round: 9e15 })),
      {},
      /expected round 3, \d+-8999999999999999, found none/,
    ],
    [
      "a trial moved to the other side",
      (folder) => edit(folder, third, (r) => ({ ...r, side: "s2.medium" })),
      {},
      /expected side s1\.medium, found s2\.medium/,
    ],
    [
      "a taint wiped off",
      (folder) => edit(folder, third, (r) => ({ ...r, swapped_pages: 12 })),
      {},
      /records\.ndjson:\d+: tainted: expected swap/,
    ],
    [
      "more CPU time than there was",
      (folder) => edit(folder, third, (r) => ({ ...r, user_s: 9 })),
      {},
      /impossible-time: 9(\.\d+)? s of CPU in/,
    ],
    [
      "other parameters",
      (folder) => edit(folder, third, (r) => ({ ...r, params: { blocks: "1" } })),
      {},
      /parameter blocks: expected 10000, found 1/,
    ],
    [
      "a machine's host",
      (folder) => edit(folder, third, (r) => ({ ...r, host_id: "elsewhere" })),
      {},
      /host_id: expected .+, found elsewhere/,
    ],
  ])("fails on a planted change: %s", async (_, change, options, said) => {
    const ended = await desk.runHere(["verify", planted(change, options)]);
    expect(ended.status).toBe(1);
    expect(ended.stdout).toMatch(said);
    expect(ended.stdout).not.toMatch(/^verified/m);
  });

  test("a time that was changed together with the sums does not have the sums that the table bears", async () => {
    const sums = /sums ([0-9a-f]{12})/.exec(await lastLine())?.[1] ?? "";
    await desk.runHere(["report", run, "--format", "json", "--out", "honest.json"]);
    const folder = planted((one) => edit(one, third, (r) => ({ ...r, real_s: 50, user_s: 0.4 })));
    const ended = await desk.run(["verify", folder, "--sums", sums, "--against", "honest.json"]);
    expect(ended.status).toBe(1);
    expect(ended.stdout).toMatch(new RegExp(`^FAIL {2}sums .*expected sums ${sums}`, "m"));
    const asJson = await desk.runHere([
      "verify",
      folder,
      "--sums",
      sums,
      "--against",
      "honest.json",
      "--format",
      "json",
    ]);
    expect(asJson).toMatchObject({ status: 1, stderr: "" });
    const { checks, ...whole } = JSON.parse(asJson.stdout) as { checks: { name: string; ok: boolean }[] };
    expect(whole).toEqual({ schema: 1, run: folder, verified: false });
    const lines = ended.stdout.split("\n").map((line) => /^(ok|FAIL) +(\w+) /.exec(line) ?? []);
    for (const { name, ok } of checks) expect(lines.map(([, word, of]) => `${word} ${of}`)).toContain(`${ok ? "ok" : "FAIL"} ${name}`); // prettier-ignore
    expect(checks.find(({ name }) => name === "sums")).toEqual({
      name: "sums",
      ok: false,
      count: 1,
      findings: [{ where: "SHA256SUMS", what: expect.stringContaining(`expected sums ${sums}`) }],
    });
    expect(ended.stdout).toMatch(/^FAIL {2}table .*cells\.s1\.medium\.real/m);
  });

  test("a report that is a FIFO is refused, not waited for", async () => {
    execFileSync("mkfifo", [join(desk.folder, "fifo.json")]);
    const ended = await desk.run(["verify", run, "--against", "fifo.json"]);
    expect(ended).toMatchObject({
      status: 2,
      stderr: 'timetrial: --against "fifo.json": expected a plain file, found something else\n',
    });
  });

  test("a number that was changed in the table is named", async () => {
    await desk.runHere(["report", run, "--format", "json", "--out", "forged.json"]);
    const path = join(desk.folder, "forged.json");
    const table = JSON.parse(readFileSync(path, "utf8")) as {
      rows: { speedups: { "s2.medium": { cpu: { value: number } } } }[];
    };
    (table.rows[1] as (typeof table.rows)[number]).speedups["s2.medium"].cpu.value = 3;
    writeFileSync(path, JSON.stringify(table));
    const ended = await desk.runHere(["verify", run, "--against", "forged.json"]);
    expect(ended.status).toBe(1);
    expect(ended.stdout).toMatch(/forged\.json: rows\[1\]\.speedups\.s2\.medium\.cpu\.value: expected .*, found 3$/m);
  });

  test("a price reckoned wrongly, a fact or a machine that runs on, changed in the table, is named", async () => {
    const priced = ["report", run, "--price", "s1.medium=3.6", "--price", "s2.medium=7.2", "--format", "json"];
    const table = JSON.parse((await desk.runHere(priced)).stdout) as {
      priced: { rows: { jobs: { "s1.medium": { usd: number } } }[] }[];
      facts: Record<string, { ncpu: number }>;
      absence: unknown;
    };
    const path = join(desk.folder, "priced.json");
    writeFileSync(path, JSON.stringify(table));
    expect(await desk.runHere(["verify", run, "--against", "priced.json"])).toMatchObject({ status: 0 });
    for (const [change, said] of [
      [
        () =>
          (((table.priced[0] as (typeof table.priced)[number]).rows[0] as { jobs: object }).jobs = {
            "s1.medium": { usd: 1 },
          }),
        "priced[0].rows[0].jobs.s1.medium.usd",
      ],
      [() => ((table.facts["s1.medium-1"] as { ncpu: number }).ncpu = 77), "facts.s1.medium-1.ncpu"],
      [() => (table.absence = null), "absence"],
    ] as const) {
      change();
      writeFileSync(path, JSON.stringify(table));
      const ended = await desk.runHere(["verify", run, "--against", "priced.json"]);
      expect(ended.status).toBe(1);
      expect(ended.stdout).toContain(`priced.json: ${said}: expected `);
    }
    writeFileSync(path, JSON.stringify({ ...table, priced: "cheap" }));
    expect(await desk.runHere(["verify", run, "--against", "priced.json"])).toMatchObject({ status: 2 });
  });
});

describe("bundle", () => {
  test("has byte-identical tables, in every format", async () => {
    await desk.runHere(["bundle", run, "--out", "b.tar.gz"]);
    for (const format of ["table", "markdown", "csv", "csv-long", "json", "html", "svg", "benchstat"]) {
      const folder = await made(format);
      expect(folder.length).toBeGreaterThan(100);
      expect(await desk.runHere(["report", "b.tar.gz", "--format", format])).toEqual({
        status: 0,
        stdout: folder,
        stderr: "",
      });
    }
  });

  test("changed by one byte is refused by report and verify, with the file named", async () => {
    await desk.runHere(["bundle", run, "--out", "c.tar.gz"]);
    const path = join(desk.folder, "c.tar.gz");
    const bytes = readFileSync(path);
    bytes[bytes.length - 300] = (bytes[bytes.length - 300] as number) ^ 0xff;
    writeFileSync(path, bytes);
    for (const command of ["report", "verify"]) {
      const ended = await desk.runHere([command, "c.tar.gz"]);
      expect(ended.status).toBe(1);
      expect(ended.stderr).toMatch(/c\.tar\.gz: records\.ndjson: changed/);
      expect(ended.stdout).toBe("");
    }
  });

  test("too large for the memory has the same table, and leaves no temporary file", async () => {
    const temporary = join(desk.folder, "temporary");
    mkdirSync(temporary);
    const folder = planted(addLargeLogs);
    await desk.run(["bundle", folder, "--out", "large.tar.gz"]);
    const ended = await desk.run(["report", "large.tar.gz"], { TMPDIR: temporary });
    const { stdout } = await desk.run(["report", folder]);
    expect(ended).toEqual({ status: 0, stdout, stderr: "" });
    expect(readdirSync(temporary)).toEqual([]);
  });

  test.each([
    ["small", () => {}],
    ["large", addLargeLogs],
  ])("that is %s and has a line that is no record is refused with file and line", async (size, change) => {
    const folder = planted((copy) => {
      change(copy);
      edit(copy, third, () => ({}));
    });
    await desk.run(["bundle", folder, "--out", `${size}-odd.tar.gz`]);
    const ended = await desk.run(["report", `${size}-odd.tar.gz`]);
    expect(ended).toMatchObject({ status: 1, stdout: "" });
    expect(ended.stderr).toContain(`: ${size}-odd.tar.gz: records.ndjson:${third}: status: expected `);
  });

  test("never writes over a file", async () => {
    writeFileSync(join(desk.folder, "there"), "mine");
    expect(await desk.runHere(["bundle", run, "--out", "there"])).toMatchObject({ status: 2 });
    expect(readFileSync(join(desk.folder, "there"), "utf8")).toBe("mine");
  });
});

test("a side against itself says how often a difference is called, and so does its report", async () => {
  const words = ["compare", "local", "--aa", "--suite", "hashes/sha1/openssl-evp", "--set", "blocks=10000"];
  // As many rounds as an interval takes: on a busy host, runs are left out for steal.
  const ended = await desk.run([...words, "--until", "50%:cpu", "--rounds", "100", "--results", "aa"]);
  expect(ended.status).toBe(0);
  const said = ended.stdout.replaceAll(/\s+/g, " ");
  expect(said).toMatch(/^local#1 -> local#2 · /);
  expect(said).toMatch(
    /A\/A, cpu: [01] of 1 95 % intervals exclude 1 \((0|100) %\); 5 %, or 0\.05, are expected A\/A, cpu: [01] of 1 are called a difference \((0|100) %\)/,
  );
  const again = await desk.runHere(["report", desk.runName("aa"), "--results", "aa"]);
  expect(again.stdout).toBe(ended.stdout);
});
