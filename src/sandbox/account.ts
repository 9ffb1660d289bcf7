// The sandbox's account: the resources of each region, and what its instances run on.

import { createHash } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { BootSettings } from "./network/boot-settings.ts";
import { regions } from "./catalogue.ts";
import { ServiceError } from "./protocol/service-error.ts";
import { FaultDraws, type FaultPlan } from "./faults/fault-plan.ts";
import type { Instance } from "./instance/instance.ts";
import type { InstanceContext } from "./instance/instance-plan.ts";
import { systemPath } from "./instance/instance-folder.ts";
import { shaMaskVariable } from "./instance/openssl-mask.ts";
import { type Isolation } from "./process/process-tree.ts";
import { isolationOf } from "./process/open-tree.ts";
import { PastInstances } from "./ec2/past-instances.ts";
import { CommandLog } from "./ssm/invocation.ts";
import { ScaledClock } from "./scaled-time.ts";
import type { SimulationSettings } from "./simulated/settings.ts";

/** Owner of what every sandbox has: its network. */
export const ownerId = "000000000000";

export interface SandboxAccountOptions {
  /** The state folder; instances live below it. */
  readonly dir: string;
  readonly timeScale: number;
  readonly mask: boolean;
  readonly isolation: Isolation | "auto";
  readonly faults?: FaultPlan | undefined;
  /** PATH of the instances after their stand-ins. */
  readonly systemPath?: string | undefined;
  readonly boot: BootSettings;
  readonly simulation?: SimulationSettings | undefined;
}

/** One region's instances and commands; regions know nothing of each other. */
export interface Region {
  readonly name: string;
  readonly account: SandboxAccount;
  readonly instances: Map<string, Instance>;
  /** Client tokens of RunInstances: what was asked, and what was launched. */
  readonly tokens: Map<string, { readonly asked: string; readonly instances: readonly Instance[] }>;
  readonly commands: CommandLog;
  /** Ids of spot requests that were cancelled. */
  readonly cancelledSpot: Set<string>;
  /** Instances whose volumes outlived them, and were deleted. */
  readonly deletedVolumes: Set<string>;
}

export class SandboxAccount {
  /** Twelve digits, the same for the same state folder. */
  readonly id: string;
  readonly time: ScaledClock;
  readonly faults: FaultDraws;
  readonly past: PastInstances;
  readonly #options: SandboxAccountOptions;
  readonly #isolation: Isolation;
  readonly #regions: ReadonlyMap<string, Region>;
  readonly #mask: ReturnType<typeof shaMaskVariable>;
  #launched = 0;

  constructor(options: SandboxAccountOptions) {
    this.#options = options;
    const digest = createHash("sha256").update(options.dir).digest();
    this.id = String(digest.readUIntBE(0, 6) % 1e12).padStart(12, "0");
    this.time = new ScaledClock(options.timeScale);
    this.faults = new FaultDraws(options.faults);
    this.#isolation = isolationOf(options.isolation);
    this.#mask = options.mask ? shaMaskVariable() : undefined;
    this.#regions = new Map(
      regions.map((name) => [
        name,
        {
          name,
          account: this,
          instances: new Map(),
          tokens: new Map(),
          commands: new CommandLog(this.time, this.faults),
          cancelledSpot: new Set(),
          deletedVolumes: new Set(),
        },
      ]),
    );
    mkdirSync(this.#instancesFolder, { recursive: true, mode: 0o700 });
    this.past = new PastInstances(options.dir, this.time);
  }

  /** The time as the cloud has it: its clock may differ from this computer's. Milliseconds since the epoch. */
  now_ms(): number {
    return Date.now() + (this.faults.of("clock-skew")?.seconds ?? 0) * 1000;
  }

  region(name: string): Region {
    const region = this.#regions.get(name);
    if (region === undefined)
      throw new ServiceError(
        "AuthFailure",
        `Credential should be scoped to one of ${regions.join(", ")}, not '${name}'`,
        401,
      );
    return region;
  }

  instances(): Instance[] {
    return [...this.#regions.values()].flatMap((region) => [...region.instances.values()]);
  }

  /** Whether its machines measure nothing. */
  get isSimulated(): boolean {
    return this.#options.simulation !== undefined;
  }

  nextNumber(): number {
    return ++this.#launched;
  }

  contextFor(family: string): InstanceContext {
    const masked = family === "s1";
    const mask = masked ? this.#mask : undefined;
    return {
      folder: this.#instancesFolder,
      time: this.time,
      faults: this.faults,
      boot: this.#options.boot,
      simulation: this.#options.simulation,
      isolation: this.#isolation,
      systemPath: this.#options.systemPath ?? systemPath,
      declares: mask === undefined ? {} : { [mask.name]: mask.value },
      notes:
        masked && this.#options.mask && mask === undefined ? ["OpenSSL's capability word is unknown: no mask"] : [],
    };
  }

  /** Ends every instance, and what is scheduled. */
  async close(): Promise<void> {
    const alive = this.instances().filter((each) => each.state !== "terminated");
    const ending = Promise.all(alive.map((each) => each.terminate("Server.Shutdown", "Server.Shutdown: sandbox ends")));
    await ending;
    this.time.clear();
    rmSync(this.#instancesFolder, { recursive: true, force: true, maxRetries: 3 });
  }

  get #instancesFolder(): string {
    return join(this.#options.dir, "instances");
  }
}
