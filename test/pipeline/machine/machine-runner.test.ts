// Machines that are not as they should be: the real agent on this computer, behind a line on which its journal is changed.
// A machine is started again in the middle of a batch (FreeBSD's first boot may do that), or a machine lies.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { systemClock } from "../../../src/adapters/system/clock.ts";
import { type TrialRecord } from "../../../src/domain/run/trial-record.ts";
import { archive } from "../../../src/pipeline/archive/archive.ts";
import { RunState } from "../../../src/pipeline/run/run-state.ts";
import { MachineRunner } from "../../../src/pipeline/machine/machine-runner.ts";
import { parseReply } from "../../../src/pipeline/agent/reply-frame.ts";
import type { Transport } from "../../../src/ports/transport.ts";
import { aSuite } from "../../support/given.ts";
import { agentOver, localMachine, shippedAgent } from "../../support/local-agent.ts";

const machine = localMachine();
const { folder, transport: local } = machine;
afterAll(machine.remove);

const elsewhere = (line: string): string => line.replace(/("boot_id":")[0-9a-f]/, (_, key: string) => `${key}x`);

/** Says of every batch's end that it came after another boot than its start. */
const rebooting = telling((line) => (line.includes('"t":"end"') ? elsewhere(line) : line));

/** The line to this computer, on which `change` befalls each line of an answer. */
function telling(change: (line: string) => string): Transport {
  const exec: Transport["exec"] = async (...words) => {
    const answer = await local.exec(...words);
    const frame = parseReply(answer.stdout);
    if ("fault" in frame || frame.lines.length === 0) return answer;
    const lines = frame.lines.map(change);
    const payload = `${lines.join("\n")}\n`;
    const sum = createHash("sha256").update(payload).digest("hex");
    const stdout = `<<<timetrial 1 begin ${frame.of} ${frame.offset} ${frame.state}\n${payload}>>>timetrial 1 end ${payload.length} sha256 ${sum}\n`;
    return { ...answer, stdout };
  };
  return { exec };
}

async function benchOn(
  transport: Transport,
  run: string,
  wasLaunched = false,
  tell: (text: string) => void = () => {},
) {
  const step = (path: string, text: string) => ({ path, mode: 0o755 as const, bytes: Buffer.from(text) });
  const setups = join(folder, `${run}-setups`);
  const shipped = archive([
    step("setup.sh", `echo setup >>'${setups}'\necho driver.portable-c=c\n`),
    step("run.sh", ":\n"),
    step("check.sh", "echo digest=1\n"),
  ]);
  const agent = agentOver(transport, run);
  await agent.ship([shippedAgent, shipped]);
  const bench = new MachineRunner(
    agent,
    { ...(await agent.facts()), suites: {} },
    {
      state: new RunState({ runLog: [], note: async () => {}, append: async () => {} }, []),
      observe: (event) => (event.what === "note" ? tell(event.text) : undefined),
      clock: systemClock,
      ...(wasLaunched ? { ready: () => agent.facts() } : {}),
    },
  );
  return { bench, suite: aSuite({ digest: shipped.digest }), setups };
}

async function measured(transport: Transport, run: string, tell?: (text: string) => void): Promise<TrialRecord[]> {
  const { bench, suite } = await benchOn(transport, run, false, tell);
  const trial = { suite: suite.name, row: "sha256", impl: "portable-c", round: 1, attempt: 1, limit_s: 30 };
  await bench.setup(suite, { log: async () => {} });
  const records: TrialRecord[] = [];
  await bench.measure(suite, [trial, { ...trial, round: 2 }], {
    record: async (record) => void records.push(record),
    log: async () => {},
  });
  return records;
}

test("pitfall 5: no trial of a batch counts in which the machine was started again", async () => {
  expect((await measured(rebooting, "r1")).map(({ tainted }) => tainted.includes("rebooted"))).toEqual([true, true]);
  expect((await measured(local, "r2")).map(({ tainted }) => tainted.includes("rebooted"))).toEqual([false, false]);
});

test("a machine that was started again after it was ready is set up again, in the boot in which it measures", async () => {
  // What it was when it was ready was another boot than that of all its batches, until it is asked again.
  let asked = 0;
  const transport = telling((line) => (line.includes('"t":"facts"') && ++asked === 1 ? elsewhere(line) : line));
  const { bench, suite, setups } = await benchOn(transport, "r3", true);
  const before = bench.facts.boot_id;
  await bench.setup(suite, { log: async () => {} });
  expect(readFileSync(setups, "utf8")).toBe("setup\nsetup\n");
  expect(asked).toBe(2);
  expect(bench.facts.boot_id).not.toBe(before);
});

test("a machine that was not started again is set up once", async () => {
  const { bench, suite, setups } = await benchOn(local, "r4", true);
  await bench.setup(suite, { log: async () => {} });
  expect(readFileSync(setups, "utf8")).toBe("setup\n");
});

/** Every line of a trial's end, with `fields` put in place of its own. */
function lying(fields: Readonly<Record<string, string>>): Transport {
  return telling((line) => {
    if (!line.includes('"t":"ended"') || !line.includes('"kind":"trial"')) return line;
    return Object.entries(fields).reduce(
      (text, [name, value]) => text.replace(new RegExp(`("${name}":)("[^"]*"|[^,}]+)`), (_, key) => `${key}${value}`),
      line,
    );
  });
}

const sha256of10000 = "7e287e4ab76f3f9cf4a7ac79e79ae63fa3e8fd832ca2262ee99a739cd5ee54c9";
const proof = { digest: `"${sha256of10000}","work_id":"1x10000x10000"` };

test("the known digest of known work counts", async () => {
  const records = await measured(lying(proof), "r5");
  expect(records.map(({ status, check }) => `${status} ${check}`)).toEqual(["completed ok", "completed ok"]);
});

test("a machine that answers ffff for every digest is not counted: the trial has failed, and says why", async () => {
  const records = await measured(lying({ digest: `"${"f".repeat(64)}","work_id":"1x10000x10000"` }), "r6");
  expect(records.map((record) => ("reason" in record ? record.reason : record.status))).toEqual([
    "digest: expected 7e287e4ab76f…, got ffffffffffff…",
    "digest: expected 7e287e4ab76f…, got ffffffffffff…",
  ]);
  expect(records.map(({ check }) => check)).toEqual(["failed", "failed"]);
});

test("a machine that did less work than was asked for is not counted", async () => {
  const [record] = await measured(lying({ digest: `"${sha256of10000}","work_id":"1x1x1"` }), "r7");
  expect(record).toMatchObject({ status: "failed", reason: "work_id: expected 1x10000x10000, got 1x1x1" });
});

test.each([
  ["1e308", "impossible-time: 1e+308 s where the limit is 30 s"],
  ["1e999", "impossible-time: expected real seconds, got Infinity"],
  ["-1", "impossible-time: expected real seconds, got -1"],
  ["29.5", expect.stringMatching(/^impossible-time: 29\.5 s where at most [0-9.]+ s had passed$/)],
])("a machine that says a trial took %s s has failed it, and goes on", async (value, why) => {
  const records = await measured(lying({ ...proof, real_s: value }), `t${value.replace(/\W/g, "")}`);
  expect(records).toHaveLength(2);
  expect(records[0]).toMatchObject({ status: "failed", reason: why });
  expect("real_s" in (records[0] ?? {})).toBe(false);
});

test("a machine that says a trial took more CPU than its CPUs have has failed it", async () => {
  const [record] = await measured(lying({ ...proof, user_s: "1e6" }), "r8");
  expect(record).toMatchObject({
    status: "failed",
    reason: expect.stringContaining("impossible-time: 1000000 s of CPU"),
  });
});

test("a clock and counters that no processor has are dropped, which is said once, and nothing else of a trial is changed", async () => {
  const lying = telling((line) =>
    line.includes('"t":"ended"')
      ? line.replace(/}$/, ',"clock_hz_before":0,"counted":"user","cycles":-5,"instructions":7}')
      : line,
  );
  const said: string[] = [];
  // The digests are not those that are pinned, with or without such readings.
  const [{ status, reason }] = (await measured(local, "r4")) as [TrialRecord & { reason: string }];
  for (const record of await measured(lying, "r3", (text) => said.push(text))) {
    expect(record).toMatchObject({ status, reason, tainted: [] });
    expect(record).not.toHaveProperty("clock_hz_before");
    expect(record).not.toHaveProperty("cycles");
  }
  expect(said).toEqual([
    "local-1: dropped: clock_hz_before: expected 100000000 to 10000000000 Hz, got 0",
    "local-1: dropped: cycles: impossible count -5",
  ]);
});
