// A run whose client is killed, gone on with by another: no trial lost, none measured twice under one attempt.

import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Plan } from "../../src/domain/plan/plan.ts";
import type { Exchange } from "../../src/sandbox/protocol/wire-log.ts";
import { Desk } from "../support/cli.ts";
import { heldStep } from "../support/held-step.ts";
import { until } from "../support/until.ts";

let desk: Desk;
beforeAll(() => {
  desk = new Desk(0.02);
});
afterAll(() => desk.clear());

interface Line {
  readonly kind?: string;
  readonly machine: string;
  readonly row: string;
  readonly round: number;
  readonly attempt: number;
  readonly status: string;
  readonly ids: string[];
  readonly side: string;
  readonly type: string;
}

const runOf = (results: string): string => desk.runName(results);
const lines = (results: string, name: string): Line[] => desk.lines(name, results);

/** Kills the client of `words` when each of its `machines` has done the first round, which is a batch, and none another. */
async function killed(results: string, machines: number, words: readonly string[]): Promise<void> {
  const [command = "", ...rest] = words;
  const { step, release } = heldStep(desk.folder, results, machines);
  const running = desk.start([command, "--results", results, ...rest, "--shell", "sh", "--", step]);
  await until(() => lines(results, "records.ndjson").length >= machines).finally(() => running.child.kill("SIGKILL"));
  await running.ended.finally(release);
}

const trials = (results: string) =>
  lines(results, "records.ndjson").map(({ machine, row, round }) => `${machine} ${row} ${round}`);

describe("resume", () => {
  const local = ["run", "--name", "a", "--rounds", "6"];

  test("goes on with a local run, from a torn line, to one record for each trial", async () => {
    await killed("torn", 1, local);
    appendFileSync(join(desk.folder, "torn", runOf("torn"), "records.ndjson"), '{"schema":1,"su');
    const ended = await desk.run(["resume", runOf("torn"), "--results", "torn"]);
    expect(ended.status).toBe(0);
    expect(trials("torn")).toEqual([1, 2, 3, 4, 5, 6].map((round) => `local-1 cmd-1 ${round}`));
    expect(ended.stdout).toMatch(/[0-4] of 5 runs left out/);
  });

  test("says of a finished run that it is, and changes nothing", async () => {
    const before = readFileSync(join(desk.folder, "torn", runOf("torn"), "SHA256SUMS"), "utf8");
    const ended = await desk.run(["resume", runOf("torn"), "--results", "torn"]);
    expect(ended).toMatchObject({ status: 0, stdout: "", stderr: expect.stringContaining("is finished") });
    expect(readFileSync(join(desk.folder, "torn", runOf("torn"), "SHA256SUMS"), "utf8")).toBe(before);
  });

  test("refuses to be the second client of a run", async () => {
    const { step, release } = heldStep(desk.folder, "two", 1);
    const running = desk.start([...local, "--results", "two", "--shell", "sh", "--", step]);
    await until(() => lines("two", "course.ndjson").length > 0);
    const second = await desk.run(["resume", runOf("two"), "--results", "two"]).finally(release);
    expect(second).toMatchObject({ status: 4, stderr: expect.stringContaining("another client is at") });
    expect((await running.ended).status).toBe(0);
  });

  test("of an interrupted run does the interrupted step again, as a new attempt", async () => {
    // The second step lasts until it is interrupted; done again it is the third, and ends.
    const begun = join(desk.folder, "begun");
    const step = `echo step >>${begun}; [ "$(wc -l <${begun})" -ne 2 ] || sleep 300`;
    const running = desk.start(["run", "--rounds", "3", "--results", "stopped", "--shell", "sh", "--", step]);
    await until(() => readFileSync(begun, "utf8").split("\n").length > 2);
    running.child.kill("SIGINT");
    expect((await running.ended).status).toBe(130);
    expect((await desk.run(["resume", runOf("stopped"), "--results", "stopped"])).status).toBe(0);
    expect(trials("stopped")).toEqual([1, 2, 3].map((round) => `local-1 cmd-1 ${round}`));
    expect(lines("stopped", "records.ndjson").map(({ attempt }) => attempt)).toEqual(expect.arrayContaining([1, 2]));
  });

  const sandbox = ["compare", "s?.medium", "--cloud", "sandbox", "--machines", "1", "--rounds", "4"];

  test("finds the machines of a killed client again, and gives them back", async () => {
    await killed("alive", 2, sandbox);
    // The plan has the types that the pattern stood for: nothing is looked up again.
    const plan = readFileSync(join(desk.folder, "alive", runOf("alive"), "plan.json"), "utf8");
    expect(plan).not.toContain("s?.medium");
    expect((JSON.parse(plan) as Plan).spec.sides.map(({ name }) => name)).toEqual(["s1.medium", "s2.medium"]);
    const ended = await desk.run(["resume", runOf("alive"), "--results", "alive"]);
    expect(ended.status).toBe(0);
    expect(ended.stdout).toContain("0 instances left running");
    expect(new Set(trials("alive")).size).toBe(8);
    expect(trials("alive")).toHaveLength(8);
    expect(lines("alive", "ledger.ndjson").filter(({ kind }) => kind === "intent")).toHaveLength(2);
  });

  test("puts new machines in place of those that are gone, under names of their own", async () => {
    await killed("gone", 2, sandbox);
    process.kill(desk.address()?.pid ?? 0, "SIGTERM");
    await until(() => desk.address() === undefined);
    const ended = await desk.run(["resume", runOf("gone"), "--results", "gone"]);
    expect(ended.status).toBe(0);
    const all = lines("gone", "records.ndjson");
    const of = (machine: string) => all.filter((record) => record.machine === machine);
    expect(of("s1.medium-2").map(({ round }) => round)).toEqual([1, 2, 3, 4]);
    expect(of("s2.medium-2").map(({ status }) => status)).toEqual(Array(4).fill("completed"));
    // What the machine that is gone did not measure has a reason, and no time.
    expect(of("s1.medium-1").length).toBe(4);
    expect(of("s1.medium-1").at(-1)).toMatchObject({ status: "skipped", reason: "machine-gone" });
    // Others of the same types, in place of those.
    const asked = lines("gone", "ledger.ndjson").filter(({ kind }) => kind === "intent");
    expect(asked.map(({ side, type }) => `${side}: ${type}`).toSorted()).toEqual(
      ["s1.medium", "s2.medium"].flatMap((type) => [`${type}: ${type}`, `${type}: ${type}`]),
    );
    const launched = readFileSync(join(desk.folder, "record.ndjson"), "utf8").split("\n").slice(0, -1);
    const types = launched
      .map((line) => JSON.parse(line) as Exchange)
      .filter(({ action }) => action === "RunInstances")
      .map(({ request }) => new URLSearchParams(request).get("InstanceType"));
    expect(types.slice(-2)).toEqual(["s1.medium", "s2.medium"]);
  });
});
