// The document workers of a simulated machine: each obeys the agent's calls in a script, and starts no process.

import type { Cancel, ScaledClock } from "../scaled-time.ts";
import type { CommandWorker, WorkerEnd, WorkerHeads, WorkerSource } from "../ssm/document-worker.ts";
import type { CommandRequest } from "../ssm/invocation.ts";
import { agentCalls } from "./agent-calls.ts";
import type { SimulatedMachine } from "./simulated-machine.ts";

export class SimulatedWorkers implements WorkerSource {
  readonly #machine: SimulatedMachine;
  readonly #time: ScaledClock;

  constructor(machine: SimulatedMachine, time: ScaledClock) {
    this.#machine = machine;
    this.#time = time;
  }

  prepare(): void {}

  async close(): Promise<void> {}

  start(_: unknown, request: CommandRequest, heads: WorkerHeads, begun: () => void): CommandWorker {
    return new SimulatedWorker(this.#machine, this.#time, request, heads, begun);
  }
}

class SimulatedWorker implements CommandWorker {
  readonly ended: Promise<WorkerEnd>;
  readonly #cancelLimit: Cancel;
  #end: (end: WorkerEnd) => void = () => {};

  constructor(
    machine: SimulatedMachine,
    time: ScaledClock,
    { order }: CommandRequest,
    heads: WorkerHeads,
    begun: () => void,
  ) {
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#cancelLimit = time.afterReal(order.executionTimeoutS, () => this.#stop("limit"));
    begun();
    void obey(machine, order.script, heads).then((exitCode) => {
      this.#cancelLimit();
      this.#end({ exit: { exitCode, signal: undefined }, stopped: undefined });
    });
  }

  cancel(): void {
    this.#stop("cancel");
  }

  abandon(): void {
    this.#cancelLimit();
    this.#end = () => {};
  }

  #stop(stopped: "limit" | "cancel"): void {
    this.#cancelLimit();
    this.#end({ exit: { exitCode: undefined, signal: "SIGKILL" }, stopped });
  }
}

/** Returns the exit status of `script`. */
async function obey(machine: SimulatedMachine, script: string, heads: WorkerHeads): Promise<number> {
  const calls = agentCalls(script);
  if (calls.length === 0) {
    heads.stderr.take(Buffer.from("timetrial: a simulated machine obeys the calls of timetrial's agent alone\n"));
    return 1;
  }
  for (const one of calls) {
    const result = await machine.call(one);
    if ("error" in result) {
      heads.stderr.take(Buffer.from(`timetrial: ${result.error}\n`));
      return 1;
    }
    heads.stdout.take(Buffer.from(result.out));
  }
  return 0;
}
