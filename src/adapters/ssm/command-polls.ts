// Polls SSM for the status of commands, in one place for all machines of an account, so that many machines do not cost
// as many calls.
//
// A command's first poll is a call of its own, at the time its end is expected; most need no other. Later polls are
// shared: a command that is due takes along all that are due soon, by one ListCommandInvocations (fifty per page). Only
// commands that have ended get a call for their output. No command is polled later than it would be alone.

import type { GetCommandInvocationCommandOutput } from "@aws-sdk/client-ssm";
import type { Clock } from "../../ports/clock.ts";
import type { AwsAccount } from "../aws/account.ts";
import { awsCode, awsError, isTransient } from "../aws/errors.ts";

/** A command that was sent. */
export interface SentCommand {
  readonly id: string;
  readonly instance: string;
  /** By SSM's clock, which may differ from ours. */
  readonly requestedAt?: Date;
}

/**
 * A poll's result: the command's whole outcome; "running"; "unknown", if SSM does not know it; "unanswered", if SSM
 * failed.
 */
export type PollAnswer = GetCommandInvocationCommandOutput | "running" | "unknown" | "unanswered";

const running = new Set(["Pending", "InProgress", "Delayed", "Cancelling"]);
/** A command joins another's poll if the rest of its pause is at most this part of the pause. */
const joinableShare = 0.25;
/**
 * Each pause is shortened by up to this part, at random, so that clients that started together do not poll together for
 * ever.
 */
const jitter = 0.1;
/**
 * The most pages of others' commands that are searched for ours. A command that is not on them gets a call of its own.
 */
const mostPages = 4;

interface Waiter {
  readonly sent: SentCommand;
  readonly pause_s: number;
  readonly due_s: number;
  readonly wake: AbortController;
  /** The statuses of a shared poll that includes this command. */
  shared?: Promise<ReadonlyMap<string, string> | "unanswered">;
}

export class CommandPolls {
  readonly #account: AwsAccount;
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiter>();

  constructor(account: AwsAccount, clock: Clock) {
    this.#account = account;
    this.#clock = clock;
  }

  /**
   * Polls `sent` for the first time, after `pause_s` seconds.
   *
   * @throws TimetrialError NO_CREDENTIALS at once, if SSM refuses the credentials; CLOUD
   */
  async first(sent: SentCommand, pause_s: number, signal: AbortSignal | undefined): Promise<PollAnswer> {
    await this.#clock.sleep(pause_s, signal);
    return await this.#outcome(sent, signal);
  }

  /** As `first`, but after at most `pause_s` seconds: earlier, if other commands are polled. */
  async again(sent: SentCommand, pause_s: number, signal: AbortSignal | undefined): Promise<PollAnswer> {
    const [least_s, wake] = [pause_s * (1 - jitter * Math.random()), new AbortController()];
    const waiter: Waiter = { sent, pause_s, due_s: this.#clock.monotonic_s() + least_s, wake };
    this.#waiting.add(waiter);
    try {
      await this.#clock
        .sleep(least_s, signal === undefined ? wake.signal : AbortSignal.any([signal, wake.signal]))
        .catch(() => signal?.throwIfAborted());
      const shared = waiter.shared ?? this.#together(waiter);
      this.#waiting.delete(waiter);
      if (shared === undefined) return await this.#outcome(sent, signal);
      const statuses = await shared;
      signal?.throwIfAborted();
      if (statuses === "unanswered") return statuses;
      return running.has(statuses.get(sent.id) ?? "") ? "running" : await this.#outcome(sent, signal);
    } finally {
      this.#waiting.delete(waiter);
    }
  }

  /** Polls for all commands that are due soon; returns undefined if `waiter` is the only one. */
  #together(waiter: Waiter): Waiter["shared"] {
    const now_s = this.#clock.monotonic_s();
    const group = [...this.#waiting].filter(
      (each) => each === waiter || (each.shared === undefined && each.due_s - now_s <= each.pause_s * joinableShare),
    );
    if (group.length === 1) return undefined;
    const shared = this.#listed(group.map(({ sent }) => sent));
    // Each waiter awaits it. If a waiter has left meanwhile, nobody handles a rejection.
    shared.catch(() => {});
    for (const each of group) {
      each.shared = shared;
      if (each !== waiter) each.wake.abort();
    }
    return shared;
  }

  /** Returns the statuses that SSM lists, by command id. */
  async #listed(sent: readonly SentCommand[]): Promise<ReadonlyMap<string, string> | "unanswered"> {
    const { ssm, sdk } = this.#account;
    const found = new Map<string, string>();
    const wanted = new Set(sent.map(({ id }) => id));
    let pages = 0;
    try {
      const asked = { MaxResults: 50, ...since(sent) };
      for await (const page of sdk.paginateListCommandInvocations({ client: ssm }, asked)) {
        for (const { CommandId: id = "", Status: status = "" } of page.CommandInvocations ?? [])
          if (wanted.has(id)) found.set(id, status);
        if (found.size === wanted.size || ++pages === mostPages) break;
      }
    } catch (error) {
      if (isTransient(error)) return "unanswered";
      throw awsError(error, "waiting for commands");
    }
    return found;
  }

  async #outcome({ id, instance }: SentCommand, signal: AbortSignal | undefined): Promise<PollAnswer> {
    const { ssm, sdk } = this.#account;
    try {
      const request = new sdk.GetCommandInvocationCommand({ CommandId: id, InstanceId: instance });
      const invocation = await ssm.send(request, signal === undefined ? {} : { abortSignal: signal });
      return running.has(invocation.Status ?? "Pending") ? "running" : invocation;
    } catch (error) {
      signal?.throwIfAborted();
      if (awsCode(error) === "InvocationDoesNotExist") return "unknown";
      if (isTransient(error)) return "unanswered";
      throw awsError(error, `waiting for a command on ${instance}`);
    }
  }
}

/** Returns a filter that leaves out commands at least a second older than all of `sent`. */
function since(sent: readonly SentCommand[]): { Filters?: { key: "InvokedAfter"; value: string }[] } {
  const times = sent.map(({ requestedAt }) => requestedAt?.getTime() ?? Number.NaN);
  const oldest = Math.min(...times);
  if (Number.isNaN(oldest)) return {};
  return {
    Filters: [{ key: "InvokedAfter", value: `${new Date(oldest - 2000).toISOString().slice(0, 19)}Z` }],
  };
}
