// Simulated machines keep the agent's protocol: the client's scripts, frames and lines of the journal.

import { createHash } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import * as v from "valibot";
import { type JournalLine, journalSchema } from "../../../src/domain/run/machine-journal.ts";
import { factsSchema } from "../../../src/domain/run/machine.ts";
import { agentScript, presenceScript, uploadScripts } from "../../../src/pipeline/agent/agent-scripts.ts";
import { parseReply, type ReplyFrame } from "../../../src/pipeline/agent/reply-frame.ts";
import { machineTypes } from "../../../src/sandbox/catalogue.ts";
import { ScaledClock } from "../../../src/sandbox/scaled-time.ts";
import { agentCalls } from "../../../src/sandbox/simulated/agent-calls.ts";
import { parseSimulation } from "../../../src/sandbox/simulated/settings.ts";
import { SimulatedMachine } from "../../../src/sandbox/simulated/simulated-machine.ts";

const library = "tt_die() {\n\ttt_have no\n}\n## tt_have (digest):\ntt_have() {\n\techo\n}\n";
const archive = Buffer.alloc(60_000, "agent");
const digest = createHash("sha256").update(archive).digest("hex");

const time = new ScaledClock(1);
afterEach(() => time.clear());

class Client {
  readonly machine: SimulatedMachine;

  constructor(settings = "step=0.02,setup=0") {
    const [type] = machineTypes;
    const parsed = parseSimulation(settings);
    if (type === undefined || parsed === undefined) throw new Error("no type, or no settings");
    this.machine = new SimulatedMachine({ id: "i-0123456789abcdef0", type, settings: parsed, time });
  }

  /** What a script prints. @throws Error with what it complains of */
  async run(script: string): Promise<string> {
    let out = "";
    for (const call of agentCalls(`(\n${script}\n)\n[ "$?" -eq 0 ] || exit 1\n`)) {
      const result = await this.machine.call(call);
      if ("error" in result) throw new Error(result.error);
      out += result.out;
    }
    return out;
  }

  async ship(): Promise<void> {
    for (const part of uploadScripts(library, archive, digest)) await this.run(part);
  }

  async frame(words: readonly string[], plan?: { run: string; batch: string; text: string }): Promise<ReplyFrame> {
    const reply = parseReply(await this.run(agentScript(library, digest, words, plan)));
    if ("fault" in reply) throw new Error(reply.fault);
    return reply;
  }

  /** Follows a batch to its end. */
  async follow(batch: string, text: string): Promise<JournalLine[]> {
    const lines: JournalLine[] = [];
    for (let offset = 0; ;) {
      const plan = offset === 0 ? { run: "r", batch, text } : undefined;
      const frame = await this.frame(["run", "r", batch, String(offset), "20"], plan);
      for (const line of frame.lines) lines.push(v.parse(journalSchema, JSON.parse(line)));
      offset += frame.length;
      if (frame.state === "ended") return lines;
    }
  }
}

const trial = (round: number): string => `trial hashes.r${round}.md5.portable-c 1 ${round} md5 portable-c auto 60\n`;
const plan = (rounds: number): string =>
  `timetrial-batch 1\nsuite hashes ${digest}\nparam blocks 100000\n${Array.from({ length: rounds }, (_, i) => trial(i + 1)).join("")}`;

describe("a simulated machine", () => {
  test("has an archive once all its parts were uploaded, and then runs its agent", async () => {
    const client = new Client();
    expect(await client.run(presenceScript(library, [digest]))).toBe(`want ${digest}\n`);
    await expect(client.frame(["facts"])).rejects.toThrow("no agent");
    await client.ship();
    expect(await client.run(presenceScript(library, [digest]))).toBe(`have ${digest}\n`);
  });

  test("says in its facts that it measures nothing", async () => {
    const client = new Client();
    await client.ship();
    const { lines, of } = await client.frame(["facts"]);
    expect(of).toBe("facts");
    const facts = v.parse(factsSchema, JSON.parse(lines[0] ?? ""));
    expect(facts).toMatchObject({ capture: "simulated", cpu_model: "simulated", user_data: "done" });
  });

  test("takes the time of its trials, and its journal has each of them once", async () => {
    const client = new Client();
    await client.ship();
    const started_ms = performance.now();
    const lines = await client.follow("b1", plan(60));
    const took_s = (performance.now() - started_ms) / 1000;
    const ended = lines.filter((line) => line.t === "ended");
    expect(ended.map(({ id }) => id)).toEqual(Array.from({ length: 60 }, (_, i) => `hashes.r${i + 1}.md5.portable-c`));
    const sum_s = ended.reduce((sum, line) => sum + (line.status === "completed" ? (line.real_s ?? 0) : 0), 0);
    expect(took_s).toBeGreaterThanOrEqual(sum_s - 0.01);
    expect(ended.every((line) => line.capture === "simulated" && line.driver === "simulated")).toBe(true);
    expect(lines.at(0)?.t).toBe("start");
    expect(lines.at(-1)?.t).toBe("end");
  });

  test("does a step once, however often it is asked, and interrupts the one that a reboot cuts off", async () => {
    const client = new Client("step=30,setup=0");
    await client.ship();
    const first = await client.frame(["run", "r", "b1", "0", "0"], { run: "r", batch: "b1", text: plan(1) });
    expect(first.state).toBe("running");
    const again = await client.frame(["run", "r", "b1", "0", "0"]);
    expect(again.lines).toEqual(first.lines);
    client.machine.reboot();
    const lines = await client.follow("b1", plan(1));
    expect(lines.filter(({ t }) => t === "start")).toHaveLength(2);
    expect(lines.flatMap((line) => (line.t === "ended" ? line.status : []))).toEqual(["interrupted"]);
  });

  test("ends a batch that is stopped", async () => {
    const client = new Client("step=30,setup=0");
    await client.ship();
    await client.frame(["run", "r", "b1", "0", "0"], { run: "r", batch: "b1", text: plan(2) });
    await client.frame(["stop", "r"]);
    const lines = await client.follow("b1", plan(2));
    expect(lines.flatMap((line) => (line.t === "ended" ? line.status : []))).toEqual(["interrupted"]);
    await client.frame(["clean", "r"]);
    await expect(client.frame(["run", "r", "b1", "0", "0"])).rejects.toThrow("no plan was put");
  });

  test("refuses what arrived damaged", async () => {
    const client = new Client();
    const [part = ""] = uploadScripts(library, archive, digest);
    await expect(client.run(part.replace(/([A-Za-z0-9+/]{76})\n/, "$1\nAAAA"))).rejects.toThrow("arrived damaged");
  });
});

test("settings that cannot be read are refused, and no settings are no simulation", () => {
  expect(parseSimulation("")).toBeUndefined();
  expect(parseSimulation("step=0.5,spread=0.1")).toMatchObject({ stepS: 0.5, spread: 0.1 });
  for (const text of ["1", "step=0", "step=-1", "step=x", "spread=2", "steps=1", "step=1,"])
    expect(() => parseSimulation(text)).toThrow("--simulate: expected");
});
