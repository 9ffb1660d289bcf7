// One instance: its body, and the states that EC2 shows of it.

import type { InstanceContext, InstancePlan, TaggedResource } from "./instance-plan.ts";
import { MachineFaults } from "../faults/machine-faults.ts";
import { BootNetwork } from "../network/boot-network.ts";
import type { MachineBody } from "./machine-body.ts";
import type { PowerRequest } from "./power-requests.ts";
import { processBody } from "./process-body.ts";
import { type ProcessTree } from "../process/process-tree.ts";
import type { Invocation } from "../ssm/invocation.ts";
import type { Cancel } from "../scaled-time.ts";
import { simulatedBody } from "../simulated/simulated-body.ts";
import { SsmAgent } from "../ssm/agent.ts";
import { profileWithoutPolicy } from "../catalogue.ts";

export type InstanceState = "pending" | "running" | "shutting-down" | "terminated" | "stopping" | "stopped";

const registrationS = 0.5;
/** How long a new instance is unknown to readers, where the fault plan says nothing. */
const consistencyS = 0.3;
const ownShutdown = "Client.InstanceInitiatedShutdown";

export class Instance {
  readonly plan: InstancePlan;
  readonly network: BootNetwork;
  readonly launchedAt: Date = new Date();
  /** Tags now: CreateTags and DeleteTags change them. */
  readonly tags: Readonly<Record<TaggedResource, Map<string, string>>>;
  /** When it last began to run, in milliseconds of this computer. */
  runningSince: number | undefined;
  state: InstanceState = "pending";
  reason: { readonly code: string; readonly message: string } | undefined;
  /** When the agent registered, and when it fell silent, in milliseconds of this computer. */
  registeredAt: number | undefined;
  silentAt: number | undefined;
  readonly #context: InstanceContext;
  readonly #body: MachineBody;
  readonly #timers = new Set<Cancel>();
  readonly #faults: MachineFaults;
  #unwatch: () => void = () => {};
  #cancelShutdown: Cancel = () => {};
  readonly #agent: SsmAgent;
  #isLost = false;
  #tree: Promise<ProcessTree> | undefined;
  #ending: Promise<void> | undefined;
  #lastConsole: string | undefined;
  #endedAt: number | undefined;

  constructor(plan: InstancePlan, context: InstanceContext) {
    this.plan = plan;
    this.tags = {
      instance: new Map(plan.tags.instance),
      volume: new Map(plan.tags.volume),
      "network-interface": new Map(plan.tags["network-interface"]),
      "spot-instances-request": new Map(plan.spot?.tags),
    };
    this.#context = context;
    this.#faults = new MachineFaults(context.faults);
    this.#body =
      context.simulation === undefined
        ? processBody(plan, context, this.#faults.hasOwnClock ? this.#faults.skew_s : undefined)
        : simulatedBody(plan, context, context.simulation);
    this.#agent = new SsmAgent({
      time: context.time,
      workers: this.#body.workers,
      drawLateness: () => context.faults.fraction("lost-result"),
      reboot: () => this.reboot(),
      begun: () => this.#faults.begun(this, plan.spot !== undefined, this.#soon),
    });
    this.#unwatch = this.#body.watchPower((request) => this.#obey(request));
    for (const note of context.notes) this.#say(note);
    this.network = new BootNetwork({ ...context, net: plan.net, say: (line) => this.#say(line) });
    this.#later(this.network.bootS, () => this.#careful(this.#boot()));
  }

  get id(): string {
    return this.plan.id;
  }

  /** Whether Describe calls show it yet: EC2 is eventually consistent. */
  get isVisible(): boolean {
    return (
      Date.now() >=
      this.launchedAt.getTime() + this.#context.time.ms(this.#context.faults.of("consistency")?.seconds ?? consistencyS)
    );
  }

  /** A terminated instance is shown for an hour. */
  get isForgotten(): boolean {
    return this.#endedAt !== undefined && Date.now() > this.#endedAt + this.#context.time.ms(3600);
  }

  get isAlive(): boolean {
    return this.state !== "terminated" && this.state !== "stopped";
  }

  get isManaged(): boolean {
    return this.state === "running" && this.registeredAt !== undefined;
  }

  /** Ends all of it; resolves when nothing of it is left. Safe to repeat. */
  terminate(code: string, message: string): Promise<void> {
    if (this.state === "terminated" || this.state === "shutting-down") return this.#ending ?? Promise.resolve();
    this.reason = { code, message };
    this.state = "shutting-down";
    this.#ending = this.#shutDown().then(() => {
      this.#lastConsole = this.console();
      this.#body.remove();
      this.state = "terminated";
      this.#endedAt = Date.now();
    });
    this.#careful(this.#ending);
    return this.#ending;
  }

  stop(code: string, message: string): Promise<void> {
    if (this.state !== "running" && this.state !== "pending") return this.#ending ?? Promise.resolve();
    this.reason = { code, message };
    this.state = "stopping";
    this.#ending = this.#shutDown().then(() => {
      if (this.state === "stopping") this.state = "stopped";
    });
    this.#careful(this.#ending);
    return this.#ending;
  }

  deliver(invocation: Invocation): void {
    this.#agent.deliver(invocation);
    // The agent drops the second one.
    if (this.#faults.comesTwice()) this.#agent.deliver(invocation);
  }

  cancel(invocation: Invocation): void {
    this.#agent.cancel(invocation);
  }

  /** The agent ends and is back after `away_s` scaled seconds: results that came meanwhile are late, and unchanged. */
  restartAgent(away_s: number): void {
    this.#agent.leave();
    this.#say("amazon-ssm-agent: restarts");
    this.#later(away_s, () => void this.#tree?.then((tree) => this.#agentArrives(tree)));
  }

  /** As with agents of old: what runs goes on, and what is unfinished is run again. */
  restartOldAgent(): void {
    this.#say("amazon-ssm-agent: restarts, and runs again what is unfinished");
    this.#agent.runAgain();
  }

  /** The workers of the commands that run are killed: their results are lost. */
  killWorkers(): void {
    this.#say("ssm-document-worker: killed");
    this.#agent.killWorkers();
  }

  /** The agent falls silent for good: what runs goes on, and nothing is heard of it any more. */
  loseAgent(): void {
    this.#agent.close();
    this.silentAt ??= Date.now();
    this.#isLost = true;
    this.#say("amazon-ssm-agent: killed by out-of-memory");
  }

  reboot(): void {
    this.#careful(this.#reboot());
  }

  jumpClock(seconds: number): void {
    if (this.state === "running") this.#body.setClock(this.#faults.skew_s + seconds);
  }

  /** The last 64 KB of the console. */
  console(): string {
    return this.#lastConsole ?? this.#body.console();
  }

  async #boot(): Promise<void> {
    this.#tree = this.#body.open();
    let tree: ProcessTree;
    try {
      [tree] = await Promise.all([this.#tree, this.network.ready()]);
    } catch (error) {
      this.#tree = undefined;
      void this.terminate("Server.InternalError", `Server.InternalError: ${String(error)}`);
      return;
    }
    if (this.state !== "pending" && this.state !== "running") return;
    const isFirst = this.state === "pending";
    this.state = "running";
    this.runningSince = Date.now();
    this.#say(`booted, isolation by ${tree.isolation}`);
    for (const note of tree.notes) this.#say(note);
    if (this.#faults.hasFullDisk && !(await this.#body.fillDisk(tree))) this.#say("disk-full: not to be had here");
    this.#body.runBootScripts(tree, isFirst);
    void this.network.runs();
    this.#later(registrationS, () => this.#agentArrives(tree));
  }

  /** Whether the role of the instance, if it has one, lets its agent register. */
  get #mayRegister(): boolean {
    return this.plan.profile?.replace(/.*\//, "") !== profileWithoutPolicy;
  }

  #agentArrives(tree: ProcessTree): void {
    if (this.state !== "running" || this.#isLost || this.#faults.hasNoAgent || !this.#mayRegister) return;
    const isFirst = this.registeredAt === undefined;
    this.registeredAt ??= Date.now();
    this.silentAt = undefined;
    this.#say("amazon-ssm-agent: registered");
    if (isFirst) this.#faults.registered(this, this.#soon);
    this.#agent.arrive(tree);
  }

  async #reboot(): Promise<void> {
    if (this.state !== "running") return;
    this.#agent.reboot();
    this.silentAt = Date.now();
    this.#say("reboot");
    // A shutdown that is scheduled stays so: it stands for the unit that would arm it again at every boot.
    await (await this.#tree)?.end();
    this.#later(this.network.bootS, () => this.#careful(this.#boot()));
  }

  #obey({ verb, delayS }: PowerRequest): void {
    this.#cancelShutdown();
    if (verb === "cancel") return;
    const act = (): void => {
      if (verb === "reboot") this.reboot();
      else void this[this.plan.shutdownBehaviour](ownShutdown, `${ownShutdown}: Instance initiated shutdown`);
    };
    this.#say(`${verb} in ${Math.round(delayS)} s`);
    this.#cancelShutdown = delayS === 0 ? () => {} : this.#later(delayS, act);
    if (delayS === 0) act();
  }

  async #shutDown(): Promise<void> {
    for (const cancel of this.#timers) cancel();
    this.#agent.close();
    this.silentAt = Date.now();
    this.#unwatch();
    try {
      // A tree that could not be opened has nothing to end.
      const tree = await this.#tree?.catch(() => undefined);
      await Promise.all([tree?.end(), this.network.end()]);
    } finally {
      await this.#context.time.pause(this.#context.boot.endedS);
    }
  }

  // Nobody waits for these: what fails is said on the console.
  #careful(work: Promise<void>): void {
    work.catch((error: unknown) => this.#say(`failed: ${String(error)}`));
  }

  #later(seconds: number, act: () => void): Cancel {
    return this.#soon(this.#context.time.ms(seconds) / 1000, act);
  }

  /** In seconds that are not scaled. */
  readonly #soon = (seconds: number, act: () => void): Cancel => {
    const cancel = this.#context.time.afterReal(seconds, () => {
      this.#timers.delete(cancel);
      act();
    });
    this.#timers.add(cancel);
    return cancel;
  };

  #say(line: string): void {
    this.#body.say(line);
  }
}
