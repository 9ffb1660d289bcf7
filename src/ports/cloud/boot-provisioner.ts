// The port that launches machines to time their boot: one timed call each, never repeated. It requests a machine's
// state at a fixed interval, whether or not the last request has had its response.

import type { BootPlan, BootSide } from "../../domain/boot/boot.ts";
import type { TimetrialError } from "../../domain/errors.ts";
import type { ReleaseProof, RunEvent } from "../../domain/run/events.ts";
import type { MicroVmFacts } from "../../domain/microvm/microvm.ts";
import type { Ledger } from "./ledger.ts";

/** A request for the boots of a plan. */
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

/** A launched machine. Instants are in seconds, by the run's clock. */
export interface LaunchedBoot {
  readonly id: string;
  readonly image: string;
  readonly zone: string;
  /** The instant just before the launching call. */
  readonly start_s: number;
  /** The instant when the response to the call had been read. */
  readonly called_s: number;
  /** How the launching call was connected; absent: as the provisioner's `connection` says. */
  readonly connection?: string;
}

/** The boot of a microVM, by its VMM and its console. Instants are in seconds, by the run's clock. */
export interface MicroVmBoot {
  readonly facts: MicroVmFacts;
  readonly start_sent_s: number;
  readonly console_at_s?: number;
  /** Time from InstanceStart to the guest's own mark. Seconds. */
  readonly guest_boot_s?: number;
  /** The last lines of its console; "" where it printed nothing. */
  readonly lastLines: string;
}

/** A launch that the cloud refused. It launched nothing, and no time was measured. */
export interface BootRefusal {
  readonly refused: TimetrialError;
  readonly image: string;
  readonly zone: string;
}

/** How many requests for a machine's state were sent, how many failed, and how many were throttled. */
export interface DescribeCounts {
  readonly sent: number;
  readonly failed: number;
  readonly throttled: number;
}

/** How the wait for a running machine with an address ended. `running_at_s`: seconds, by the run's clock. */
export type RunningOutcome = { readonly describes: DescribeCounts } & (
  | { readonly running_at_s: number; readonly address: string }
  /** `zoneIsFull`: the cloud accepted the launch, and then had no capacity in the zone. */
  | { readonly reason: string; readonly zoneIsFull?: true }
);

/** Launches machines to time their boot. Instants are in seconds, by the run's clock. */
export interface BootProvisioner {
  /** How launching calls are connected, in the words of the report. */
  readonly connection: string;
  /** Checks the request before anything is spent. @throws TimetrialError where it cannot be met */
  check(request: BootRequest): Promise<void>;
  /** Returns, after `check`, why the price of a side's instance type is not what its image costs: by side. */
  unpriced?(): ReadonlyMap<string, string>;
  /**
   * Launches one machine by one call, which is never repeated. Writes the intent to the ledger before the call. Returns
   * a refusal when it makes sense to launch the next machine.
   *
   * @throws TimetrialError where credentials or permissions are missing, or the outcome is not known
   */
  launch(order: BootOrder, side: BootSide, number: number): Promise<LaunchedBoot | BootRefusal>;
  /** Leaves the zone of `launched` out of later launches. Returns whether there is another to launch in. */
  leaveZone?(order: BootOrder, launched: LaunchedBoot, reason: string): boolean;
  /** Resolves when the machine is running and its address known, when it is dying, or at `until_s` by the clock. */
  running(plan: BootPlan, id: string, until_s: number, signal: AbortSignal): Promise<RunningOutcome>;
  /** Resolves with the reason when a response shows the machine dying; never otherwise. */
  dying(id: string, signal: AbortSignal): Promise<string>;
  /** Resolves with the instant when the SSM agent is online; undefined at `until_s`. */
  online(id: string, until_s: number, signal: AbortSignal): Promise<number | undefined>;
  /** Returns whether the SSM agent is online now; false where that cannot be found out. */
  isOnline(id: string): Promise<boolean>;
  /** Returns the boot of microVM `id`; undefined where `id` is no microVM. */
  microVm?(id: string): Promise<MicroVmBoot | undefined>;
  /**
   * Stores screenshots of the console, named after `name`, until `signal` aborts. Returns their number, and the first
   * fault.
   */
  pictures(id: string, name: string, signal: AbortSignal): Promise<{ count: number; fault?: string }>;
  /** Terminates one machine: repeats the request until the cloud accepts it. */
  end(order: BootOrder, id: string): Promise<void>;
  /** Terminates all machines that were launched for the plan. Safe to repeat. */
  release(order: BootOrder): Promise<void>;
  /** Asks the cloud, not the ledger, whether any machine of the plan still exists. */
  absence(order: BootOrder): Promise<ReleaseProof>;
}
