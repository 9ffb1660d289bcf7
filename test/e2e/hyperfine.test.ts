// A script of lines that a user of hyperfine types, each with what that user expects of it.

import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readHyperfineOptions } from "../../src/cli/options/hyperfine-options.ts";
import { Desk, type Ended } from "../support/cli.ts";
import { lostToOthers, statusWithoutOthers } from "../support/run-status.ts";

let desk: Desk;
beforeAll(() => {
  desk = new Desk(0.02);
  for (const name of ["a", "b"]) {
    writeFileSync(join(desk.folder, name), "#!/bin/sh\nexit 0\n");
    chmodSync(join(desk.folder, name), 0o755);
  }
});
afterAll(() => desk.clear());

/** The words of a line as it is typed, apart by blanks, quotes as sh has them. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}

/** What comes of a line that is typed: in a process of its own where something is run and timed, else in this one. */
async function typed({ line, status }: Line): Promise<Ended> {
  return line.startsWith("run ") && status !== 2 ? await desk.run(wordsOf(line)) : await desk.runHere(wordsOf(line));
}

const text = ({ stdout }: Ended): string => stdout.replaceAll(/ +/g, " ");
const read = (file: string): string => readFileSync(join(desk.folder, file), "utf8");

interface Line {
  readonly line: string;
  readonly status?: number;
  readonly stdout?: RegExp | readonly RegExp[];
  readonly stderr?: RegExp;
  readonly not?: RegExp;
}

const ms = String.raw`[\d.]+ ms`;

const script: readonly Line[] = [
  // One command: its time and how it spreads.
  {
    line: "run -- true",
    stdout: [/ 9 kept runs each/, new RegExp(`^ true ${ms} [\\d.]+-${ms} [\\d.]+ … ${ms} ${ms}$`, "m")],
  },
  { line: "run -w 0 -r 2 -- true", stdout: /0 of 2 runs left out/ },
  { line: "run -w 3 -r 2 -- true", stderr: /round 1 of 5/, stdout: /2 kept runs each/ },
  { line: "run --warmup 0 --runs 1 --command-name quick -- true", stdout: [/1 kept run each/, /^ quick /m] },
  { line: "run -N -m 11 -- true", stdout: [/11 kept runs each/, /^ true /m] },
  { line: "run -M 3 -S none -- true", stdout: [/3 kept runs each/, /^ true /m] },
  { line: "run -m 2 -M 4 -n quick -- true", stdout: [/4 kept runs each/, /^ quick /m] },
  { line: "run -r 1 -S sh -- 'true | true'", stdout: /true \| true/ },
  // Two commands and more: the times of all, the speedups, and one last line.
  {
    line: "run -r 10 -- 'sleep 0.02' 'sleep 0.3'",
    stdout: [
      /^2 commands · local · /,
      /^sleep 0\.02 .*baseline$/m,
      /^sleep 0\.3 .*0\.\d+x/m,
      /\nfastest: sleep 0\.02, [\d.]+x .* as fast as sleep 0\.3\n$/,
    ],
    not: /share a host|drivers|local-1/,
  },
  {
    // Six kept runs give an interval: four may be left out, for a host that others use.
    line: "run -r 10 -- 'sleep 0.5' 'sleep 0.2' 'sleep 0.02'",
    stdout: [/^3 commands/, /fastest: sleep 0\.02; .*as\s+fast\s+as\s+sleep 0\.5; .*as\s+fast\s+as\s+sleep 0\.2\n$/s],
  },
  {
    line: "run -r 2 -- 'sleep 0.01' 'sleep 0.011'",
    stdout: [/\(\d\.\d+\) ‡/, /‡ no interval: that takes 6 kept runs/, /least time: .* without\s+an interval/],
    not: /\dx/,
  },
  { line: "run -r 1 --reference 'sleep 0.1' -- 'sleep 0.01 '", stdout: /^sleep 0\.1 .*baseline$/m },
  { line: "run -r 1 --command 'sleep 0.01' --command 'sleep 0.02'", stdout: /^2 commands/ },
  { line: "run -r 1 -n one -n two -- 'sleep 0.01' 'sleep 0.02'", stdout: [/^one /m, /^two /m] },
  // Parameters.
  { line: "run -r 1 -L n 0.01,0.02 -- sleep {n}", stdout: [/^sleep 0\.01 /m, /^sleep 0\.02 /m] },
  { line: "run -r 1 -P n 1 3 -- 'sleep 0.0{n}'", stdout: [/^3 commands/, /^sleep 0\.03 /m] },
  {
    line: "run -r 1 -P n 0.01 0.02 -D 0.005 -- 'sleep {n}'",
    stdout: [/^sleep 0\.010 /m, /^sleep 0\.015 /m, /^sleep 0\.020 /m],
  },
  {
    line: "run -r 1 --parameter-list x a,b --parameter-list y 1,2 -n '{x}-{y}' -- 'echo {x} {y}'",
    stdout: [/^4 commands/, /^b-2 /m],
  },
  {
    line: "run -r 1 -L n 1,2 -p 'echo {n}' -- 'echo {n}'",
    status: 2,
    stderr: /--prepare: \{n\}: a parameter stands in commands only/,
  },
  { line: "run -r 1 -P n 1 -- 'echo {n}'", status: 2, stderr: /-P: expected VAR, MIN and MAX/ },
  // Steps around.
  { line: "run -w 0 -r 2 -s 'echo s >>steps' -p 'echo p >>steps' -c 'echo c >>steps' -- true", stdout: /0 of 2/ },
  // A command that fails: its own words, once, and no more rounds.
  {
    line: "run -r 5 -- ls no-such-file",
    status: 1,
    stderr: /local-1: printed: .*no-such-file.*\n {2}kept in \S+\/logs\/\S+\n/,
    stdout: [/^ ls no-such-file fail/m, /5 of 5 runs left out \(5 not run after a failure\)/],
    not: /did not run/,
  },
  { line: "run -r 2 -i -- false", stdout: /^ false [\d.]+ ms/m },
  {
    line: "run -r 2 --ignore-failure --format json -- no-such-program",
    status: 1,
    stderr: /command not found.*not every row has a result: 2 of 2 runs left out \(/s,
  },
  // Files.
  { line: "run -r 1 --export-json t.json --export-csv t.csv --export-markdown t.md -- true", stdout: /^ true /m },
  { line: "run -r 1 --out t2.json --out t2.html -- true", not: /./ },
  { line: "run -r 1 --export-json no/such/t.json -- true", status: 2, stderr: /cannot write "no\/such\/t\.json"/ },
  { line: "run -r 1 --no-save -- true", stdout: /^ true /m },
  { line: "report latest", stdout: /^local · / },
  // What is written otherwise here.
  {
    line: "run 'sleep 1' 'sleep 2'",
    status: 2,
    stderr: /commands stand behind --\n {2}timetrial run -- 'sleep 1' 'sleep 2'/,
  },
  {
    line: "run -r 1 -- ./a ./b",
    stderr: /timing one command, \.\/a \.\/b; to compare the programs: --command \.\/a --command \.\/b/,
  },
  { line: "run --show-output -- true", status: 2, stderr: /--show-output is an option of hyperfine/ },
  { line: "run --style full -- true", status: 2, stderr: /--quiet/ },
  { line: "run --output null -- true", status: 2, stderr: /--check sees/ },
  { line: "run -r 2 --rounds 3 -- true", status: 2, stderr: /--runs: expected no --rounds beside it/ },
  {
    line: "list suites",
    stdout: [/^world .*\(no interval on one machine: \d kept runs?\)$/m, /^compress .*all$/m],
    not: /shellcheck/,
  },
  {
    line: "plan a=local b=local --suite sources",
    stdout: /^too few +sources: no interval: that takes 6 kept runs on each machine \(--rounds\s+7\), not 2$/m,
  },
  { line: "plan a=local b=local --suite compress", not: /too few/ },
  { line: "run hashse", status: 2, stderr: /did you mean hashes\?/ },
  { line: "list suite", status: 2, stderr: /did you mean suites\?/ },
];

test("the page of commands says truly which options of hyperfine are here", () => {
  const page = readFileSync(join(dirname(fileURLToPath(import.meta.url)), "..", "..", "docs", "commands.md"), "utf8");
  const rows = [...page.matchAll(/^\| (`-[^|]*) \| (.*) \|$/gm)].filter(([, names = ""]) => !/[A-Z]{3}/.test(names));
  expect(rows.length).toBeGreaterThan(20);
  for (const [, names = "", here = ""] of rows)
    for (const [, name = ""] of names.matchAll(/`([^`]+)`/g)) {
      const read = (): string[] => readHyperfineOptions([name, "a", "1", "2"]);
      if (here.startsWith("not here"))
        expect(read, name).toThrow(/is an option of hyperfine that timetrial does not have/);
      else expect(read, name).not.toThrow();
    }
});

describe("a user of hyperfine types", () => {
  test.each(script)("$line", async (typing) => {
    const { line, status = 0, stdout = [], stderr, not } = typing;
    const ended = await typed(typing);
    expect([statusWithoutOthers(ended, status), ended.stderr]).toEqual([status, ended.stderr]);
    const lost = lostToOthers(ended);
    // The table has other numbers of runs then, or none.
    if (lost !== undefined) console.log(`table not judged of ${line}: ${lost}`);
    else for (const pattern of [stdout].flat()) expect(text(ended)).toMatch(pattern);
    if (stderr !== undefined) expect(ended.stderr).toMatch(stderr);
    if (not !== undefined) expect(ended.stdout).not.toMatch(not);
  });

  test("and finds what the lines before have left", () => {
    expect(read("steps")).toBe("s\np\np\nc\n");
    expect(JSON.parse(read("t.json"))).toMatchObject({ schema: 1, rows: [{ title: "true" }] });
    expect(read("t.csv")).toContain("real_s");
    expect(read("t.md")).toContain("| true |");
    expect(JSON.parse(read("t2.json"))).toMatchObject({ schema: 1 });
    expect(read("t2.html")).toMatch(/^<!doctype html>/i);
    expect(existsSync(join(desk.folder, "no"))).toBe(false);
  });

  test("runs of commands here are kept in the state folder, where report finds them by name", async () => {
    const elsewhere = { TIMETRIAL_RESULTS: undefined };
    const ended = await desk.run(["run", "-r", "1", "--", "true"], elsewhere);
    const [, folder = ""] = /results in (\S+)/.exec(ended.stderr) ?? [];
    expect(folder).toContain(join(desk.folder, "state", "timetrial", "results"));
    const again = await desk.runHere(["report", folder.replace(/.*\//, "")], elsewhere);
    expect(again.stdout).toBe(ended.stdout);
    expect((await desk.runHere(["report", "latest"], elsewhere)).stdout).toBe(ended.stdout);
    // The word is a run only behind the sign: before it, it is a label like any other.
    for (const [given, label] of [
      ["new=latest", "new"],
      [`latest=${folder.replace(/.*\//, "")}`, "latest"],
    ] as const) {
      const labelled = await desk.runHere(["report", given], elsewhere);
      expect([labelled.status, labelled.stderr]).toEqual([0, ""]);
      expect(labelled.stdout).toMatch(new RegExp(`^${label}\\b`));
    }
  });

  test("a suite of one's own beside the user is named with its folder", async () => {
    mkdirSync(join(desk.folder, "mine"));
    writeFileSync(join(desk.folder, "mine", "suite.toml"), "");
    const ended = await desk.run(["run", "mine"]);
    expect([ended.status, ended.stderr]).toEqual([2, expect.stringContaining("written with its folder: ./mine")]);
  });

  test("COLUMNS is heard in a pipe", async () => {
    const [first = ""] = (await desk.runHere(["report", "latest"], { COLUMNS: "30" })).stdout.split("\n");
    expect(first.length).toBeLessThanOrEqual(30);
  });
});
