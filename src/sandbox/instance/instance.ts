// One instance: a folder, a process tree, and the states that EC2 shows of them.

import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { fillDisk, advanceFakeClock, installFakeClock } from "./disk-and-clock.ts";
import { makeInstanceFolder, type InstanceFolder } from "./instance-folder.ts";
import type { InstanceContext, InstancePlan } from "./instance-plan.ts";
import { MachineFaults } from "../faults/machine-faults.ts";
import { BootNetwork } from "../network/boot-network.ts";
import { watchPower, type PowerRequest } from "./power-requests.ts";
import { type ProcessTree } from "../process/process-tree.ts";
import { openTree } from "../process/open-tree.ts";
import { runPerBootScripts, runUserData } from "./user-data.ts";
import { Invocation } from "../ssm/invocation.ts";
import type { Cancel } from "../scaled-time.ts";
import { SsmAgent } from "../ssm/agent.ts";

export type InstanceState = "pending" | "running" | "shutting-down" | "terminated" | "stopping" | "stopped";

const registrationS = 0.5;
/** How long a new instance is unknown to readers, where the fault plan says nothing. */
const consistencyS = 0.3;
const shutdownS = 0.5;
const ownShutdown = "Client.InstanceInitiatedShutdown";

export class Instance {
  readonly plan: InstancePlan;
  readonly network: BootNetwork;
  readonly launchedAt: Date = new Date();
  state: InstanceState = "pending";
  reason: { readonly code: string; readonly message: string } | undefined;
  /** When the agent registered, and when it fell silent, in milliseconds of this computer. */
  registeredAt: number | undefined;
  silentAt: number | undefined;
  readonly #context: InstanceContext;
  readonly #folder: InstanceFolder;
  readonly #timers = new Set<Cancel>();
  readonly #faults: MachineFaults;
  #unwatch: () => void = () => {};
  #cancelShutdown: Cancel = () => {};
  #agent: SsmAgent | undefined;
  #isLost = false;
  /** Sent while no agent is up, and what an agent left unfinished. */
  #undelivered: Invocation[] = [];
  #tree: Promise<ProcessTree> | undefined;
  #ending: Promise<void> | undefined;
  #lastConsole: string | undefined;
  #endedAt: number | undefined;

  constructor(plan: InstancePlan, context: InstanceContext) {
    this.plan = plan;
    this.#context = context;
    this.#faults = new MachineFaults(context.faults);
    this.#folder = makeInstanceFolder({
      path: join(context.folder, plan.id),
      instanceId: plan.id,
      declares: context.declares,
      systemPath: context.systemPath,
    });
    if (this.#faults.hasJumpingClock) installFakeClock(this.#folder);
    this.#unwatch = watchPower(this.#folder.power, (request) => this.#obey(request));
    for (const note of context.notes) this.#say(note);
    this.network = new BootNetwork({ ...context, net: plan.net, say: (line) => this.#say(line) });
    this.#later(this.network.bootS, () => this.#careful(this.#boot()));
  }

  get id(): string {
    return this.plan.id;
  }

  /** Whether readers see it by now: EC2 is eventually consistent. */
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
      this.#folder.remove();
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
    const { request } = invocation;
    const again = { ...request, commandId: `${request.commandId}.again` };
    const copies = this.#faults.comesTwice() ? [new Invocation(again, this.id)] : [];
    for (const each of [invocation, ...copies])
      if (this.#agent === undefined) this.#undelivered.push(each);
      else this.#agent.deliver(each);
  }

  /** Best effort: without an agent nothing happens. */
  cancel(invocation: Invocation): void {
    this.#agent?.cancel(invocation);
  }

  /** As after a crash of the agent: what runs goes on, and what is unfinished is run again. */
  restartAgent(): void {
    this.#stopAgent();
    void this.#tree?.then((tree) => this.#startAgent(tree));
  }

  /** What runs goes on, and nothing is heard of it any more. */
  loseAgent(): void {
    this.#stopAgent();
    this.silentAt ??= Date.now();
    this.#isLost = true;
    this.#say("amazon-ssm-agent: killed by out-of-memory");
  }

  reboot(): void {
    this.#careful(this.#reboot());
  }

  jumpClock(seconds: number): void {
    if (this.state === "running") advanceFakeClock(this.#folder, seconds);
  }

  /** The last 64 KB of the console. */
  console(): string {
    return this.#lastConsole ?? this.#folder.consoleTail();
  }

  async #boot(): Promise<void> {
    this.#tree = openTree(this.#context.isolation, {
      instanceId: this.id,
      folder: this.#folder.path,
      env: this.#folder.env,
    });
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
    this.#say(`booted, isolation by ${tree.isolation}`);
    if (this.#faults.hasFullDisk && !(await fillDisk(tree, this.#folder))) this.#say("disk-full: not to be had here");
    const scripts = { tree, folder: this.#folder, say: (line: string) => this.#say(line) };
    if (isFirst) runUserData(this.plan.userData, scripts);
    else runPerBootScripts(scripts);
    void this.network.runs();
    this.#later(registrationS, () => this.#startAgent(tree));
  }

  #startAgent(tree: ProcessTree): void {
    if (this.state !== "running" || this.#isLost || this.#faults.hasNoAgent) return;
    const isFirst = this.registeredAt === undefined;
    this.registeredAt ??= Date.now();
    this.silentAt = undefined;
    this.#agent = new SsmAgent({
      tree,
      time: this.#context.time,
      documents: this.#folder.documents,
      home: this.#folder.home,
      env: {
        ...this.#folder.env,
        AWS_SSM_INSTANCE_ID: this.id,
        AWS_SSM_REGION_NAME: this.plan.zone.region,
      },
      reboot: () => this.reboot(),
      begun: () => this.#faults.begun(this, this.plan.spot !== undefined, this.#soon),
    });
    this.#say("amazon-ssm-agent: registered");
    if (isFirst) this.#faults.registered(this, this.#soon);
    for (const each of this.#undelivered.splice(0)) this.#agent.deliver(each);
  }

  #stopAgent(): void {
    this.#undelivered.push(...(this.#agent?.stop() ?? []));
    this.#agent = undefined;
  }

  async #reboot(): Promise<void> {
    if (this.state !== "running") return;
    this.#stopAgent();
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
    this.#stopAgent();
    this.silentAt = Date.now();
    this.#unwatch();
    try {
      // A tree that could not be opened has nothing to end.
      const tree = await this.#tree?.catch(() => undefined);
      await Promise.all([tree?.end(), this.network.end()]);
    } finally {
      await this.#context.time.pause(shutdownS);
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
    try {
      appendFileSync(this.#folder.console, `timetrial sandbox: ${line}\n`);
    } catch {
      // The folder may be gone with the instance.
    }
  }
}
