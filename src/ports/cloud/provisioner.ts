// Where machines come from, and how they are given back.

import type { ReleaseProof, RunEvent } from "../../domain/run/events.ts";
import type { LedgerEntry } from "../../domain/cloud/ledger.ts";
import type { CloudInstance } from "../../domain/cloud/instance.ts";
import type { Machine } from "../../domain/run/machine.ts";
import type { Plan } from "../../domain/plan/plan.ts";
import type { Side } from "../../domain/plan/side.ts";
import type { Ledger } from "./ledger.ts";

/** What is wanted: machines for `sides`. */
export interface ProvisionRequest {
  readonly plan: Plan;
  readonly sides: readonly Side[];
  readonly signal: AbortSignal;
}

/** A request for machines, with all that a launch needs. */
export interface ProvisionOrder extends ProvisionRequest {
  readonly ledger: Ledger;
  readonly observe: (event: RunEvent) => void;
  /** By side: how many machines are wanted, and the number that the first of them bears. Absent: all that the plan says. */
  readonly missing?: ReadonlyMap<string, { readonly count: number; readonly from: number }>;
  /** Where the run's other machines are: missing ones must be there too. */
  readonly zone?: string;
  /** How long a launched machine may live; absent: the spec's own limit. Seconds. */
  readonly life_s?: number;
}

/**
 * Machines for some sides of a plan.
 *
 * `check` refuses, before anything is spent, what cannot be had: TimetrialError TYPE_UNKNOWN, REGION_UNKNOWN, NO_CREDENTIALS, REFUSED.
 * `acquire` gives machines that answer; whatever it launched, even where it throws, `release` gives back.
 */
export interface Provisioner {
  readonly kinds: readonly Side["kind"][];
  check(wish: ProvisionRequest): Promise<void>;
  /** Refuses to go on with a run whose ledger says that it launches elsewhere. @throws TimetrialError LEFT_RUNNING, REFUSED */
  refuseElsewhere?(entries: readonly LedgerEntry[]): Promise<void>;
  /** The zones that would be tried, in order. */
  zones?(wish: ProvisionRequest): Promise<readonly string[]>;
  /** What `check` could not look at, such as a quota: a sentence each, for people. */
  notes?(wish: ProvisionRequest): Promise<readonly string[]>;
  acquire(order: ProvisionOrder): Promise<AcquiredMachine[]>;
  /**
   * Of `known`, machines that an earlier client of the run had: those that are still there. What it launched and never
   * came to know is given back.
   */
  recover(order: ProvisionOrder, known: readonly AcquiredMachine[]): Promise<AcquiredMachine[]>;
  /** Gives back everything that was launched for the plan. Safe to repeat. */
  release(order: ProvisionOrder): Promise<void>;
  /** Asks the outside, not our memory, whether anything of the plan is still there. */
  absence(order: ProvisionOrder): Promise<ReleaseProof>;
  /** In place of `release` and `absence`, where machines are to stay till their deadline: `kept`, or undefined where none lives. */
  keep?(order: ProvisionOrder): Promise<ReleaseProof | undefined>;
}

/** A machine that answers, and what the cloud says of it. */
export interface AcquiredMachine {
  readonly machine: Machine;
  /** What the cloud says of it. */
  readonly instance?: CloudInstance;
  /** It was launched just now, with user-data of ours: it is ready when that has run, and its first boot is over. */
  readonly booting?: true;
}
