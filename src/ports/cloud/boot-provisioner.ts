// How machines are launched for their boot's sake: one call each, timed, never repeated; and followed without waiting
// for one question's answer before the next is asked.

import type { BootPlan, BootSide } from "../../domain/boot/boot.ts";
import type { TimetrialError } from "../../domain/errors.ts";
import type { ReleaseProof, RunEvent } from "../../domain/run/events.ts";
import type { Ledger } from "./ledger.ts";

/** The plan of boots that are wanted. */
export interface BootRequest {
  readonly plan: BootPlan;
  readonly signal: AbortSignal;
}

/** A request for boots, with all that a launch needs. */
export interface BootOrder extends BootRequest {
  readonly ledger: Ledger;
  /** How long a machine that is launched now may live; absent: the spec's own limit. Seconds. */
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
  /** Its answer was read. */
  readonly called_s: number;
}

/** A launch that the cloud refused: nothing was launched, and no time was measured. */
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

/** What became of the wait for a running machine with an address. */
export type RunningOutcome = { readonly describes: DescribeCounts } & (
  { readonly running_at_s: number; readonly address: string } | { readonly reason: string }
);

/** Where machines are launched to be timed as they boot. Instants are in seconds, by the run's clock. */
export interface BootProvisioner {
  /** How a launching call is connected, in words for a report. */
  readonly connection: string;
  /** Refuses, before anything is spent, what cannot be had. */
  check(wish: BootRequest): Promise<void>;
  /**
   * Launches one machine; its intent is in the ledger before. Never repeated, whatever comes. A refusal is answered once
   * it makes sense to ask for another.
   *
   * @throws TimetrialError where nobody lets us in, or the outcome is not known
   */
  launch(order: BootOrder, side: BootSide, number: number): Promise<LaunchedBoot | BootRefusal>;
  /** Resolves when the machine is running and its address known, when it is dying, or at `until_s` by the clock. */
  running(plan: BootPlan, id: string, until_s: number, signal: AbortSignal): Promise<RunningOutcome>;
  /** Resolves with the reason when the machine is seen dying; never otherwise. */
  dying(id: string, signal: AbortSignal): Promise<string>;
  /** Resolves with the instant when the SSM agent is online; undefined at `until_s`. */
  online(id: string, until_s: number, signal: AbortSignal): Promise<number | undefined>;
  /** Whether the SSM agent is online by now; false also where nobody can say. */
  isOnline(id: string): Promise<boolean>;
  /** Keeps pictures of the console, named after `name`, until `signal` aborts. Answers how many, and the first fault. */
  pictures(id: string, name: string, signal: AbortSignal): Promise<{ count: number; fault?: string }>;
  /** Gives one machine back: asked until the cloud takes it. */
  end(order: BootOrder, id: string): Promise<void>;
  /** Gives everything back that was launched for the plan. Safe to repeat. */
  release(order: BootOrder): Promise<void>;
  /** Asks the outside, not our memory, whether anything of the plan is still there. */
  absence(order: BootOrder): Promise<ReleaseProof>;
}
