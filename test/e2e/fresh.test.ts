// Rows whose every trial gets a newly launched machine: in the sandbox, where machines are process trees.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Desk } from "../support/cli.ts";
import { statusWithoutOthers } from "../support/run-status.ts";
import { makeSuite } from "../support/user-suite.ts";
import { until } from "../support/until.ts";

let desk: Desk;
beforeEach(() => {
  desk = new Desk(0.02);
});
afterEach(() => desk.clear());

const lasting = ["--idle-s", "10000"];
const lines = (file: string): Record<string, unknown>[] => desk.lines(file);
const states = async (): Promise<string[]> => (await desk.instances()).map(({ State }) => State?.Name ?? "");

/** A machine on which a trial has run before says so: fresh rows fail there. */
const marked = {
  "run.sh": '#!/bin/sh\n[ ! -e "${TT_WORK}/used" ] || echo used\n: >"${TT_WORK}/used"\nsleep 0.05\n',
  "check.sh": '#!/bin/sh\ngrep -qx used "${TT_STEP_DIR}/out" && exit 1\n[ -e "${TT_WORK}/used" ]\n',
};

test("each trial has a machine of its own, at most --machines at once, and every one is given back", async () => {
  await desk.sandbox(lasting);
  makeSuite(join(desk.folder, "new"), { name: "new", rows: { first: "fresh = true\nruns = 3" }, files: marked });
  const words = ["compare", "s1.medium", "s2.medium", "--cloud", "sandbox", "--suite", "./new", "--machines", "2"];
  const ended = await desk.run(words);
  expect(ended.stderr).toContain("6 machines (6 of them new for one trial each)");
  expect(statusWithoutOthers(ended, 0)).toBe(0);

  const records = lines("records.ndjson");
  expect(records.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => "completed"));
  for (const side of ["s1.medium", "s2.medium"]) {
    const own = records.filter((record) => record["side"] === side);
    expect(new Set(own.map(({ machine }) => machine))).toEqual(new Set([1, 2, 3].map((n) => `${side}-${n}`)));
    expect(new Set(own.map(({ round }) => round))).toEqual(new Set([1, 2, 3]));
  }
  expect(readdirSync(join(desk.folder, "results", desk.runName(), "machines"))).toHaveLength(6);

  const ledger = lines("ledger.ndjson");
  const intents = ledger.filter(({ kind }) => kind === "intent");
  expect(intents.map(({ count }) => count)).toEqual([2, 2, 1, 1]);
  expect(new Set(intents.map(({ token }) => token)).size).toBe(4);
  expect(new Set(intents.map(({ zone }) => zone)).size).toBe(1);
  // A lot is given back before the next is asked for.
  const order = ledger.map(({ kind }) => kind).filter((kind) => kind !== "account" && kind !== "launched");
  expect(order).toEqual(["intent", "intent", "terminated", "intent", "intent", "terminated", "absence"]);
  expect(await states()).toEqual(Array.from({ length: 6 }, () => "terminated"));
  const tainted = records.filter((record) => (record["tainted"] as readonly string[]).length > 0);
  expect(ended.stdout).toContain(`${tainted.length} of 6 runs left out`);
  expect(ended.stdout).toContain("0 instances left running");
});

test("beside other rows, which keep their machines for all their rounds", async () => {
  await desk.sandbox(lasting);
  const rows = { first: "fresh = true\nruns = 2", again: "runs = 3" };
  makeSuite(join(desk.folder, "mixed"), { name: "mixed", rows });
  const ended = await desk.run(["run", "./mixed", "--on", "s1.medium", "--cloud", "sandbox", "--machines", "1"]);
  expect(statusWithoutOthers(ended, 0)).toBe(0);
  const of = (row: string) => lines("records.ndjson").filter((record) => record["row"] === row);
  expect(of("again").map(({ machine }) => machine)).toEqual(Array.from({ length: 3 }, () => "s1.medium-1"));
  expect(of("first").map(({ machine }) => machine)).toEqual(["s1.medium-2", "s1.medium-3"]);
  expect(await states()).toEqual(["terminated", "terminated", "terminated"]);
});

test("Ctrl-C in the middle of a lot gives its machines back, and no other is launched", async () => {
  await desk.sandbox(lasting);
  makeSuite(join(desk.folder, "new"), {
    name: "new",
    rows: { first: "fresh = true\nruns = 5" },
    files: { "run.sh": "#!/bin/sh\nsleep 30\n" },
  });
  const words = ["run", "./new", "--on", "s1.medium", "--cloud", "sandbox", "--machines", "1"];
  const running = desk.start(words);
  let said = "";
  running.child.stderr?.on("data", (bytes: Buffer) => (said += bytes.toString()));
  await until(() => said.includes("new: round 1 of 5"));
  running.child.kill("SIGINT");
  const ended = await running.ended;
  expect(ended.status).toBe(130);
  expect(await states()).toEqual(["terminated"]);
  expect(lines("ledger.ndjson").filter(({ kind }) => kind === "intent")).toHaveLength(1);
});

test("where machines stay, a fresh row alone is refused, and beside others it is skipped with that reason", async () => {
  const rows = { first: "fresh = true\nruns = 2", again: "runs = 2" };
  makeSuite(join(desk.folder, "mixed"), { name: "mixed", rows });
  const refused = await desk.run(["run", "./mixed:first"]);
  expect(refused.stderr).toContain("suite mixed: row first/own needs newly launched machines, and local is none\n");
  expect(refused.stderr).toContain("or other rows: again/own");
  expect(refused.status).toBe(4);
  expect(existsSync(join(desk.folder, "results"))).toBe(false);

  const ended = await desk.run(["run", "./mixed"]);
  expect(ended.status).toBe(0);
  const of = (row: string) => lines("records.ndjson").filter((record) => record["row"] === row);
  expect(of("again").map(({ status }) => status)).toEqual(["completed", "completed"]);
  for (const record of of("first"))
    expect(record).toMatchObject({ status: "skipped", reason: "needs: a newly launched machine" });
});
