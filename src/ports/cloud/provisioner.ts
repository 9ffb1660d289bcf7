// The port that gets machines and gives them back.

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
  /** By side: how many machines, and the number of the first. Absent: all that the plan says. */
  readonly missing?: ReadonlyMap<string, { readonly count: number; readonly from: number }>;
  /** The zone of the run's other machines, in which missing ones must be launched, too. */
  readonly zone?: string;
  /** How long a launched machine may live. Seconds; absent: the spec's own limit. */
  readonly life_s?: number;
}

/**
 * Gets machines for sides of the kinds that it names, and gives them back.
 *
 * `check` throws, before anything is spent, for what cannot be had: TimetrialError TYPE_UNKNOWN, REGION_UNKNOWN,
 * NO_CREDENTIALS, REFUSED. `acquire` returns machines that can be reached. What it launched, even where it throws, `release`
 * gives back.
 */
export interface Provisioner {
  readonly kinds: readonly Side["kind"][];
  check(request: ProvisionRequest): Promise<void>;
  /** Refuses to go on with a run whose ledger says that it launches elsewhere. @throws TimetrialError LEFT_RUNNING, REFUSED */
  refuseElsewhere?(entries: readonly LedgerEntry[]): Promise<void>;
  /** The zones that would be tried, in order. */
  zones?(request: ProvisionRequest): Promise<readonly string[]>;
  /** What `check` could not look at, such as a quota, or what may go wrong: a sentence each, for people. */
  notes?(request: ProvisionRequest): Promise<readonly string[]>;
  /** By side: why what its image costs is not the price of its type. */
  unpriced?(request: ProvisionRequest): Promise<ReadonlyMap<string, string>>;
  acquire(order: ProvisionOrder): Promise<AcquiredMachine[]>;
  /**
   * Returns those of `known`, the machines of the run's earlier client, that still live. Gives back what that client
   * launched without getting to know it.
   */
  recover(order: ProvisionOrder, known: readonly AcquiredMachine[]): Promise<AcquiredMachine[]>;
  /** Gives back everything that was launched for the plan. Safe to repeat. */
  release(order: ProvisionOrder): Promise<void>;
  /** Asks the cloud, not the ledger, whether anything of the plan still lives. */
  absence(order: ProvisionOrder): Promise<ReleaseProof>;
  /** Called in place of `release` and `absence` where machines stay until their deadline. Returns undefined where none lives. */
  keep?(order: ProvisionOrder): Promise<ReleaseProof | undefined>;
}

/** A machine that answers, and what the cloud says of it. */
export interface AcquiredMachine {
  readonly machine: Machine;
  /** What the cloud says of it; absent where no cloud knows it. */
  readonly instance?: CloudInstance;
  /** It is a microVM on this computer, or on another of the user's. */
  readonly microvm?: MicroVmFacts;
  /** It was just launched with our user-data, and is ready when that has run and the first boot is over. */
  readonly booting?: true;
}
