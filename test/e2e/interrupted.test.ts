// What an interrupted or failed run on this machine leaves: its measurements printed, its setup cleaned up.

import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Desk, type Ended } from "../support/cli.ts";
import { until } from "../support/until.ts";

let desk: Desk;
beforeEach(() => {
  desk = new Desk(0.02);
});
afterEach(() => desk.clear());

/** Starts a run of many short trials and interrupts it once `trials` of them have run on the machine. */
async function interrupted(words: readonly string[], trials: number): Promise<Ended> {
  const { child, ended } = desk.start(words);
  const ran = join(desk.folder, "ran");
  await until(() => existsSync(ran) && readFileSync(ran, "utf8").length >= trials);
  child.kill("SIGINT");
  return await ended;
}

const keptRuns = (stdout: string): number => Number(/(\d+)\s+kept\s+runs\s+each/.exec(stdout)?.[1] ?? 0);

test("Ctrl-C prints what was measured, cleans up, and names resume, which sets up anew and goes on", async () => {
  const steps = ["--setup", "echo x >>made", "--cleanup", "rm made; echo gone >>gone"];
  const command = ["--", "sh", "-c", "sleep 0.05; printf x >>ran"];
  const first = await interrupted(["run", "--rounds", "5000", ...steps, ...command], 12);
  expect(first.status).toBe(130);
  expect(first.stderr).toContain("SIGINT: stopping; once more ends at once");
  expect(first.stderr).not.toContain("giving back");
  const kept = keptRuns(first.stdout);
  expect(kept).toBeGreaterThanOrEqual(11);
  const [run = ""] = readdirSync(join(desk.folder, "results"));
  expect(first.stderr).toContain(`go on with timetrial resume ${run}`);
  expect(existsSync(join(desk.folder, "made"))).toBe(false);
  expect(readFileSync(join(desk.folder, "gone"), "utf8")).toBe("gone\n");

  const again = await interrupted(["resume", run], readFileSync(join(desk.folder, "ran"), "utf8").length + 5);
  expect(keptRuns(again.stdout)).toBeGreaterThan(kept);
  expect(readFileSync(join(desk.folder, "gone"), "utf8")).toBe("gone\ngone\n");
});

test.each([
  ["its setup fails", ["--setup", "touch made; exit 9"], "true"],
  ["a trial fails", ["--setup", "touch made"], "false"],
])("cleanup runs where %s", async (_, setup, command) => {
  const ended = await desk.run(["run", "--rounds", "2", ...setup, "--cleanup", "mv made cleaned", "--", command]);
  expect(ended.status).toBe(1);
  expect(existsSync(join(desk.folder, "cleaned"))).toBe(true);
});

test("a cleanup that fails is said, and the exit status shows it", async () => {
  const ended = await desk.run(["run", "--rounds", "2", "--cleanup", "echo in use >&2; exit 4", "--", "true"]);
  expect(ended.status).toBe(1);
  expect(ended.stderr).toContain("local-1: cleanup of command failed: exit 4: in use");
  expect(ended.stdout).toMatch(/0 of 1 runs left out/);
});

test("what a command leaves running is named, killed and a failure", async () => {
  // Until it executes sleep, the child has the name and the command line of sh; then for a moment it has none.
  const isSleep = '[ "$(cat /proc/$!/comm)" = sleep ] && grep -q . /proc/$!/cmdline';
  const script = `sleep 98765 & until ${isSleep}; do :; done; echo $! >pid`;
  const ended = await desk.run(["run", "--rounds", "2", "--", "sh", "-c", script]);
  expect(ended.status).toBe(1);
  expect(ended.stdout).toContain("! most runs left out");
  expect(ended.stdout).toContain("left running, and killed: sleep 98765");
  const pid = Number(readFileSync(join(desk.folder, "pid"), "utf8"));
  expect(() => process.kill(pid, 0)).toThrow("ESRCH");
});

test("what nobody went on with for a week is removed from the machine, and named", async () => {
  const old = join(desk.folder, "home", "runs", "forgotten");
  const shipped = join(desk.folder, "home", "ship");
  await desk.run(["run", "--rounds", "2", "--quiet", "--", "true"]);
  mkdirSync(join(old, "batches"), { recursive: true });
  mkdirSync(join(shipped, "unused"));
  writeFileSync(join(shipped, "unused.ok"), "");
  const past = Date.now() / 1000 - 9 * 86_400;
  utimesSync(join(old, "batches"), past, past);
  utimesSync(join(shipped, "unused.ok"), past, past);
  const ended = await desk.run(["run", "--rounds", "2", "--", "true"]);
  expect(ended.stderr).toContain("local-1: removed what no run had used for a week: run forgotten archive unused");
  expect([existsSync(old), existsSync(join(shipped, "unused"))]).toEqual([false, false]);
  expect(readdirSync(shipped).filter((name) => name.endsWith(".ok")).length).toBeGreaterThanOrEqual(2);
});
