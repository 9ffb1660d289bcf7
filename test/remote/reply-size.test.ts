// SSM's agent keeps at most 23,999 bytes of what a script prints: the longest reply of ours is below that, every byte
// of it counted.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseReply } from "../../src/pipeline/agent/reply-frame.ts";
import { Machine } from "../support/agent-machine.ts";

/** From this length on the agent cuts (reference/ssm-agent-3.3.0.0.json, out24000). */
const cutFrom_bytes = 24_000;

test("the longest reply, with the longest names and offset, reaches us whole", async () => {
  await using machine = new Machine("sh", "sh");
  await machine.run("b", ["trial s.r1.row.impl 1 1 row impl auto 10"]);
  const [run, batch] = ["r".repeat(100), "b".repeat(100)];
  const from = machine.path("runs", "r", "batches", "b");
  const to = machine.path("runs", run, "batches", batch);
  mkdirSync(to, { recursive: true });
  writeFileSync(`${to}/plan`, readFileSync(`${from}/plan`));
  const lines = readFileSync(`${from}/journal`, "utf8").trimEnd().split("\n");
  const [start = "", end = ""] = [lines[0], lines.at(-1)];
  // Lines whose length leaves the payload just below its limit.
  const filler = JSON.stringify({ t: "begun", id: "x".repeat(71), attempt: 1, at: "2026-01-01T00:00:00Z" });
  writeFileSync(`${to}/journal`, [start, ...Array.from({ length: 2000 }, () => filler), end, ""].join("\n"));
  const { out, err } = await machine.agent("run", run, batch, "0", "0");
  const frame = parseReply(out);
  expect([err, frame]).toEqual(["", expect.objectContaining({ of: `${run}/${batch}` })]);
  expect("length" in frame && frame.length).toBeGreaterThan(19_700);
  // What this reply leaves unused: a payload of 20,000 bytes, an offset of 15 digits, and a line on a step under way.
  const step = `>>>timetrial 1 step ${"i".repeat(100)} ${"t".repeat(200)}\n`.length;
  const longest = Buffer.byteLength(out) + (20_000 - ("length" in frame ? frame.length : 0)) + 14 + step;
  expect(longest).toBeLessThan(cutFrom_bytes - 1);
});
