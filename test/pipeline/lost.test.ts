// Two machines, one of which fails at an instant of the test's choosing: what becomes of its trials, and of the other's.
// Both are this computer, by the real agent; the second's way there is the one that breaks.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { systemClock } from "../../src/adapters/clock.ts";
import { resultFolders } from "../../src/adapters/folders/results.ts";
import { suiteFolders, suiteIn } from "../../src/adapters/folders/suites.ts";
import { localTransport } from "../../src/adapters/local.ts";
import { TimetrialError } from "../../src/domain/errors.ts";
import { type Outcome, resume, run } from "../../src/pipeline/run.ts";
import type { Provisioner } from "../../src/ports/provisioner.ts";
import type { StoredRun } from "../../src/ports/results.ts";
import type { Transport } from "../../src/ports/transport.ts";
import { aPlan } from "../given.ts";
import { makeSuite } from "../e2e/own-suite.ts";

const folder = mkdtempSync(join(tmpdir(), "tt-lost-"));
writeFileSync(join(folder, "machine.env"), `TIMETRIAL_HOME=${join(folder, "home")}\n`);
makeSuite(join(folder, "mine"), { rows: { one: "runs = 2" } });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const local = localTransport({ TIMETRIAL_MACHINE_ENV: join(folder, "machine.env") });
const here = { kind: "local" } as const;
const far = { kind: "ssh", host: "far.invalid" } as const;

const provisioner: Provisioner = {
  kinds: ["local"],
  check: async () => {},
  acquire: async () => [
    { machine: { name: "local-1", side: "local", address: here } },
    { machine: { name: "local-2", side: "local", address: far } },
  ],
  recover: async (_, known) => [...known],
  release: async () => {},
  absence: async () => ({ state: "nothing-leased" }),
};

/** A way to the second machine that throws `error` from the first script on that holds `word`. */
function breaking(word: string, error: TimetrialError): Transport {
  let isBroken = false;
  return {
    exec: async (_, script, options) => {
      isBroken ||= script.includes(word);
      if (isBroken) throw error;
      return await local.exec(here, script, options);
    },
  };
}

const ports = (ssh: Transport) => ({
  suites: { ...suiteFolders(), load: () => suiteIn(join(folder, "mine"), "./mine") },
  results: resultFolders(join(folder, "results")),
  provisioners: [provisioner],
  transports: { local, ssh },
  clock: systemClock,
});

async function ran(name: string, ssh: Transport): Promise<{ outcome: Outcome; stored: StoredRun }> {
  const spec = { ...aPlan().spec, suites: [{ suite: "mine" }] };
  const occasion = { run: name, tool_version: "0", created_at: "2026-11-24T03:15:00.000Z" };
  const outcome = await run(spec, occasion, ports(ssh), () => {}, new AbortController().signal);
  return { outcome, stored: await resultFolders(join(folder, "results")).load(name) };
}

const told = ({ records }: StoredRun): string[] =>
  records
    .map((one) => `${one.machine} ${one.round} ${one.status}${"reason" in one ? ` ${one.reason}` : ""}`)
    .toSorted((a, b) => (a < b ? -1 : 1));

const both = [1, 2].map((round) => `local-1 ${round} completed`);

describe("a machine that is lost", () => {
  const dead = new TimetrialError("MACHINE_LOST", "far is terminated");
  // Each word is in the first script that is sent for it.
  test.each([
    ["before it was seen", "", dead],
    ["while it is set up", "m1.mine.setup", dead],
    ["in its first round", "m1.mine.r1", dead],
    ["with a disk that is full", "", new TimetrialError("AGENT", "the agent on local-2: cannot unpack it")],
  ])("%s leaves the other one to go on, and each of its trials a reason", async (when, word, error) => {
    const { outcome, stored } = await ran(when.replaceAll(" ", "-"), breaking(word, error));
    expect(outcome).toMatchObject({ faults: [error] });
    expect(outcome.error).toBeUndefined();
    const reason = error.code.toLowerCase().replace("_", "-");
    expect(told(stored)).toEqual([...both, ...[1, 2].map((round) => `local-2 ${round} skipped ${reason}`)]);
    expect(stored.finished).toBe(true);
  });

  test.each([
    ["before it was seen", ""],
    ["while it is set up", "m1.mine.setup"],
    ["in its first round", "m1.mine.r1"],
  ])("to the network alone %s keeps its trials, which are measured when the run is resumed", async (when, word) => {
    const name = `cut-${when.replaceAll(" ", "-")}`;
    const cut = new TimetrialError("TRANSPORT", "no answer from far");
    const { outcome, stored } = await ran(name, breaking(word, cut));
    expect(outcome.faults).toEqual([cut]);
    expect(told(stored)).toEqual(both);
    expect(stored.finished).toBe(false);
    const well = ports({ exec: async (_, script, options) => local.exec(here, script, options) });
    await resume(stored, well, () => {}, new AbortController().signal);
    const again = await well.results.load(name);
    expect(told(again)).toEqual([...both, "local-2 1 completed", "local-2 2 completed"]);
    expect(again.finished).toBe(true);
  });

  test("unseen and gone when the run is resumed has a reason for each of its trials, and another machine has its times", async () => {
    const cut = new TimetrialError("TRANSPORT", "no answer from far");
    const { stored } = await ran("unseen-and-gone", breaking("", cut));
    const gone: Provisioner = {
      ...provisioner,
      recover: async (_, known) => known.filter(({ machine: { name } }) => name === "local-1"),
      acquire: async () => [{ machine: { name: "local-3", side: "local", address: far } }],
    };
    const well = ports({ exec: async (_, script, options) => local.exec(here, script, options) });
    await resume(stored, { ...well, provisioners: [gone] }, () => {}, new AbortController().signal);
    const again = await well.results.load("unseen-and-gone");
    expect(told(again)).toEqual([
      ...both,
      ...[1, 2].map((round) => `local-2 ${round} skipped machine-gone`),
      ...[1, 2].map((round) => `local-3 ${round} completed`),
    ]);
  });

  test("is none whose script was ended by a reboot: it is sent again", async () => {
    let ended = 0;
    const flaky: Transport = {
      exec: async (_, script, options) => {
        if (script.includes("m1.mine.r1") && ended++ === 0)
          return { status: 1, stdout: "", stderr: "failed to run commands: exit status 1\n" };
        return await local.exec(here, script, options);
      },
    };
    const { outcome, stored } = await ran("rebooted", flaky);
    expect(ended).toBe(2);
    expect(outcome.faults).toEqual([]);
    expect(told(stored)).toEqual([...both, "local-2 1 completed", "local-2 2 completed"]);
  });
});
