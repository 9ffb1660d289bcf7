// The real agent and this machine's sh behind a transport that loses, doubles and tears what it carries.

import { createHash } from "node:crypto";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/adapters/system/clock.ts";
import { TimetrialError } from "../../../src/domain/errors.ts";
import type { JournalLine } from "../../../src/domain/run/machine-journal.ts";
import type { AgentClient } from "../../../src/pipeline/agent/agent-client.ts";
import { archive } from "../../../src/pipeline/archive/archive.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { Transport } from "../../../src/ports/transport.ts";
import { agentOver, localMachine, shippedAgent } from "../../support/local-agent.ts";

const machine = localMachine();
const { folder, transport: local } = machine;
afterAll(machine.remove);

const text = (path: string, content: string) => ({ path, mode: 0o755 as const, bytes: Buffer.from(content) });
const suite = archive([
  text("run.sh", "echo run >>runs\nsleep 0.05\n"),
  text("check.sh", "wc -l <runs | sed 's/ //g; s/^/reported.runs=/'\n"),
]);
const batchPlan = (ids: readonly string[]): string =>
  [
    "timetrial-batch 1",
    `suite s ${suite.digest}`,
    ...ids.map((id, i) => `trial ${id} 1 ${i + 1} row impl any 30`),
    "",
  ].join("\n");

let runs = 0;
const newRunOver = (transport: Transport, clock: Clock = systemClock): AgentClient =>
  agentOver(transport, `run-${++runs}`, { clock });

async function journalOf(agent: AgentClient, ids: readonly string[]): Promise<JournalLine[]> {
  await agent.ship([shippedAgent, suite]);
  const lines: JournalLine[] = [];
  await agent.batch("b", batchPlan(ids), undefined, async (line) => void lines.push(line));
  return lines;
}

/** How often the suite's run step ran by then, trial by trial. */
const counts = (lines: readonly JournalLine[]) =>
  lines.flatMap((line) => (line.t === "ended" ? [line.provided?.["reported.runs"]] : []));

describe("an agent behind a bad line", () => {
  test("runs every trial once where each script is delivered twice", async () => {
    const twice: Transport = {
      exec: async (...words) => {
        await local.exec(...words);
        return await local.exec(...words);
      },
    };
    expect(counts(await journalOf(newRunOver(twice), ["a", "b", "c"]))).toEqual(["1", "2", "3"]);
  });

  test("runs every trial once where every second answer is lost", async () => {
    let calls = 0;
    const forgetful: Transport = {
      exec: async (...words) => {
        const answer = await local.exec(...words);
        calls += 1;
        if (calls % 2 === 1) throw new TimetrialError("TRANSPORT", "no answer");
        return answer;
      },
    };
    expect(counts(await journalOf(newRunOver(forgetful), ["a", "b", "c"]))).toEqual(["1", "2", "3"]);
  });

  test("reads nothing from a torn answer, and all of it from the next", async () => {
    let calls = 0;
    const torn: Transport = {
      exec: async (...words) => {
        const answer = await local.exec(...words);
        calls += 1;
        const cut = answer.stdout.includes("<<<timetrial") && calls % 2 === 0;
        return cut ? { ...answer, stdout: answer.stdout.slice(0, -40) } : answer;
      },
    };
    expect(counts(await journalOf(newRunOver(torn), ["a", "b"]))).toEqual(["1", "2"]);
  });

  test("gives up, with an error, where no answer ever comes", async () => {
    let calls = 0;
    const deaf: Transport = {
      exec: async () => {
        calls += 1;
        throw new TimetrialError("TRANSPORT", "no answer");
      },
    };
    await expect(newRunOver(deaf).facts()).rejects.toMatchObject({ code: "TRANSPORT", exitStatus: 5 });
    expect(calls).toBe(3);
  });

  test("refuses a journal that does not fit the protocol", async () => {
    const liar: Transport = {
      exec: async (...words) => {
        const answer = await local.exec(...words);
        return { ...answer, stdout: answer.stdout.replaceAll("1 begin", "1 began") };
      },
    };
    await expect(newRunOver(liar).facts()).rejects.toMatchObject({
      code: "AGENT",
      message: expect.stringContaining("local-1"),
    });
  });

  test("tells how far a long step is, each time that it asks", async () => {
    // A follow of a second instead of twenty.
    const impatient: Transport = {
      exec: (address, script, options) => local.exec(address, script.replace(/ 20\n$/, " 1\n"), options),
    };
    const agent = newRunOver(impatient);
    const long = archive([
      text("run.sh", 'for i in 1 2; do echo "stage ${i} of 2" >>"${TT_STEP_DIR}/progress"; sleep 2.5; done\n'),
      text("check.sh", ":\n"),
    ]);
    await agent.ship([shippedAgent, long]);
    const told: string[] = [];
    const lines = `timetrial-batch 1\nsuite s ${long.digest}\ntrial a 1 1 row impl any 30\n`;
    await agent.batch(
      "b",
      lines,
      undefined,
      async () => {},
      (id, said) => void told.push(`${id}: ${said}`),
    );
    expect([...new Set(told)]).toEqual(["a: stage 1 of 2", "a: stage 2 of 2"]);
  });

  test("expects the end of a batch that it has left alone at its time, not a whole call later", async () => {
    let now_s = 0;
    const clock = {
      ...systemClock,
      monotonic_s: () => now_s,
      sleep: async (duration_s: number) => void (now_s += duration_s),
    };
    const expected_s: number[] = [];
    const begun = `${JSON.stringify({ t: "begun", id: "a", kind: "trial", attempt: 1, at: "" })}\n`;
    const leaving: Transport = {
      exec: async (_, script, { expect_s = 0 }) => {
        expected_s.push(now_s + expect_s);
        now_s += expect_s;
        const [, run = "", batch = "", offset = ""] = / run (\S+) (\S+) (\d+) 20\n$/.exec(script) ?? [];
        const [payload, state] = now_s < 100 ? [begun, "running"] : ["", "ended"];
        const end = `${payload.length} sha256 ${createHash("sha256").update(payload).digest("hex")}`;
        const stdout = `<<<timetrial 1 begin ${run}/${batch} ${offset} ${state}\n${payload}>>>timetrial 1 end ${end}\n`;
        return { status: 0, stdout, stderr: "" };
      },
    };
    await newRunOver(leaving, clock).batch("b", "plan\n", 100, async () => {});
    expect(expected_s).toEqual([20, 100]);
  });

  test("notices within a minute that its machine died while it leaves it alone", async () => {
    let [now_s, looks] = [0, 0];
    const clock = {
      ...systemClock,
      monotonic_s: () => now_s,
      sleep: async (duration_s: number) => void (now_s += duration_s),
    };
    const dying: Transport = {
      exec: (address, script, options) => local.exec(address, script.replace(/ 20\n$/, " 1\n"), options),
      look: async () => {
        looks += 1;
        if (now_s > 1000) throw new TimetrialError("MACHINE_LOST", "m is terminated");
      },
    };
    const agent = newRunOver(dying, clock);
    const long = archive([text("run.sh", "sleep 60\n"), text("check.sh", ":\n")]);
    await agent.ship([shippedAgent, long]);
    const lines = `timetrial-batch 1\nsuite s ${long.digest}\ntrial a 1 1 row impl any 90\n`;
    await expect(agent.batch("b", lines, 4000, async () => {})).rejects.toMatchObject({ code: "MACHINE_LOST" });
    expect(now_s).toBeLessThan(1060);
    expect(looks).toBeLessThanOrEqual(1060 / 20);
    await agent.stop();
  });

  test("refuses an archive that was changed on the way, though every part arrived whole", async () => {
    const agent = newRunOver(local);
    const bytes = Buffer.from(suite.bytes);
    bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 1;
    const changed = { bytes, digest: archive([text("run.sh", "another\n")]).digest };
    await expect(agent.ship([shippedAgent, changed])).rejects.toMatchObject({
      code: "AGENT",
      message: expect.stringContaining(`archive: expected SHA-256 ${changed.digest}, got `),
    });
    const left = await local.exec({ kind: "local" }, `ls ${join(folder, "home", "ship")}`, { limit_s: 5 });
    expect(left.stdout).not.toContain(changed.digest);
  });

  test("says why the machine refused", async () => {
    await expect(newRunOver(local).batch("b", "timetrial-batch 2\n", undefined, async () => {})).rejects.toMatchObject({
      code: "AGENT",
      message: expect.stringContaining('expected "timetrial-batch 1"'),
    });
  });

  test("leaves nothing of its run after it is cleaned", async () => {
    const agent = newRunOver(local);
    await journalOf(agent, ["a"]);
    await agent.clean();
    const left = await local.exec({ kind: "local" }, `ls ${join(folder, "home", "runs")}`, { limit_s: 5 });
    expect(left.stdout).not.toContain(`run-${runs}\n`);
  });
});

describe("a machine whose agent lies", () => {
  /** A clock on which a call takes `call_s` seconds, and nothing else any time but what is slept. */
  function countedClock(call_s: number) {
    const seen = { calls: 0, now_s: 0 };
    const clock: Clock = {
      now: () => new Date(seen.now_s * 1000),
      monotonic_s: () => seen.now_s,
      sleep: async (duration_s) => void (seen.now_s += duration_s),
    };
    const answering = (payload: string): Transport => ({
      exec: async (_, script) => {
        seen.calls += 1;
        seen.now_s += call_s;
        const batch = / run (\S+) (\S+) (\d+) 20\n$/.exec(script);
        const digest = createHash("sha256").update(payload).digest("hex");
        return {
          status: 0,
          stdout: `<<<timetrial 1 begin ${batch?.[1]}/${batch?.[2]} ${batch?.[3]} running\n${payload}>>>timetrial 1 end ${Buffer.byteLength(payload)} sha256 ${digest}\n`,
          stderr: "",
        };
      },
    });
    return { seen, clock, answering };
  }

  test("and says running without a byte of news is asked once a second at most, and given up after two days", async () => {
    // Answers at once a thousand times, and then a quarter of an hour each: else two days would be many calls.
    const { seen, clock, answering } = countedClock(0);
    const prompt = answering("");
    const slow: Transport = {
      exec: async (...words) => {
        if (seen.calls >= 1000) seen.now_s += 900;
        return await prompt.exec(...words);
      },
    };
    let thousandth_s = 0;
    const counted: Transport = {
      exec: async (...words) => {
        const answer = await slow.exec(...words);
        if (seen.calls === 1000) thousandth_s = seen.now_s;
        return answer;
      },
    };
    const batch = newRunOver(counted, clock).batch("b", "plan\n", undefined, async () => {});
    await expect(batch).rejects.toMatchObject({ code: "AGENT", message: expect.stringContaining("does not end within 172800 s") }); // prettier-ignore
    expect(thousandth_s).toBeGreaterThanOrEqual(999);
  });

  test("and sends lines without end is given up after sixteen megabytes of them", async () => {
    const { seen, clock, answering } = countedClock(1);
    const line = `${JSON.stringify({ t: "begun", id: "x".repeat(19_000), kind: "trial", attempt: 1, at: "" })}\n`;
    const batch = newRunOver(answering(line), clock).batch("b", "plan\n", undefined, async () => {});
    await expect(batch).rejects.toMatchObject({ code: "AGENT", message: expect.stringContaining("a journal of more than 16777216 bytes") }); // prettier-ignore
    expect(seen.calls * line.length).toBeLessThan(17_000_000);
  });
});
