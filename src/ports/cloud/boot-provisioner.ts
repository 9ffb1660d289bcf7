// The port that launches machines to time their boot: one timed call each, never repeated. A machine's state is asked for
// at a fixed interval, whether or not the last request has been answered.

import type { BootPlan, BootSide } from "../../domain/boot/boot.ts";
import type { TimetrialError } from "../../domain/errors.ts";
import type { ReleaseProof, RunEvent } from "../../domain/run/events.ts";
import type { MicroVmFacts } from "../../domain/microvm/microvm.ts";
import type { Ledger } from "./ledger.ts";

/** The plan of boots that are wanted. */
export interface BootRequest {
  readonly plan: BootPlan;
  readonly signal: AbortSignal;
}

/** A request for boots, with all that a launch needs. */
export interface BootOrder extends BootRequest {
  readonly ledger: Ledger;
  /** How long a machine that is launched now may live. Seconds; absent: the spec's own limit. */
  readonly life_s?: number;
  readonly observe: (event: RunEvent) => void;
}

/** A machine that was launched; instants are the clock's, in seconds. */
export interface LaunchedBoot {
  readonly id: string;
  readonly image: string;
  readonly zone: string;
  /** Just before the call. */
  readonly start_s: number;
  /** When the call's reply had been read. */
  readonly called_s: number;
  /** How it was launched, where that is not the provisioner's one way. */
  readonly connection?: string;
}

/** What a microVM's VMM and console say of its boot, on the run's clock. */
export interface MicroVmBoot {
  readonly facts: MicroVmFacts;
  readonly start_sent_s: number;
  readonly console_at_s?: number;
  /** From InstanceStart to the guest's own mark. Seconds. */
  readonly guest_boot_s?: number;
  /** The last lines of its console; "" where it said nothing. */
  readonly lastLines: string;
}

/** A launch that the cloud refused. Nothing was launched, no time was measured. */
export interface BootRefusal {
  readonly refused: TimetrialError;
  readonly image: string;
  readonly zone: string;
}

/** How often EC2 was asked for a machine's state, and how often that failed or was throttled. */
export interface DescribeCounts {
  readonly sent: number;
  readonly failed: number;
  readonly throttled: number;
}

/** How the wait for a running machine with an address ended. `running_at_s`: seconds, by the run's clock. */
export type RunningOutcome = { readonly describes: DescribeCounts } & (
  { readonly running_at_s: number; readonly address: string } | { readonly reason: string }
);

/** Where machines are launched to be timed as they boot. Instants are in seconds, by the run's clock. */
export interface BootProvisioner {
  /** How the launching call is connected, as a report says it. */
  readonly connection: string;
  /** @throws TimetrialError for what cannot be had, before anything is spent */
  check(request: BootRequest): Promise<void>;
  /** By side, once `check` has looked: why what its image costs is not the price of its type. */
  unpriced?(): ReadonlyMap<string, string>;
  /**
   * Launches one machine by one call, which is never repeated; the ledger has the intent before. Returns a refusal when it
   * makes sense to launch the next machine.
   *
   * @throws TimetrialError where credentials or permissions are missing, or the outcome is not known
   */
  launch(order: BootOrder, side: BootSide, number: number): Promise<LaunchedBoot | BootRefusal>;
  /** Resolves when the machine is running and its address known, when it is dying, or at `until_s` by the clock. */
  running(plan: BootPlan, id: string, until_s: number, signal: AbortSignal): Promise<RunningOutcome>;
  /** Resolves with the reason when the machine is seen dying; never otherwise. */
  dying(id: string, signal: AbortSignal): Promise<string>;
  /** Resolves with the instant when the SSM agent is online; undefined at `until_s`. */
  online(id: string, until_s: number, signal: AbortSignal): Promise<number | undefined>;
  /** Whether the SSM agent is online by now; false where that cannot be found out. */
  isOnline(id: string): Promise<boolean>;
  /** What is known of microVM `id`; undefined where it is none. */
  microVm?(id: string): Promise<MicroVmBoot | undefined>;
  /** Stores pictures of the console, named after `name`, until `signal` aborts. Returns how many, and the first fault. */
  pictures(id: string, name: string, signal: AbortSignal): Promise<{ count: number; fault?: string }>;
  /** Terminates one machine: asks until the cloud accepts it. */
  end(order: BootOrder, id: string): Promise<void>;
  /** Terminates everything that was launched for the plan. Safe to repeat. */
  release(order: BootOrder): Promise<void>;
  /** Asks the cloud, not the ledger, whether anything of the plan still lives. */
  absence(order: BootOrder): Promise<ReleaseProof>;
}
