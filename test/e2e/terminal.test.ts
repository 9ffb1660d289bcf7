// Progress on a real terminal: a pty of python3, with the built command line on it.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LiveView } from "../../src/cli/run/live-view.ts";
import { which } from "../support/suite-steps.ts";
import type { RunEvent } from "../../src/domain/run/events.ts";
import type { PlannedRow } from "../../src/domain/plan/plan.ts";
import type { TrialRecord } from "../../src/domain/run/trial-record.ts";
import { aPlan, aRecord, aSuite } from "../support/given.ts";
import { Desk } from "../support/cli.ts";
import { atTerminal } from "../support/pty.ts";
import { until } from "../support/until.ts";

const cli = join(import.meta.dirname, "../../dist/cli.js");
const words = ["run", "hashes/sha256/openssl-evp", "--rounds", "3", "--set", "blocks=10000"];
let desk: Desk;
beforeAll(() => {
  desk = new Desk(0.02);
});
afterAll(() => desk.clear());

test.skipIf(which("python3") === undefined)(
  "a terminal shows each machine's round and leaves only the table [needs python3]",
  async () => {
    const [python, ...rest] = atTerminal([process.execPath, cli, ...words, "--", "sleep", "0.05"]);
    const { stdout } = await promisify(execFile)(python, rest, { cwd: desk.folder });
    expect(stdout).toContain("local-1  hashes: round 2 of 3, 1 of 6 trials done");
    // The table fills while the run goes on: medians so far, in the final table's layout.
    expect(stdout).toMatch(/so far:[^]*local[^]*real +cpu[^]*sha256 +[\d.]+ m?s/);
    // The view is taken off before the table is printed.
    const after = stdout.slice(stdout.lastIndexOf("\x1b[J") + 3);
    expect(after).toContain("sha256");
    expect(after).not.toContain("round");
    expect(after).not.toContain("\x1b");
  },
);

test.skipIf(which("python3") === undefined)(
  "a dumb terminal gets plain lines, as a pipe does [needs python3]",
  async () => {
    const [python, ...rest] = atTerminal([process.execPath, cli, ...words]);
    const env = { ...process.env, TERM: "dumb" };
    const { stdout } = await promisify(execFile)(python, rest, { cwd: desk.folder, env });
    expect(stdout).toContain("hashes: round 2 of 3 on local-1\r\n");
    expect(stdout).not.toContain("\x1b");
  },
);

test("a pipe gets plain lines, and nothing that moves a cursor", async () => {
  const ended = await desk.run(words);
  expect(ended.stderr).toContain("hashes: round 2 of 3 on local-1\n");
  expect(ended.stderr).not.toContain("\x1b");
});

test("of more machines than the terminal has rows the rest is counted, and lines are cut to its width", () => {
  const written: string[] = [];
  const live = new LiveView({ write: (text) => written.push(text), columns: 30, rows: 6 }, true, () => 0);
  for (let i = 1; i <= 9; i++)
    live.observe({ what: "round", suite: "hashes", round: 1, of: 10, machine: `c7g.8xlarge-${i}` });
  const last = written.at(-1)?.split("\n") ?? [];
  expect(last.length - 1).toBe(4);
  expect(last.at(-2)).toContain("  +6 more");
  for (const line of written.join("").split("\n"))
    expect(line.split("\r").at(-1)?.replace("\x1b[K", "").length).toBeLessThan(30);
});

test("a view that did not change is not written again, and only changed lines are", () => {
  const written: string[] = [];
  const live = new LiveView({ write: (text) => written.push(text), columns: 80, rows: 24 }, true, () => 0);
  const round = (machine: string, number: number) =>
    live.observe({ what: "round", suite: "hashes", round: number, of: 10, machine });
  round("a", 1);
  round("b", 1);
  const before = written.length;
  round("b", 1);
  expect(written.length).toBe(before);
  round("b", 2);
  expect(written.at(-1)).toBe("\x1b[2A\n\r  b  hashes: round 2 of 10\x1b[K\n");
});

test("nothing is drawn for a record while trials are timed on this host", () => {
  const written: string[] = [];
  const live = new LiveView({ write: (text) => written.push(text) }, true, () => 1e9);
  live.observe({ what: "round", suite: "hashes", round: 1, of: 10, machine: "a" });
  const before = written.length;
  live.observe({ what: "record", record: aRecord() });
  expect(written.length).toBe(before);
});

test("how far a long step is stands beside its machine, and a machine that is gone is taken off", () => {
  const written: string[] = [];
  const live = new LiveView({ write: (text) => written.push(text), columns: 80, rows: 24 }, true, () => 0);
  live.observe({ what: "round", suite: "world", round: 1, of: 3, machine: "a" });
  for (const text of ["stage 1", "stage 2"])
    live.observe({ what: "step-progress", machine: "a", step: "world.r1.build.make", text });
  expect(written.at(-1)).toBe("\x1b[1A\r  a  world: round 1 of 3 · stage 2\x1b[K\n");
  live.observe({ what: "gone", machines: ["a"] });
  live.observe({ what: "round", suite: "world", round: 2, of: 3, machine: "b" });
  expect(written.at(-1)).not.toContain("  a  ");
});

describe("below the machines the table fills", () => {
  const plan = aPlan({
    spec: {
      ...aPlan().spec,
      baseline: "a",
      sides: ["a", "b"].map((name) => ({ name, kind: "local" as const })),
    },
    suites: [aSuite({ rows: ["md5", "sha1"].map((name) => ({ ...(aSuite().rows[0] as PlannedRow), name })) })],
  });
  let now = 0;
  const view = (rows: number, shown = plan): { live: LiveView; screen: () => string[] } => {
    const drawn: string[] = [];
    const live = new LiveView({ write: (text) => drawn.push(text), columns: 80, rows }, true, () => now);
    live.observe({ what: "planned", plan: shown, folder: "x" });
    const machine = { name: "a-1", side: "a", address: { kind: "local" as const } };
    live.observe({ what: "machine-ready", machine, after_s: 0 });
    // What was drawn anew each time is the whole screen.
    const screen = (): string[] => {
      drawn.length = 0;
      live.clear();
      now += 2000;
      live.observe({ what: "round", suite: "hashes", round: 2, of: 3, machine: "a-1" });
      return drawn
        .join("")
        .split("\n")
        .map((line) => line.replace(/^\r/, "").replace("\x1b[K", ""));
    };
    return { live, screen };
  };
  const timed = (side: string, row: string, round: number, real_s: number): RunEvent => ({
    what: "record",
    record: aRecord({ side, machine: `${side}-1`, row, round, real_s, user_s: real_s / 2, system_s: 0, work_id: "w" }),
  });

  test("with medians of what was kept, a dash where there is nothing, a speedup where both sides have run", () => {
    const { live, screen } = view(24);
    for (const [round, time_s] of [
      [1, 9],
      [2, 2],
      [3, 4],
    ] as const)
      live.observe(timed("a", "md5", round, time_s));
    live.observe(timed("b", "md5", 2, 1));
    live.observe(timed("b", "sha1", 1, 1));
    const lines = screen();
    expect(lines.slice(lines.indexOf("so far:"))).toEqual([
      "so far:",
      "              a                b         speedup",
      "          real     cpu    real      cpu  real   cpu",
      "hashes",
      "  md5   3.00 s  1.50 s  1.00 s  0.500 s  3.00x  3.00x",
      "  sha1       -       -       -        -  -      -",
      "",
    ]);
  });

  test("of three sides in lines of their own, with time and speedup each, as the final table has them", () => {
    const three = ["a", "b", "c"].map((name) => ({ name, kind: "local" as const }));
    const { live, screen } = view(24, { ...plan, spec: { ...plan.spec, sides: three } });
    for (const [side, time_s] of [
      ["a", 4],
      ["b", 2],
      ["c", 1],
    ] as const)
      live.observe(timed(side, "md5", 2, time_s));
    const lines = screen();
    expect(lines.slice(lines.indexOf("so far:")).slice(0, 7)).toEqual([
      "so far:",
      "                        speedup",
      "         real      cpu  real      cpu",
      "hashes",
      "  md5",
      "    a  4.00 s   2.00 s  baseline",
      "    b  2.00 s   1.00 s  2.00x     2.00x",
    ]);
  });

  test("without a speedup where the sides did other work", () => {
    const { live, screen } = view(24);
    live.observe(timed("a", "md5", 2, 2));
    const other = timed("b", "md5", 2, 1);
    if (other.what === "record") live.observe({ ...other, record: { ...other.record, work_id: "other" } });
    expect(screen().find((line) => line.includes("md5"))).toBe("  md5  2.00 s  1.00 s  1.00 s  0.500 s  -     -");
  });

  test("in what the terminal has room for", () => {
    const { live, screen } = view(7);
    live.observe(timed("a", "md5", 2, 2));
    const lines = screen().slice(0, -1);
    expect(lines).toHaveLength(5);
    expect(lines.at(-1)).toBe("  +3 more");
  });
});

test("the trials that will run are counted: no rows of other systems, none that is skipped, disturbed ones again", () => {
  const written: string[] = [];
  const live = new LiveView({ write: (text) => written.push(text), columns: 80, rows: 24 }, true, () => 0);
  const [row] = aSuite().rows as [PlannedRow];
  const rows = [row, { ...row, name: "skipped" }, { ...row, name: "other", os: ["freebsd"] }];
  live.observe({ what: "planned", plan: aPlan({ suites: [aSuite({ rows })] }), folder: "x" });
  const machine = { name: "local-1", side: "local", address: { kind: "local" as const } };
  live.observe({ what: "machine-setup", machine, uname: "Linux", capture: "cc", drivers: ["portable-c by c"] });
  for (const round of [1, 2, 3])
    live.observe({
      what: "record",
      record: { ...aRecord({ row: "skipped", round }), status: "skipped", reason: "needs: zstd" } as TrialRecord,
    });
  live.observe({ what: "record", record: aRecord({ round: 1 }) });
  const again = { trials: 1, why: "1 steal" };
  const shown = (event: object): string => {
    live.observe({ what: "round", suite: "hashes", of: 3, machine: "local-1", round: 2, ...event });
    const line = written
      .join("")
      .split("\r  ")
      .findLast((text) => text.startsWith("local-1"));
    return line?.split("\x1b")[0] ?? "";
  };
  expect(shown({})).toBe("local-1  hashes: round 2 of 3, 1 of 3 trials done");
  expect(shown({ round: 4, again })).toBe("local-1  hashes: 1 disturbed trial once more (1 steal), 1 of 4 trials done");
});

test("machines elsewhere are drawn five times a second at most, the last change too", async () => {
  const written: string[] = [];
  const live = new LiveView({ write: (text) => written.push(text) }, false);
  for (let round = 1; round <= 50; round++)
    live.observe({ what: "round", suite: "hashes", round, of: 50, machine: "a" });
  expect(written.length).toBe(1);
  await until(() => written.length > 1);
  expect(written.at(-1)).toContain("round 50 of 50");
  expect(written.length).toBe(2);
});
