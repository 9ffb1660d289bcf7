// The state of a run: which machines may get one script for many.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { TimetrialError } from "../../../src/domain/errors.ts";
import type { RunLogEntry } from "../../../src/domain/run/run-log.ts";
import { AgentClient } from "../../../src/pipeline/agent/agent-client.ts";
import { RunState } from "../../../src/pipeline/run/run-state.ts";

const library = readFileSync("remote/put.sh", "utf8");
const bytes = Buffer.alloc(50_000, "x");
const shipped = { digest: createHash("sha256").update(bytes).digest("hex"), bytes };

/** The scripts that a machine of `slot` gets for its files and a batch, until the batch is sent. */
async function scriptsOf(name: string, slot: number, isNew: boolean): Promise<string[]> {
  const sent: string[] = [];
  const agent = new AgentClient({
    machine: { name, side: "a", address: { kind: "local" } },
    transport: {
      exec: async (_, script) => {
        sent.push(script);
        if (script.includes("\ntt_plan ")) throw new TimetrialError("MACHINE_LOST", "enough");
        return { status: 0, stdout: "", stderr: "" };
      },
    },
    clock: { monotonic_s: () => 0, sleep: async () => {}, now: () => new Date(0) },
    run: "r",
    slot,
    agent: shipped,
    library,
    signal: new AbortController().signal,
  });
  await agent.ship([shipped], isNew);
  await expect(agent.batch("s.setup.b1", "timetrial-batch 1\n", undefined, async () => {})).rejects.toThrow("enough");
  return sent;
}

test("machines that were launched get the same scripts, and machines that may share a home folder do not", async () => {
  const course: RunLogEntry[] = [];
  const store = { runLog: [], note: async (entry: RunLogEntry) => void course.push(entry), append: async () => {} };
  const state = new RunState(store, []);
  const machine = (name: string) => ({ name, side: "a", address: { kind: "local" as const } });
  const [first, second] = await state.acquired(
    [1, 2].map((i) => ({ machine: machine(`e${i}`), booting: true as const })),
  );
  const others = await state.acquired([1, 2].map((i) => ({ machine: machine(`l${i}`) })));
  const scripts = async (one: { machine: { name: string }; slot: number } | undefined, isNew: boolean) =>
    await scriptsOf(one?.machine.name ?? "", one?.slot ?? -1, isNew);
  const launched = await scripts(first, true);
  expect(await scripts(second, true)).toEqual(launched);
  // Three parts and the batch. A new machine is not asked what it has: the first of its scripts looks for the tools that the others need.
  expect(launched).toHaveLength(4);
  expect(launched[0]).toMatch(/\ntt_have [0-9a-f]{64}\ntt_part /);
  const own = await Promise.all(others.map((one) => scripts(one, false)));
  expect(own[0]?.[0]).not.toMatch(/\ntt_part /);
  expect(new Set([launched, ...own].map((all) => all.at(-1))).size).toBe(3);
});
