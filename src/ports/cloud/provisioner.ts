// The port that acquires machines and gives them back.

import type { ReleaseProof, RunEvent } from "../../domain/run/events.ts";
import type { LedgerEntry } from "../../domain/cloud/ledger.ts";
import type { CloudInstance } from "../../domain/cloud/instance.ts";
import type { MicroVmFacts } from "../../domain/microvm/microvm.ts";
import type { Machine } from "../../domain/run/machine.ts";
import type { Plan } from "../../domain/plan/plan.ts";
import type { Side } from "../../domain/plan/side.ts";
import type { Ledger } from "./ledger.ts";

/** A request for machines of `sides`. */
export interface ProvisionRequest {
  readonly plan: Plan;
  readonly sides: readonly Side[];
  readonly signal: AbortSignal;
}

/** A request for machines, with all that a launch needs. */
export interface ProvisionOrder extends ProvisionRequest {
  readonly ledger: Ledger;
  readonly observe: (event: RunEvent) => void;
  /** By side: how many machines to acquire, and the number of the first. Absent: all machines of the plan. */
  readonly missing?: ReadonlyMap<string, { readonly count: number; readonly from: number }>;
  /** The zone of the run's other machines: missing machines must be launched there, too. */
  readonly zone?: string;
  /** How long a launched machine may live. Seconds; absent: the spec's own limit. */
  readonly life_s?: number;
  /**
   * Called by `acquire` with each launched machine as it can be reached, while others are still awaited. Not called before
   * it is certain that no other zone is tried, with other machines.
   */
  readonly onReady?: (machine: AcquiredMachine) => void;
}

/**
 * Acquires machines for sides of its `kinds`, and gives them back.
 *
 * `check` throws before anything is spent where a request cannot be met: TimetrialError TYPE_UNKNOWN, REGION_UNKNOWN,
 * NO_CREDENTIALS, REFUSED. `acquire` returns all machines once they can be reached. `release` gives back every machine that
 * `acquire` launched, even where `acquire` threw.
 */
export interface Provisioner {
  readonly kinds: readonly Side["kind"][];
  check(request: ProvisionRequest): Promise<void>;
  /** Refuses to resume a run whose ledger names another account. @throws TimetrialError LEFT_RUNNING, REFUSED */
  refuseElsewhere?(entries: readonly LedgerEntry[]): Promise<void>;
  /** Returns the zones that `acquire` would try, in order. */
  zones?(request: ProvisionRequest): Promise<readonly string[]>;
  /** Returns what `check` could not look at, such as a quota, and what may go wrong: a sentence each, for people. */
  notes?(request: ProvisionRequest): Promise<readonly string[]>;
  /** Returns why the price of a side's instance type is not what its image costs: by side. */
  unpriced?(request: ProvisionRequest): Promise<ReadonlyMap<string, string>>;
  /** Returns how long the slowest of the machines is expected to take until it can be reached. Seconds. */
  boot_s?(request: ProvisionRequest): Promise<number>;
  acquire(order: ProvisionOrder): Promise<AcquiredMachine[]>;
  /**
   * Returns those of `known`, the machines of the run's earlier client, that still exist. Gives back machines that that
   * client launched without recording their ids.
   */
  recover(order: ProvisionOrder, known: readonly AcquiredMachine[]): Promise<AcquiredMachine[]>;
  /** Gives back all machines that were launched for the plan. Safe to repeat. */
  release(order: ProvisionOrder): Promise<void>;
  /** Asks the cloud, not the ledger, whether any machine of the plan still exists. */
  absence(order: ProvisionOrder): Promise<ReleaseProof>;
  /**
   * Called in place of `release` and `absence` where machines stay until their deadline. Returns undefined where none
   * exists.
   */
  keep?(order: ProvisionOrder): Promise<ReleaseProof | undefined>;
}

/** A machine that can be reached, and its description by the cloud. */
export interface AcquiredMachine {
  readonly machine: Machine;
  /** The cloud's description; absent where the machine is not a cloud's. */
  readonly instance?: CloudInstance;
  /** Present for a microVM on this computer, or on another computer of the user's. */
  readonly microvm?: MicroVmFacts;
  /**
   * The machine was just launched with our user-data. It is ready when the user-data has run and the first boot is
   * over.
   */
  readonly booting?: true;
}
