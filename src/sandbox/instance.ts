// One instance: a folder, a process tree, and the states that EC2 shows of them.

import { appendFileSync, closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BootSettings } from "./boot-settings.ts";
import type { Image, MachineType, Zone } from "./catalogue.ts";
import { makeFolder, type InstanceFolder } from "./instance-folder.ts";
import { type NetWish, Place } from "./place.ts";
import { watchPower, type PowerRequest } from "./power-requests.ts";
import { openTree, type Isolation, type ProcessTree } from "./process-tree.ts";
import type { Invocation } from "./run-command.ts";
import type { Cancel, ScaledTime } from "./scaled-time.ts";
import { SsmAgent } from "./ssm-agent.ts";

export type InstanceState = "pending" | "running" | "shutting-down" | "terminated" | "stopping" | "stopped";

export interface InstancePlan {
  readonly id: string;
  /** Ascending in the order of launching. */
  readonly number: number;
  readonly reservationId: string;
  readonly type: MachineType;
  readonly image: Image;
  readonly zone: Zone;
  readonly tags: ReadonlyMap<string, string>;
  readonly volumeTags: ReadonlyMap<string, string>;
  readonly clientToken: string | undefined;
  readonly userData: Buffer | undefined;
  readonly shutdownBehaviour: "stop" | "terminate";
  readonly groupIds: readonly string[];
  readonly profile: string | undefined;
  readonly isSpot: boolean;
  readonly net: NetWish | undefined;
  readonly httpTokens: string;
  readonly volume: {
    readonly sizeGiB: number;
    readonly type: string;
    readonly iops: number;
    readonly throughput: number;
  };
}

/** What instances are made of here. */
export interface Ground {
  readonly folder: string;
  readonly time: ScaledTime;
  readonly isolation: Isolation;
  readonly systemPath: string;
  readonly declares: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
  readonly boot: BootSettings;
}

const registrationS = 0.5;
const consistencyS = 0.3;
const shutdownS = 0.5;
const consoleLimit = 64 * 1024;

export class Instance {
  readonly plan: InstancePlan;
  readonly place: Place;
  readonly launchedAt: Date = new Date();
  state: InstanceState = "pending";
  reason: { readonly code: string; readonly message: string } | undefined;
  /** When the agent registered, and when it fell silent, in milliseconds of this computer. */
  registeredAt: number | undefined;
  silentAt: number | undefined;
  readonly #ground: Ground;
  readonly #folder: InstanceFolder;
  readonly #timers = new Set<Cancel>();
  #unwatch: () => void = () => {};
  #cancelShutdown: Cancel = () => {};
  #agent: SsmAgent | undefined;
  /** Sent while no agent is up, and what an agent left unfinished. */
  #undelivered: Invocation[] = [];
  #tree: Promise<ProcessTree> | undefined;
  #ending: Promise<void> | undefined;
  #lastConsole: string | undefined;
  #endedAt: number | undefined;

  constructor(plan: InstancePlan, ground: Ground) {
    this.plan = plan;
    this.#ground = ground;
    this.#folder = makeFolder({
      path: join(ground.folder, plan.id),
      instanceId: plan.id,
      declares: ground.declares,
      systemPath: ground.systemPath,
    });
    this.#unwatch = watchPower(this.#folder.power, (request) => this.#obey(request));
    for (const note of ground.notes) this.#say(note);
    this.place = new Place({ ...ground, net: plan.net, say: (line) => this.#say(line) });
    this.#later(this.place.bootS, () => this.#careful(this.#boot()));
  }

  get id(): string {
    return this.plan.id;
  }

  /** Whether readers see it by now: EC2 is eventually consistent. */
  get isVisible(): boolean {
    return Date.now() >= this.launchedAt.getTime() + this.#ground.time.ms(consistencyS);
  }

  /** A terminated instance is shown for an hour. */
  get isForgotten(): boolean {
    return this.#endedAt !== undefined && Date.now() > this.#endedAt + this.#ground.time.ms(3600);
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
    if (this.#agent === undefined) this.#undelivered.push(invocation);
    else this.#agent.deliver(invocation);
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

  /** The last 64 KB of the console. */
  console(): string {
    if (this.#lastConsole !== undefined) return this.#lastConsole;
    try {
      return readFileSync(this.#folder.console).subarray(-consoleLimit).toString("utf8");
    } catch {
      return "";
    }
  }

  async #boot(): Promise<void> {
    this.#tree = openTree(this.#ground.isolation, {
      instanceId: this.id,
      folder: this.#folder.path,
      env: this.#folder.env,
    });
    let tree: ProcessTree;
    try {
      [tree] = await Promise.all([this.#tree, this.place.ready()]);
    } catch (error) {
      this.#tree = undefined;
      void this.terminate("Server.InternalError", `Server.InternalError: ${String(error)}`);
      return;
    }
    if (this.state !== "pending" && this.state !== "running") return;
    const isFirst = this.state === "pending";
    this.state = "running";
    this.#say(`booted, isolation by ${tree.isolation}`);
    void this.place.runs();
    if (isFirst) this.#runUserData(tree);
    this.#later(registrationS, () => this.#startAgent(tree));
  }

  #startAgent(tree: ProcessTree): void {
    if (this.state !== "running") return;
    this.registeredAt ??= Date.now();
    this.silentAt = undefined;
    this.#agent = new SsmAgent({
      tree,
      time: this.#ground.time,
      documents: this.#folder.documents,
      home: this.#folder.home,
      env: {
        ...this.#folder.env,
        AWS_SSM_INSTANCE_ID: this.id,
        AWS_SSM_REGION_NAME: this.plan.zone.region,
      },
      reboot: () => this.#careful(this.#reboot()),
    });
    this.#say("amazon-ssm-agent: registered");
    for (const each of this.#undelivered.splice(0)) this.#agent.deliver(each);
  }

  #stopAgent(): void {
    this.#undelivered.push(...(this.#agent?.stop() ?? []));
    this.#agent = undefined;
  }

  #runUserData(tree: ProcessTree): void {
    const { userData } = this.plan;
    if (userData === undefined || userData.length === 0) return;
    if (userData.subarray(0, 2).toString() !== "#!") {
      this.#say("user-data is not a script (it does not begin with #!): not run");
      return;
    }
    const path = join(this.#folder.documents, "user-data");
    writeFileSync(path, userData, { mode: 0o700 });
    const log = openSync(this.#folder.console, "a");
    const { env, home } = this.#folder;
    const job = tree.start({ argv: [path], cwd: home, env, stdout: log, stderr: log });
    closeSync(log);
    void job.ended.then(({ exitCode, signal }) => this.#say(`user-data ended: ${exitCode ?? signal}`));
  }

  async #reboot(): Promise<void> {
    if (this.state !== "running") return;
    this.#stopAgent();
    this.silentAt = Date.now();
    this.#say("reboot");
    // A shutdown that is scheduled stays so: it stands for the unit that would arm it again at every boot.
    await (await this.#tree)?.end();
    this.#later(this.place.bootS, () => this.#careful(this.#boot()));
  }

  #obey({ verb, delayS }: PowerRequest): void {
    this.#cancelShutdown();
    if (verb === "cancel") return;
    const act = (): void => {
      if (verb === "reboot") this.#careful(this.#reboot());
      else if (this.plan.shutdownBehaviour === "terminate")
        void this.terminate(
          "Client.InstanceInitiatedShutdown",
          "Client.InstanceInitiatedShutdown: Instance initiated shutdown",
        );
      else
        void this.stop(
          "Client.InstanceInitiatedShutdown",
          "Client.InstanceInitiatedShutdown: Instance initiated shutdown",
        );
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
      await Promise.all([tree?.end(), this.place.end()]);
    } finally {
      await this.#ground.time.pause(shutdownS);
    }
  }

  // Nobody waits for these: what fails is said on the console.
  #careful(work: Promise<void>): void {
    work.catch((error: unknown) => this.#say(`failed: ${String(error)}`));
  }

  #later(seconds: number, act: () => void): Cancel {
    const cancel = this.#ground.time.after(seconds, () => {
      this.#timers.delete(cancel);
      act();
    });
    this.#timers.add(cancel);
    return cancel;
  }

  #say(line: string): void {
    try {
      appendFileSync(this.#folder.console, `timetrial sandbox: ${line}\n`);
    } catch {
      // The folder may be gone with the instance.
    }
  }
}
