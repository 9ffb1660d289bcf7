// Prepares machines as they become ready, while others are still launched, and has those measured at once whose trials
// depend on no other machine.

import type { RunMachine } from "../../domain/run/run-log.ts";
import { hasOwnHost, shareHost } from "../../domain/run/shared-hosts.ts";
import { allSettledThenAll } from "../all-settled.ts";
import type { MachineRunner } from "../machine/machine-runner.ts";
import type { RunContext } from "../run/run-context.ts";
import { prepareMachine } from "./prepare-machines.ts";

/** What becomes of machines that are ready early. */
interface EarlyUse {
  /** Measures all that is planned on one machine. Absent where machines must wait for each other. */
  readonly measure?: (runner: MachineRunner) => Promise<void>;
  /** Is called with the error of a machine's measurement. */
  readonly onError: (error: unknown) => void;
}

export class EarlyMachines {
  readonly #context: RunContext;
  readonly #use: EarlyUse;
  /** By machine name. A rejection is the business of whoever takes the machine over. */
  readonly #preparing = new Map<string, Promise<MachineRunner>>();
  readonly #decided: Promise<unknown>[] = [];
  readonly #measuring: Promise<void>[] = [];
  readonly #started = new Map<string, MachineRunner>();
  #shared = false;

  constructor(context: RunContext, use: EarlyUse) {
    this.#context = context;
    this.#use = use;
  }

  /** The machines whose measurement was begun. */
  get started(): readonly MachineRunner[] {
    return [...this.#started.values()];
  }

  /** Whether a machine that was not started is on the host of one that was. */
  get isShared(): boolean {
    return this.#shared;
  }

  isStarted({ machine }: RunMachine): boolean {
    return this.#started.has(machine.name);
  }

  /** Prepares `one`, and has it measured where it depends on no other machine. */
  take(one: RunMachine): void {
    if (this.#preparing.has(one.machine.name)) return;
    const deciding = this.prepare(one).then((runner) => this.#decide(one, runner));
    this.#decided.push(deciding.catch(() => {}));
  }

  /** Returns the runner of `one`: prepares it, unless that was begun. */
  prepare(one: RunMachine): Promise<MachineRunner> {
    const { name } = one.machine;
    const preparing = this.#preparing.get(name) ?? prepareMachine(this.#context, one);
    this.#preparing.set(name, preparing);
    return preparing;
  }

  /** Returns once it is known of each machine that was taken whether its measurement is begun. */
  async decided(): Promise<void> {
    await Promise.all(this.#decided);
  }

  /** Returns once all measurements are over. @throws the first error */
  async measured(): Promise<void> {
    await allSettledThenAll(this.#measuring);
  }

  /** Returns once nothing goes on any more. */
  async settled(): Promise<void> {
    await this.decided();
    await Promise.allSettled(this.#measuring);
  }

  #decide(one: RunMachine, runner: MachineRunner): void {
    const { measure, onError } = this.#use;
    const isShared = this.started.some(({ facts }) => shareHost(facts, runner.facts));
    this.#shared ||= isShared;
    if (measure === undefined || isShared || one.booting !== true || !hasOwnHost(runner.facts)) return;
    this.#started.set(runner.name, runner);
    const measuring = this.#logged(one).then(() => measure(runner));
    measuring.catch(onError);
    this.#measuring.push(measuring);
  }

  /** A later client must know the machine before it knows its batches. */
  async #logged(one: RunMachine): Promise<void> {
    await this.#context.state.acquired([one], { slot: one.slot });
  }
}
