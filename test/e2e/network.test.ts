// A resolver that fails in the middle of a run (test/support/resolver.mjs stands in for it): a run whose machines may be left
// is not finished, and `resume` goes on giving back.

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Desk, type Running } from "../support/cli.ts";
import { statusWithoutOthers } from "../support/run-status.ts";
import { until } from "../support/until.ts";

let desk: Desk;
beforeEach(async () => {
  desk = new Desk(0.01);
  await desk.sandbox(["--idle-s", "10000"]);
});
afterEach(() => desk.clear());

const resolver = new URL("../support/resolver.mjs", import.meta.url).href;
const noNames = (): string => join(desk.folder, "no-names");
const records = (): string[] => desk.lines<{ status: string }>("records.ndjson").map(({ status }) => status);
const states = async (): Promise<(string | undefined)[]> =>
  (await desk.instances()).map(({ State: state }) => state?.Name);

const withNoNames = (): Record<string, string> => ({
  NODE_OPTIONS: `--import=${resolver}`,
  TIMETRIAL_TEST_NO_NAMES: noNames(),
});

/** A run that has measured once, by a client whose names lead nowhere while the file `noNames` is there. */
async function measuring(): Promise<Running & { said: () => string }> {
  const words = ["run", "--on", "s2.medium", "--cloud", "sandbox", "--machines", "1", "--rounds", "4"];
  const running = desk.start([...words, "--", "sleep", "2"], withNoNames());
  let said = "";
  running.child.stderr?.on("data", (bytes: Buffer) => (said += bytes.toString()));
  await until(() => records().length > 0);
  return { ...running, said: () => said };
}

test("names that lead nowhere for a while cost no trial: the run goes on to its end, and nothing is left", async () => {
  const { ended } = await measuring();
  writeFileSync(noNames(), "");
  // More than one call tries by itself, and far less than the hundredth of five minutes for which a command is sent again.
  await until(() => readFileSync(noNames(), "utf8").length >= 8);
  rmSync(noNames());
  const done = await ended;
  const { stdout, stderr } = done;
  expect([statusWithoutOthers(done, 0), stderr]).toEqual([0, expect.any(String)]);
  expect(stdout).toContain("0 instances left running");
  expect(records()).toEqual(["completed", "completed", "completed", "completed"]);
  expect(await states()).toEqual(["terminated"]);
}, 120_000);

test("a run that cannot give its machines back says so with 3 and how to end them, is not finished, and resume gives them back", async () => {
  const { child, ended } = await measuring();
  writeFileSync(noNames(), "");
  child.kill("SIGINT");
  const { status, stderr } = await ended;
  expect(status, stderr).toBe(3);
  expect(stderr).toMatch(/machines may be left running: .*ENOTFOUND/);
  expect(stderr).toMatch(/ {2}end them with: timetrial sweep --run \S+ .*--cloud sandbox/);
  // It does run on: nobody has ended it.
  expect(await states()).toEqual(["running"]);
  expect(desk.lines<{ kind: string }>("course.ndjson").map(({ kind }) => kind)).not.toContain("finished");

  // Nor is anything ended by a client that reaches nobody from its start: it says that they may be there.
  const blind = await desk.run(["resume", desk.runName(), "--results", "results"], withNoNames());
  expect(blind.status, blind.stderr).toBe(3);
  expect(blind.stderr).toMatch(/there is no such endpoint .*ENOTFOUND[^]*may be left running: i-/);

  rmSync(noNames());
  const again = await desk.run(["resume", desk.runName(), "--results", "results"]);
  expect([statusWithoutOthers(again, 0), again.stderr]).toEqual([0, expect.any(String)]);
  expect(again.stdout).toContain("0 instances left running");
  expect(records()).toEqual(["completed", "completed", "completed", "completed"]);
  expect(await states()).toEqual(["terminated"]);

  // A ledger without what became of the machines is no proof that they are gone, though the run is finished.
  const ledger = join(desk.folder, "results", desk.runName(), "ledger.ndjson");
  const known = readFileSync(ledger, "utf8")
    .split("\n")
    .filter((line) => !/"kind":"(absence|terminated)"/.test(line));
  writeFileSync(ledger, known.join("\n"));
  const asked = await desk.run(["resume", desk.runName(), "--results", "results"]);
  expect(asked.stderr).not.toContain("there is nothing to do");
  expect([statusWithoutOthers(asked, 0), asked.stdout]).toEqual([
    0,
    expect.stringContaining("0 instances left running"),
  ]);
}, 120_000);
