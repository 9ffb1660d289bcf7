// A machine that is started again in the middle of a batch (FreeBSD's first boot may do that): the real agent, and a line
// on which its journal's last boot id is another one.

import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { systemClock } from "../../src/adapters/clock.ts";
import { suiteFolders } from "../../src/adapters/folders/suites.ts";
import { localTransport } from "../../src/adapters/local.ts";
import { type RunRecord } from "../../src/domain/record.ts";
import { Agent } from "../../src/pipeline/agent.ts";
import { archive } from "../../src/pipeline/archive.ts";
import { Course } from "../../src/pipeline/course.ts";
import { Bench } from "../../src/pipeline/bench.ts";
import { readFrame } from "../../src/pipeline/frame.ts";
import type { Transport } from "../../src/ports/transport.ts";
import { aSuite } from "../given.ts";

const folder = mkdtempSync(join(tmpdir(), "timetrial-reboot-"));
writeFileSync(join(folder, "machine.env"), `TIMETRIAL_HOME=${join(folder, "home")}\n`);
const local = localTransport({ TIMETRIAL_MACHINE_ENV: join(folder, "machine.env") });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Says of every batch's end that it came after another boot than its start. */
const rebooting: Transport = {
  exec: async (...words) => {
    const answer = await local.exec(...words);
    const frame = readFrame(answer.stdout);
    if ("fault" in frame || frame.lines.length === 0) return answer;
    const lines = frame.lines.map((line) =>
      line.includes('"t":"end"') ? line.replace(/("boot_id":")[0-9a-f]/, (_, key: string) => `${key}x`) : line,
    );
    const payload = `${lines.join("\n")}\n`;
    const sum = createHash("sha256").update(payload).digest("hex");
    const stdout = `<<<timetrial 1 begin ${frame.of} ${frame.offset} ${frame.state}\n${payload}>>>timetrial 1 end ${payload.length} sha256 ${sum}\n`;
    return { ...answer, stdout };
  },
};

async function measured(transport: Transport, run: string): Promise<RunRecord[]> {
  const step = (path: string, text: string) => ({ path, mode: 0o755 as const, bytes: Buffer.from(text) });
  const shipped = archive([step("run.sh", ":\n"), step("check.sh", "echo digest=1\n")]);
  const files = await suiteFolders().agent();
  const agent = new Agent({
    machine: { name: "a-1", side: "a", address: { kind: "local" } },
    transport,
    clock: systemClock,
    run,
    slot: 0,
    agent: archive(files),
    library: Buffer.from(files.find(({ path }) => path === "put.sh")?.bytes ?? []).toString(),
    signal: new AbortController().signal,
  });
  await agent.ship([archive(files), shipped]);
  const bench = new Bench(
    agent,
    { ...(await agent.facts()), suites: {} },
    {
      course: new Course({ course: [], note: async () => {}, append: async () => {} }, []),
      observe: () => {},
      clock: systemClock,
    },
  );
  const suite = aSuite({ digest: shipped.digest });
  const trial = { suite: suite.name, row: "sha256", impl: "portable-c", round: 1, attempt: 1, limit_s: 30 };
  const records: RunRecord[] = [];
  await bench.measure(suite, [trial, { ...trial, round: 2 }], {
    record: async (record) => void records.push(record),
    log: async () => {},
  });
  return records;
}

test("no trial of a batch counts in which the machine was started again", async () => {
  expect((await measured(rebooting, "r1")).map(({ tainted }) => tainted.includes("rebooted"))).toEqual([true, true]);
  expect((await measured(local, "r2")).map(({ tainted }) => tainted.includes("rebooted"))).toEqual([false, false]);
});
