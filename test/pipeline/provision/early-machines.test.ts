// Machines that are ready while others are still launched: which of them begin, and what becomes of what they measured
// where the launch of the others ends badly. The machines are simulated; their launches are of the test's choosing.

import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { suiteFolders } from "../../../src/adapters/folders/suites.ts";
import { resultFolders } from "../../../src/adapters/folders/results.ts";
import { systemClock } from "../../../src/adapters/system/clock.ts";
import { TimetrialError } from "../../../src/domain/errors.ts";
import type { Spec } from "../../../src/domain/plan/plan.ts";
import { parseSides } from "../../../src/domain/plan/side.ts";
import type { RunLogEntry } from "../../../src/domain/run/run-log.ts";
import { resume, run, type RunOutcome } from "../../../src/pipeline/run/run.ts";
import type { RunPorts } from "../../../src/pipeline/run/run-ports.ts";
import type { AcquiredMachine, ProvisionOrder, Provisioner } from "../../../src/ports/cloud/provisioner.ts";
import type { Results, StoredRun } from "../../../src/ports/results.ts";
import type { Transport } from "../../../src/ports/transport.ts";
import { machineTypes } from "../../../src/sandbox/catalogue.ts";
import { ScaledClock } from "../../../src/sandbox/scaled-time.ts";
import { agentCalls } from "../../../src/sandbox/simulated/agent-calls.ts";
import { SimulatedMachine } from "../../../src/sandbox/simulated/simulated-machine.ts";
import { aPlan } from "../../support/given.ts";
import { until } from "../../support/until.ts";

const folder = mkdtempSync(join(tmpdir(), "timetrial-early-"));
const time = new ScaledClock(1);
afterEach(() => time.clear());
afterAll(() => rmSync(folder, { recursive: true }));

const sides = parseSides(["a=s1.medium", "b=s2.medium"]);
const rounds = 3;
/** Those of sha256 that run on Linux. */
const impls = ["openssl-evp", "portable-c"];
const allOf = (machine: string): string[] =>
  [1, 2, 3].flatMap((round) => impls.map((impl) => `${machine} ${round} sha256/${impl} completed`));

/** Simulated machines by the ids of their instances, and every call to them. `alter` changes the facts of one. */
class Cloud {
  readonly calls: { readonly id: string; readonly script: string }[] = [];
  /** Those that have told their facts. */
  readonly facts: string[] = [];
  readonly #machines = new Map<string, SimulatedMachine>();
  readonly #step_s: number;
  readonly #alter: (facts: string) => string;

  constructor({ step_s = 0.01, alter = (facts: string) => facts } = {}) {
    this.#step_s = step_s;
    this.#alter = alter;
  }

  readonly transport: Transport = {
    exec: async (address, script, { signal }) => {
      const id = address.kind === "ssm" ? address.instance_id : "";
      this.calls.push({ id, script });
      signal?.throwIfAborted();
      let stdout = "";
      for (const call of agentCalls(script)) {
        const answer = await unlessAborted(this.#machine(id).call(call), signal);
        if ("error" in answer) return { status: 1, stdout: "", stderr: `timetrial: ${answer.error}` };
        stdout += answer.out;
      }
      if (!stdout.includes('"t":"facts"')) return { status: 0, stdout, stderr: "" };
      this.facts.push(id);
      return { status: 0, stdout: reframed(stdout, this.#alter), stderr: "" };
    },
  };

  /** How often the machine was sent a batch. */
  batches(id: string): number {
    return this.calls.filter((call) => call.id === id && call.script.includes("\ntt_plan ")).length;
  }

  #machine(id: string): SimulatedMachine {
    const [type] = machineTypes;
    if (type === undefined) throw new Error("no type");
    const settings = { stepS: this.#step_s, setupS: 0, prepareS: 0, spread: 0 };
    const machine = this.#machines.get(id) ?? new SimulatedMachine({ id, type, settings, time });
    this.#machines.set(id, machine);
    return machine;
  }
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal?.reason as Error);
  });
  signal?.addEventListener("abort", stop);
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

/** A frame with another payload. */
function reframed(frame: string, alter: (payload: string) => string): string {
  const [begin = "", payload = ""] = frame.split("\n");
  const altered = `${alter(payload)}\n`;
  const sum = createHash("sha256").update(altered).digest("hex");
  return `${begin}\n${altered}>>>timetrial 1 end ${altered.length} sha256 ${sum}\n`;
}

function launched(side: "a" | "b", number: number, host?: string): AcquiredMachine {
  const id = `i-${side === "a" ? "a" : "b"}${number}`;
  const instance = { id, type: "s1.medium", zone: "z", image: "ami-1", ...(host === undefined ? {} : { host }) };
  const address = { kind: "ssm", instance_id: id, region: "us-east-1" } as const;
  return { machine: { name: `${side}-${number}`, side, address }, instance, booting: true };
}

const notWanted = async (): Promise<never> => Promise.reject(new Error("not wanted"));

interface Started {
  readonly cloud: Cloud;
  readonly events: string[];
  readonly done: Promise<{ readonly outcome: RunOutcome; readonly stored: StoredRun }>;
  readonly course: () => RunLogEntry[];
  readonly ports: (acquire: Provisioner["acquire"], recover?: Provisioner["recover"]) => RunPorts;
}

/** Begins a run whose machines `acquire` launches. Its release is told in `events`. */
function begun(
  name: string,
  acquire: Provisioner["acquire"],
  { cloud = new Cloud(), spec = {}, signal = new AbortController().signal, prices = false, unwritable }: {
    readonly cloud?: Cloud;
    readonly spec?: Partial<Spec>;
    readonly signal?: AbortSignal;
    readonly prices?: boolean;
    /** What the first record that is written throws. */
    readonly unwritable?: TimetrialError;
  } = {}, // prettier-ignore
): Started {
  const events: string[] = [];
  const provisionerOf = (acquiring: Provisioner["acquire"], recover: Provisioner["recover"]): Provisioner => ({
    kinds: ["ec2"],
    check: async () => {},
    acquire: acquiring,
    recover,
    release: async () => void events.push(`release after ${cloud.calls.length} calls`),
    absence: async () => ({ state: "none" }),
  });
  const folders = resultFolders(join(folder, "results"));
  const results: Results = {
    ...folders,
    create: async (plan) => {
      const store = await folders.create(plan);
      const append = (): Promise<never> => Promise.reject(unwritable as Error);
      return new Proxy(store, {
        get: (of, name) => {
          if (name === "append" && unwritable !== undefined) return append;
          const value: unknown = Reflect.get(of, name);
          return typeof value === "function" ? value.bind(of) : value;
        },
      });
    },
  };
  const ports = (acquiring: Provisioner["acquire"], recover: Provisioner["recover"] = async () => []): RunPorts => ({
    suites: suiteFolders(),
    results,
    provisioners: [provisionerOf(acquiring, recover)],
    transports: { ssm: cloud.transport },
    clock: systemClock,
    judgeLook: async () => ({ enough: true, why: "width", missed: [] }),
    ...(prices
      ? {
          priceInputs: {
            given: sides.map(({ name: side }) => ({ side, market: "on-demand" as const, usd_per_hour: 1, source: "--price" })), // prettier-ignore
            prices: { ask: async () => ({ quotes: [], unknown: [] }) },
            vcpus: async () => 2,
            timeScale: 0.01,
          },
        }
      : {}),
  });
  const whole = {
    ...aPlan().spec,
    sides,
    baseline: "a",
    machines: 1,
    rounds,
    suites: [{ suite: "hashes", row: "sha256" }],
    cloud: "sandbox" as const,
    ...spec,
  };
  const identity = { run: name, tool_version: "0", created_at: "2026-11-24T03:15:00.000Z" };
  const observe = (event: { readonly what: string; readonly text?: string }): void => {
    if (event.what === "note" && event.text !== undefined) events.push(event.text);
    if (event.what === "record") events.push("record");
  };
  const done = run(whole, identity, ports(acquire), observe, signal).then(async (outcome) => ({
    outcome,
    stored: await results.load(name),
  }));
  const course = (): RunLogEntry[] =>
    readFileSync(join(folder, "results", name, "course.ndjson"), "utf8")
      .split("\n")
      .flatMap((line) => (line === "" ? [] : [JSON.parse(line) as RunLogEntry]));
  return { cloud, events, done, course, ports };
}

const told = ({ records }: StoredRun): string[] =>
  [...records]
    .map(
      (one) =>
        `${one.machine} ${one.round} ${one.row}/${one.impl} ${one.status}${"reason" in one ? ` ${one.reason}` : ""}`,
    ) // prettier-ignore
    .toSorted((a, b) => (a < b ? -1 : 1));

/** A launch of both machines, the first of which is ready before the second; `second` gets the second. */
const inTurn =
  (second: (order: ProvisionOrder) => Promise<AcquiredMachine>) =>
  async (order: ProvisionOrder): Promise<AcquiredMachine[]> => {
    const first = launched("a", 1);
    order.onReady?.(first);
    const other = await second(order);
    order.onReady?.(other);
    return [first, other];
  };

describe("a launched machine on a host of its own", () => {
  test("is measured to its end while another is launched, and a later client knows it before its batches", async () => {
    const one = begun(
      "early",
      inTurn(async () => {
        await until(() => one.events.filter((what) => what === "record").length === rounds * impls.length);
        return launched("b", 1);
      }),
    );
    const { outcome, stored } = await one.done;
    expect(outcome).toMatchObject({ faults: [], absence: { state: "none" } });
    expect(outcome.error).toBeUndefined();
    expect(stored.finished).toBe(true);
    expect(told(stored)).toEqual([...allOf("a-1"), ...allOf("b-1")]);
    const course = one.course();
    const machines = course.flatMap((entry) => (entry.kind === "machines" ? entry.machines : []));
    expect(machines.map(({ machine, slot }) => [machine.name, slot])).toEqual([["a-1", 0], ["b-1", 0]]); // prettier-ignore
    for (const { machine } of machines) {
      const known = course.findIndex((entry) => entry.kind === "machines" && entry.machines.some((its) => its.machine.name === machine.name)); // prettier-ignore
      expect(known).toBeLessThan(course.findIndex((entry) => entry.kind === "batch" && entry.machine === machine.name));
    }
  });

  const sandbox = (facts: string): string => facts.replace('"capture":"simulated"', '"capture":"cc"');
  test.each([
    ["the rounds of all are looked at together", { spec: { until: { percent: 1, of: "rows" }, rounds: 8 } }, undefined],
    ["a budget pays for all", { spec: { budget_usd: 100 }, prices: true }, undefined],
    ["the slowest clock chooses the work", { spec: { params: { blocks: "auto" } } }, undefined],
    ["it may share a dedicated host", {}, "h-1"],
    ["it is a process of this computer", { cloud: new Cloud({ alter: sandbox }) }, undefined],
  ] as const)("is prepared, and no more, where %s", async (why, options, host) => {
    const one = begun(
      why.replaceAll(" ", "-"),
      async (order) => {
        const both = [launched("a", 1, host), launched("b", 1, host)] as const;
        // By the time that the second is prepared, the first would have been sent more.
        for (const machine of both) {
          order.onReady?.(machine);
          await until(() => one.cloud.facts.includes(machine.instance?.id ?? ""));
        }
        expect(one.cloud.batches("i-a1")).toBe(0);
        return [...both];
      },
      options,
    );
    const { outcome, stored } = await one.done;
    expect(outcome.error).toBeUndefined();
    expect(stored.finished).toBe(true);
    expect(new Set([...stored.records].map(({ machine }) => machine))).toEqual(new Set(["a-1", "b-1"]));
    expect(one.course().filter(({ kind }) => kind === "machines")).toHaveLength(1);
  });

  test("that turns out to be another's waits for the other's end", async () => {
    const cloud = new Cloud({ alter: (facts) => facts.replace(/"host_id":"[^"]*"/, '"host_id":"one"') });
    const one = begun("shared", inTurn(async () => {
      await until(() => cloud.batches("i-a1") > 0);
      return launched("b", 1);
    }), { cloud }); // prettier-ignore
    const { stored } = await one.done;
    expect(told(stored)).toEqual([...allOf("a-1"), ...allOf("b-1")]);
    const last = cloud.calls.findLastIndex(({ id }) => id === "i-a1");
    const first = cloud.calls.findIndex(({ id, script }) => id === "i-b1" && script.includes("\ntt_plan "));
    expect(first).toBeGreaterThan(last);
  });
});

describe("a launch that ends badly while a machine measures", () => {
  const lost = new TimetrialError("MACHINE_LOST", "i-b1 did not become managed by SSM within 600 s");

  test("ends the run with its error; what was measured is kept, and is not measured again", async () => {
    const cloud = new Cloud({ step_s: 0.03 });
    const one = begun("lost", inTurn(async () => {
      await until(() => one.events.includes("record"));
      throw lost;
    }), { cloud, spec: { rounds: 20 } }); // prettier-ignore
    const { outcome, stored } = await one.done;
    expect(outcome.error).toBe(lost);
    expect(outcome.absence).toEqual({ state: "none" });
    expect(one.events).toContain("a machine cannot be had: reading what the others have measured");
    // Nothing is asked of a machine once it may be given back.
    expect(one.events.at(-1)).toBe(`release after ${cloud.calls.length} calls`);
    expect(stored.finished).toBe(false);
    const measured = [...stored.records];
    expect(measured.length).toBeGreaterThan(0);
    for (const record of measured) expect(record).toMatchObject({ machine: "a-1", status: "completed" });

    const again = one.ports(async ({ missing }) => {
      expect(missing).toEqual(new Map([["a", { count: 1, from: 2 }], ["b", { count: 1, from: 1 }]])); // prettier-ignore
      return [launched("a", 2), launched("b", 1)];
    });
    const resumed = await resume(stored, again, () => {}, new AbortController().signal);
    expect(resumed.error).toBeUndefined();
    const whole = await again.results.load("lost");
    const of = (machine: string) => [...whole.records].filter((record) => record.machine === machine);
    expect(of("a-1").filter(({ status }) => status === "completed")).toEqual(measured);
    for (const machine of ["a-2", "b-1"]) {
      expect(of(machine)).toHaveLength(20 * impls.length);
      expect(of(machine).every(({ status }) => status === "completed")).toBe(true);
    }
  }, 60_000);

  test("and that its client did not survive leaves its machine to the next, which launches what is missing", async () => {
    const cloud = new Cloud();
    const one = begun("killed", inTurn(async () => {
      await until(() => one.events.includes("record"));
      throw lost;
    }), { cloud, spec: { machines: 2 } }); // prettier-ignore
    const { stored } = await one.done;
    const again = one.ports(
      async ({ missing, onReady }) => {
        expect(missing).toEqual(new Map([["a", { count: 1, from: 2 }], ["b", { count: 2, from: 1 }]])); // prettier-ignore
        const others = [launched("a", 2), launched("b", 1), launched("b", 2)];
        for (const other of others) onReady?.(other);
        return others;
      },
      async (_, known) => [...known],
    );
    const resumed = await resume(stored, again, () => {}, new AbortController().signal);
    expect(resumed.error).toBeUndefined();
    expect(told(await again.results.load("killed"))).toEqual(["a-1", "a-2", "b-1", "b-2"].flatMap(allOf));
  }, 60_000);

  test("for an interrupt keeps what was measured, and gives back when nothing is asked any more", async () => {
    const interrupt = new AbortController();
    const cloud = new Cloud({ step_s: 0.03 });
    const one = begun("interrupted", inTurn(async ({ signal }) => {
      await until(() => one.events.includes("record"));
      interrupt.abort(new Error("SIGINT"));
      signal.throwIfAborted();
      return await notWanted();
    }), { cloud, spec: { rounds: 20 }, signal: interrupt.signal }); // prettier-ignore
    const { outcome, stored } = await one.done;
    expect(outcome.error).toEqual(new Error("SIGINT"));
    expect(one.events).toContain("interrupted: reading what the machines have measured");
    expect(one.events.at(-1)).toBe(`release after ${cloud.calls.length} calls`);
    expect([...stored.records].length).toBeGreaterThan(0);
  }, 60_000);

  test("is ended where a record cannot be written: nobody wants the other machine any more", async () => {
    const full = new TimetrialError("RESULTS_UNWRITABLE", "the disk is full");
    const one = begun("full", inTurn(async ({ signal }) => {
      await until(() => signal.aborted);
      throw signal.reason;
    }), { unwritable: full }); // prettier-ignore
    const { outcome } = await one.done;
    expect(outcome.error).toBe(full);
    expect(outcome.absence).toEqual({ state: "none" });
  }, 60_000);
});
