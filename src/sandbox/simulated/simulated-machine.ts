// A machine that measures nothing: it answers the agent's calls as `remote/` does, with the same frames and journals, and
// waits for as long as its settings say that a step takes. It costs a few kilobytes and no process, so that a thousand of
// them stand on one computer. Its facts and all its records say "simulated".

import { createHash, randomUUID } from "node:crypto";
import { seededRandom } from "../../domain/random.ts";
import type { MachineType } from "../catalogue.ts";
import { hostArchitecture } from "../catalogue.ts";
import type { ScaledClock } from "../scaled-time.ts";
import type { AgentCall } from "./agent-calls.ts";
import type { SimulationSettings } from "./settings.ts";
import { SimulatedBatch } from "./simulated-batch.ts";

/** Of `remote/agent.sh`: the most bytes of a frame's payload, and how many new ones are enough to reply. */
const mostPayload = 20_000;
const enoughNews = 12_000;

const word = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/;

export interface SimulatedMachinePlan {
  readonly id: string;
  readonly type: MachineType;
  readonly settings: SimulationSettings;
  readonly time: ScaledClock;
}

/** What a call printed, or why it failed. */
export type CallResult = { readonly out: string } | { readonly error: string };

export class SimulatedMachine {
  readonly #plan: SimulatedMachinePlan;
  readonly #shipped = new Set<string>();
  readonly #parts = new Set<string>();
  /** By run and batch: `run/batch`. */
  readonly #batches = new Map<string, SimulatedBatch>();
  #bootId: string = randomUUID();
  readonly #hostId = randomUUID();
  /** The batch whose supervisor holds the lock. */
  #holder: string | undefined;

  constructor(plan: SimulatedMachinePlan) {
    this.#plan = plan;
  }

  /** What runs is cut off, and the machine has another boot id. */
  reboot(): void {
    for (const batch of this.#batches.values()) batch.cut(Date.now());
    this.#holder = undefined;
    this.#bootId = randomUUID();
  }

  async call({ verb, words, input }: AgentCall): Promise<CallResult> {
    const [first = "", second = "", third = ""] = words;
    switch (verb) {
      case "have":
        return { out: `${this.#shipped.has(first) ? "have" : "want"} ${first}\n` };
      case "part":
        if (sha256(input) !== third) return { error: `part ${second} of ${first} arrived damaged` };
        this.#parts.add(`${first}.${second}`);
        return { out: "" };
      case "join":
        for (let i = 0; i < Number(second) && !this.#shipped.has(first); i++)
          if (!this.#parts.delete(`${first}.${i}`)) return { error: `part ${i} of ${first} is missing` };
        this.#shipped.add(first);
        return { out: `ok ${first}\n` };
      case "plan":
        return this.#put(`${first}/${second}`, third, input);
      case "agent":
        if (!this.#shipped.has(first)) return { error: `no agent ${first} on this machine` };
        return await this.#agent(words.slice(1));
    }
  }

  #put(of: string, digest: string, plan: Buffer): CallResult {
    const known = this.#batches.get(of);
    if (known !== undefined) return known.digest === digest ? { out: "" } : { error: `${of}: another plan is there` };
    if (sha256(plan) !== digest) return { error: `the plan of ${of} arrived damaged` };
    try {
      this.#batches.set(of, new SimulatedBatch(plan.toString(), digest));
    } catch (error) {
      return { error: `${of}: ${(error as Error).message}` };
    }
    return { out: "" };
  }

  async #agent([verb = "", run = "", batch = "", offset = "", wait = ""]: readonly string[]): Promise<CallResult> {
    if (verb === "facts") return { out: frame("facts", 0, "ended", `${JSON.stringify(this.#facts())}\n`) };
    if (!word.test(run)) return { error: "run: expected [A-Za-z0-9._-]+ without a dot or dash in front" };
    if (verb === "run") return await this.#run(`${run}/${batch}`, Number(offset), Number(wait));
    if (verb !== "stop" && verb !== "clean") return { error: "expected facts, run, stop or clean" };
    const own = [...this.#batches].filter(([of]) => of.startsWith(`${run}/`));
    for (const [of, one] of own) {
      if (verb === "stop") one.stop(Date.now(), this.#ground(of));
      else this.#batches.delete(of);
    }
    return { out: frame(`${run}/-`, 0, "ended", "") };
  }

  async #run(of: string, offset: number, wait_s: number): Promise<CallResult> {
    const batch = this.#batches.get(of);
    if (batch === undefined) return { error: `${of}: no plan was put` };
    if (offset > batch.length(Date.now())) return { error: `${of}: offset ${offset} is beyond the end of the journal` };
    const holder = this.#holder === undefined ? undefined : this.#batches.get(this.#holder);
    if (holder !== undefined && holder !== batch && holder.isRunning(Date.now())) {
      // Its turn comes at a later call.
      await this.#until(holder.whenLonger(Number.POSITIVE_INFINITY), wait_s);
      return { out: frame(of, offset, "running", "") };
    }
    if (!batch.isOver && !batch.isRunning(Date.now())) {
      this.#holder = of;
      batch.start(Date.now(), this.#ground(of));
    }
    if (!batch.isOver) await this.#until(batch.whenLonger(offset + enoughNews), wait_s);
    const now_ms = Date.now();
    const payload = batch.read(now_ms, offset, mostPayload);
    const isWhole = offset + payload.length === batch.length(now_ms);
    const state = batch.isOver && isWhole ? "ended" : batch.isOver || batch.isRunning(now_ms) ? "running" : "dead";
    return { out: frame(of, offset, state, payload) };
  }

  #until(at_ms: number | undefined, most_s: number): Promise<void> {
    const wait_ms = Math.min(most_s * 1000, (at_ms ?? Number.POSITIVE_INFINITY) - Date.now());
    if (wait_ms <= 0) return Promise.resolve();
    // A timer may be early by a part of a millisecond.
    return new Promise((resolve) => this.#plan.time.afterReal((wait_ms + 1) / 1000, resolve));
  }

  #ground(of: string): Parameters<SimulatedBatch["start"]>[1] {
    const { id, type, settings } = this.#plan;
    return {
      name: of.slice(of.indexOf("/") + 1),
      bootId: this.#bootId,
      prepare_s: settings.prepareS,
      duration_s: (kind, what, step) => {
        if (kind !== "trial") return settings.setupS;
        const [row, machine, deviation] = [
          between(what, 0.8, 1.2),
          between(type.name, 0.8, 1.2),
          seededRandom(`${id} ${step}`),
        ];
        return (
          settings.stepS * row * machine * Math.max(0.1, 1 + settings.spread * (deviation() + deviation() - 1) * 2)
        );
      },
    };
  }

  #facts(): object {
    const { id, type } = this.#plan;
    return {
      t: "facts",
      agent: 1,
      uname: "Linux",
      release: "simulated",
      arch: hostArchitecture === "arm64" ? "aarch64" : hostArchitecture,
      os: "simulated Linux",
      hostname: id,
      uid: 0,
      ncpu: type.vcpus,
      memory_bytes: type.memoryMiB * 2 ** 20,
      cpu_model: "simulated",
      boot_id: this.#bootId,
      host_id: this.#hostId,
      capture: "simulated",
      real_resolution_s: 1e-6,
      cpu_resolution_s: 1e-6,
      no_counters: "simulated",
      machine_env: { TIMETRIAL_SANDBOX: "1", TIMETRIAL_INSTANCE: id },
      tools: {},
      lacks: [],
      user_data: "done",
      at: `${new Date().toISOString().slice(0, 19)}Z`,
    };
  }
}

/** A number that is always the same for `text`. */
function between(text: string, least: number, most: number): number {
  return least + (most - least) * seededRandom(text)();
}

function frame(of: string, offset: number, state: string, payload: string): string {
  const sum = sha256(Buffer.from(payload));
  return `<<<timetrial 1 begin ${of} ${offset} ${state}\n${payload}>>>timetrial 1 end ${payload.length} sha256 ${sum}\n`;
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
