// A run on simulated machines: it goes the whole way, and no output takes it for a measurement.

import { afterEach, beforeEach, expect, test } from "vitest";
import { Desk } from "../support/cli.ts";

let desk: Desk;
beforeEach(() => {
  desk = new Desk(0.02);
});
afterEach(() => desk.clear());

test("twelve simulated machines are measured without a warning, verified, and called simulated in every format", async () => {
  const settings = "step=0.02,setup=0";
  await desk.sandbox(["--idle-s", "10000", "--simulate", settings]);
  const env = { TIMETRIAL_SANDBOX_SIMULATE: settings };
  const words = ["compare", "s1.medium", "s2.medium", "--machines", "6", "--rounds", "3", "--cloud", "sandbox"];
  const ended = await desk.run([...words, "--suite", "hashes/md5"], env);
  expect(ended).toMatchObject({ status: 0 });
  expect(ended.stderr).not.toContain("Warning");
  expect(ended.stdout).toContain("0 instances left running");
  const run = desk.runName();
  expect(await desk.run(["verify", run])).toMatchObject({ status: 0 });
  for (const record of desk.lines("records.ndjson")) expect(record).toMatchObject({ capture: "simulated" });
  for (const format of ["table", "markdown", "csv", "json", "benchstat", "svg", "html"]) {
    const { status, stdout } = await desk.run(["report", run, "--format", format]);
    expect(status, format).toBe(0);
    expect(stdout.replace(/\s+/g, " "), format).toContain("simulated: nothing was measured");
  }
  expect((await desk.run(["explain", run])).stdout).toContain("simulated: nothing was measured");
  // Whoever wants other machines than the sandbox that runs has is told so.
  const other = await desk.run([...words, "--suite", "hashes/md5"], { TIMETRIAL_SANDBOX_SIMULATE: "step=1" });
  expect(other).toMatchObject({ status: 2 });
  expect(other.stderr).toContain("TIMETRIAL_SANDBOX_SIMULATE");
});
