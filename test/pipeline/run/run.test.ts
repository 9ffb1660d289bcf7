// Two machines, one of which fails at an instant of the test's choosing: what becomes of its trials, and of the other's.
// Both are this computer, by the real agent; the second's way there is the one that breaks.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/adapters/system/clock.ts";
import { resultFolders } from "../../../src/adapters/folders/results.ts";
import { suiteFolders, loadSuite } from "../../../src/adapters/folders/suites.ts";
import { TimetrialError } from "../../../src/domain/errors.ts";
import { seededRandom, shuffled } from "../../../src/domain/random.ts";
import { parseSides } from "../../../src/domain/plan/side.ts";
import { type RunOutcome, resume, run } from "../../../src/pipeline/run/run.ts";
import type { Provisioner } from "../../../src/ports/cloud/provisioner.ts";
import type { StoredRun } from "../../../src/ports/results.ts";
import type { Transport } from "../../../src/ports/transport.ts";
import { aPlan } from "../../support/given.ts";
import { localMachine } from "../../support/local-agent.ts";
import { makeSuite } from "../../support/user-suite.ts";

const machine = localMachine();
const { folder, address: here, transport: local } = machine;
makeSuite(join(folder, "mine"), { rows: { one: "runs = 2" } });
afterAll(machine.remove);

const far = { kind: "ssh", host: "far.invalid" } as const;
const sides = parseSides(["local", "far=ssh:far.invalid"]);

const provisioner: Provisioner = {
  kinds: ["local", "ssh"],
  check: async () => {},
  acquire: async () => [
    { machine: { name: "local-1", side: "local", address: here } },
    { machine: { name: "local-2", side: "far", address: far } },
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

const ports = (ssh: Transport, suite = "mine") => ({
  suites: { ...suiteFolders(), load: () => loadSuite(join(folder, suite), `./${suite}`) },
  results: resultFolders(join(folder, "results")),
  provisioners: [provisioner],
  transports: { local, ssh },
  clock: systemClock,
});

async function ran(name: string, ssh: Transport): Promise<{ outcome: RunOutcome; stored: StoredRun }> {
  const spec = { ...aPlan().spec, sides, suites: [{ suite: "mine" }] };
  const occasion = { run: name, tool_version: "0", created_at: "2026-11-24T03:15:00.000Z" };
  const outcome = await run(spec, occasion, ports(ssh), () => {}, new AbortController().signal);
  return { outcome, stored: await resultFolders(join(folder, "results")).load(name) };
}

const told = ({ records }: StoredRun): string[] =>
  [...records]
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
      acquire: async () => [{ machine: { name: "local-3", side: "far", address: far } }],
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

  test("whose address is none of its side's is not asked when the run is resumed: nobody was told of it", async () => {
    const cut = new TimetrialError("TRANSPORT", "no answer from far");
    const { stored } = await ran("elsewhere", breaking("m1.mine.r1", cut));
    const course = join(folder, "results", "elsewhere", "course.ndjson");
    writeFileSync(course, readFileSync(course, "utf8").replaceAll('"host":"far.invalid"', '"host":"other.invalid"'));
    let asked = 0;
    const well = ports({ exec: async () => (asked++, Promise.reject(new Error("asked"))) });
    const { error } = await resume(stored, well, () => {}, new AbortController().signal);
    expect(error).toMatchObject({
      code: "RESULTS_CORRUPT",
      message: expect.stringMatching(
        /^course\.ndjson: local-2: expected an address of its side, found .*other\.invalid/,
      ),
    });
    expect(asked).toBe(0);
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

describe("a batch that breaks off when some of its trials have ended", () => {
  // Three rows, one of which never ends: the last of its round.
  makeSuite(join(folder, "stuck"), {
    name: "stuck",
    rows: { one: "runs = 1", two: "runs = 1", long: "runs = 1" },
    files: { "run.sh": '#!/bin/sh\n[ "${TT_ROW}" != long ] || sleep 300\necho "${TT_ROW}"\n' },
  });

  /** A way to the second machine, told at every answer: it may throw instead, or end the run. Follows take a second. */
  const watched = (told: (answer: string) => void): Transport => ({
    exec: async (_, script, options) => {
      const answer = await local.exec(here, script.replace(/ 20\n$/, " 1\n"), options);
      told(answer.stdout);
      return answer;
    },
  });
  const lastIsLong = (seed: string): boolean =>
    shuffled(["one", "two", "long"], seededRandom(`${seed}/stuck/1`)).at(-1) === "long";
  const seed = Array.from({ length: 100 }, (_, i) => String(i)).find(lastIsLong) ?? "";
  const hasTwo = (answer: string): boolean => answer.split('"t":"ended"').length === 3;

  const alone: Provisioner = {
    ...provisioner,
    acquire: async () => [{ machine: { name: "local-2", side: "far", address: far } }],
  };

  async function stuck(name: string, ssh: Transport, signal = new AbortController().signal) {
    const made = { ...ports(ssh, "stuck"), provisioners: [alone] };
    const spec = { ...aPlan().spec, sides, suites: [{ suite: "stuck" }], seed };
    const occasion = { run: name, tool_version: "0", created_at: "2026-11-24T03:15:00.000Z" };
    const outcome = await run(spec, occasion, made, () => {}, signal);
    return { outcome, stored: await made.results.load(name) };
  }

  const rows = ({ records }: StoredRun): string[] =>
    [...records]
      .map((one) => `${one.row} ${one.attempt} ${one.status}${"reason" in one ? ` ${one.reason}` : ""}`)
      .toSorted((a, b) => (a < b ? -1 : 1));

  test("keeps them where its machine is lost", async () => {
    let isDead = false;
    const dying = watched((answer) => {
      if (isDead) throw new TimetrialError("MACHINE_LOST", "far is terminated");
      isDead = hasTwo(answer);
    });
    const { stored } = await stuck("dies", dying);
    expect(rows(stored)).toEqual(["long 1 skipped machine-lost", "one 1 completed", "two 1 completed"]);
    expect(stored.finished).toBe(true);
  });

  test("keeps them where the run is interrupted, and tells none of them twice when it is resumed", async () => {
    const interrupt = new AbortController();
    const { outcome, stored } = await stuck(
      "interrupted",
      watched((answer) => hasTwo(answer) && interrupt.abort(new Error("SIGINT"))),
      interrupt.signal,
    );
    expect(outcome.error).toEqual(new Error("SIGINT"));
    expect(rows(stored)).toEqual(["one 1 completed", "two 1 completed"]);
    // The machine is still there, and tells its whole journal again.
    const dying = watched((answer) => {
      if (answer.includes('"attempt":2')) throw new TimetrialError("MACHINE_LOST", "far is terminated");
    });
    await resume(stored, { ...ports(dying, "stuck"), provisioners: [alone] }, () => {}, new AbortController().signal);
    const again = await resultFolders(join(folder, "results")).load("interrupted");
    expect(rows(again)).toEqual(["long 1 skipped machine-lost", "one 1 completed", "two 1 completed"]);
    expect([...again.records].filter(({ status }) => status === "completed")).toEqual([...stored.records]);
  });

  test("keeps them where the budget ends the run", async () => {
    const sides = parseSides(["c7g.large"]);
    const paid: Provisioner = {
      ...provisioner,
      kinds: ["ec2"],
      acquire: async ({ ledger }) => {
        const at = new Date().toISOString();
        const intent = { token: "t", side: "c7g.large", type: "c7g.large", zone: "z", count: 1 };
        await ledger.write({ kind: "intent", at, ...intent });
        await ledger.write({ kind: "launched", at, token: "t", ids: ["i-1"] });
        return [{ machine: { name: "c7g.large-1", side: "c7g.large", address: far } }];
      },
    };
    // A dollar a second, twelve of them.
    const priceInputs = {
      given: [{ side: "c7g.large", market: "on-demand" as const, usd_per_hour: 3600, source: "--price" }],
      prices: { ask: async () => ({ quotes: [], unknown: [] }) },
      vcpus: async () => 2,
      timeScale: 0.01,
    };
    const made = { ...ports(watched(() => {}), "stuck"), provisioners: [paid], priceInputs }; // prettier-ignore
    const spec = { ...aPlan().spec, sides, machines: 1, suites: [{ suite: "stuck" }], seed, budget_usd: 12 };
    const occasion = { run: "spent", tool_version: "0", created_at: "2026-11-24T03:15:00.000Z" };
    const { faults } = await run(spec, occasion, made, () => {}, new AbortController().signal);
    expect(faults).toMatchObject([{ code: "BUDGET", message: expect.stringContaining("a batch took longer") }]);
    const stored = await made.results.load("spent");
    expect(rows(stored)).toEqual(["long 1 skipped budget-cut", "one 1 completed", "two 1 completed"]);
  });
});
