// Batches that fit into what any transport carries, whatever the number of rounds and the length of names. The machine is
// a stand-in at the transport: it takes the scripts as they are sent and answers for trials that take a millisecond.

import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { RunLogEntry } from "../../../src/domain/run/run-log.ts";
import type { Facts } from "../../../src/domain/run/machine.ts";
import type { TrialRecord } from "../../../src/domain/run/trial-record.ts";
import { localTransport } from "../../../src/adapters/local/machine.ts";
import { AgentClient } from "../../../src/pipeline/agent/agent-client.ts";
import { MachineRunner } from "../../../src/pipeline/machine/machine-runner.ts";
import { RunState } from "../../../src/pipeline/run/run-state.ts";
import { measureSuite } from "../../../src/pipeline/run/schedule.ts";
import type { Transport } from "../../../src/ports/transport.ts";
import { aSuite } from "../../support/given.ts";

/** What a script may be: in base64 it goes into an SSM document of 64 kB. Bytes. */
const mostScript = 48_000;
const library = "#".repeat(9_000);
const name = (n: number): string => `${"long-name-of-a-row-000000000"}`.slice(0, 26) + String(n).padStart(2, "0");

/** Runs every batch at once, as if each trial took a millisecond. */
function instantMachine(sent: string[]): Transport {
  const journals = new Map<string, string>();
  return {
    exec: async (_address, script) => {
      sent.push(script);
      const plan = /tt_plan \S+ (\S+) \S+ <<'TT_EOF'\n([\s\S]*?)TT_EOF/.exec(script);
      if (plan !== null)
        journals.set(plan[1] as string, journalOf(Buffer.from(plan[2] as string, "base64").toString()));
      const [, batch = "", at = "0"] = /tt_agent \S+ run r (\S+) (\d+)/.exec(script) ?? [];
      const whole = journals.get(batch) ?? "";
      const cut = whole.slice(Number(at), Number(at) + 20_000);
      const payload = cut.slice(0, cut.lastIndexOf("\n") + 1);
      const state = Number(at) + payload.length === whole.length ? "ended" : "running";
      const sum = createHash("sha256").update(payload).digest("hex");
      const stdout = `<<<timetrial 1 begin r/${batch} ${at} ${state}\n${payload}>>>timetrial 1 end ${payload.length} sha256 ${sum}\n`;
      return { status: 0, stdout, stderr: "" };
    },
  };
}

function journalOf(plan: string): string {
  const at = "2026-01-01T00:00:00Z";
  const trials = plan.split("\n").flatMap((line) => {
    const [verb, id, attempt] = line.split(" ");
    if (verb !== "trial") return [];
    const times = { real_s: 0.001, user_s: 0.001, system_s: 0 };
    return [
      { t: "ended", id, kind: "trial", attempt: Number(attempt), at, status: "completed", check: "ok", ...times },
    ];
  });
  const all = [{ t: "start", batch: "b", at, boot_id: "x" }, ...trials, { t: "end", batch: "b", at, boot_id: "x" }];
  return all.map((line) => `${JSON.stringify(line)}\n`).join("");
}

async function measured(
  hosts: readonly string[],
  runs: number,
  course: RunLogEntry[] = [],
  affordable_s = Number.POSITIVE_INFINITY,
) {
  const sent: string[] = [];
  const suite = aSuite({
    rows: Array.from({ length: 60 }, (_, n) => ({
      name: name(n),
      impl: name(n),
      runs,
      warmup: 1,
      limit_s: 86_400,
      instructions: [],
      os: ["linux"],
    })),
  });
  const state = new RunState({ runLog: course, note: async () => {}, append: async () => {} }, []);
  const records: TrialRecord[] = [];
  const sink = {
    record: async (record: TrialRecord) => void ((await state.record(record)) && records.push(record)),
    log: async () => {},
  };
  const transport = instantMachine(sent);
  const runners = hosts.map((host_id, slot) => {
    const machine = { name: `m${slot}`, side: "a", address: { kind: "local" as const } };
    const clock = { monotonic_s: () => 0, sleep: async () => {}, now: () => new Date(0) };
    const agent = new AgentClient({
      machine,
      transport,
      clock,
      run: "r",
      slot,
      agent: { digest: "a".repeat(64), bytes: Buffer.alloc(0) },
      library,
      signal: new AbortController().signal,
    });
    const facts = { uname: "Linux", ncpu: 2, host_id, boot_id: "x", suites: {}, machine_env: {} } as unknown as Facts;
    return new MachineRunner(agent, facts, { state, observe: () => {}, clock });
  });
  const failed: unknown[] = [];
  const lost = async (_: MachineRunner, error: unknown): Promise<void> => void failed.push(error);
  const budget = { affordable_s: async () => affordable_s };
  await measureSuite(runners, { suite, seed: "s", sink, observe: () => {}, lost, ...budget });
  expect(failed).toEqual([]);
  return { sent, records, suite };
}

test.each([
  ["on a host of its own", ["h"], 300],
  ["sharing a host with another", ["h", "h"], 20],
])(
  "whatever the rounds, each script of a machine %s fits, and every trial is measured once",
  async (_, hosts, runs) => {
    const { sent, records } = await measured(hosts, runs);
    expect(Math.max(...sent.map((script) => Buffer.byteLength(script)))).toBeLessThanOrEqual(mostScript);
    expect(records).toHaveLength(hosts.length * 60 * runs);
    expect(records.every(({ status, attempt }) => status === "completed" && attempt === 1)).toBe(true);
  },
);

test("a batch takes no longer than nine tenths of what the budget still pays for, but for one round", async () => {
  const batchesFor = async (affordable_s: number): Promise<number> => {
    const { sent, records } = await measured(["h"], 10, [], affordable_s);
    expect(records).toHaveLength(60 * 10);
    return new Set(sent.flatMap((script) => /tt_plan \S+ (\S+)/.exec(script)?.[1] ?? [])).size;
  };
  // A round of sixty rows takes 1.26 s.
  expect(await batchesFor(2)).toBe(10);
  expect(await batchesFor(0)).toBe(10);
  expect(await batchesFor(Infinity)).toBeLessThan(10);
});

test("a batch that an earlier client could not send, since it was too large, is measured by those that fit", async () => {
  const trials = Array.from({ length: 1000 }, (_, i) => ({
    suite: "hashes",
    row: name(0),
    impl: name(0),
    round: i + 1,
    attempt: 1,
    limit_s: 86_400,
  }));
  const batch = { kind: "batch" as const, machine: "m0", batch: "hashes.r1.b1", plan: "p", trials, suite: "hashes" };
  const { records, suite } = await measured(["h"], 30, [batch]);
  expect(suite.name).toBe("hashes");
  expect(records).toHaveLength(60 * 30);
});

test("a script that is too long for this machine's sh is a transport error", async () => {
  await expect(
    localTransport().exec({ kind: "local" }, `:${" ".repeat(3_000_000)}`, { limit_s: 5 }),
  ).rejects.toMatchObject({ code: "TRANSPORT", message: expect.stringContaining("E2BIG") });
});
