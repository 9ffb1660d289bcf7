// Asking SSM how commands are: one place for all machines of an account, so that many machines do not cost as many calls.
//
// A command's first question is its own, at the time when its end is expected, and most need no other. Those that go on
// are asked for together: whoever is due takes along all that will be due soon, by one ListCommandInvocations (fifty a
// page); only what is over by that is asked for its output. Nobody is asked for later than it would be alone.

import type { GetCommandInvocationCommandOutput } from "@aws-sdk/client-ssm";
import type { Clock } from "../../ports/clock.ts";
import type { AwsAccount } from "../aws/account.ts";
import { awsCode, awsError, isTransient } from "../aws/errors.ts";

/** A command that was sent. */
export interface SentCommand {
  readonly id: string;
  readonly instance: string;
  /** By SSM's clock, which may not be ours. */
  readonly requestedAt?: Date;
}

/** What SSM says of a command: its whole outcome, that it has none yet, that SSM does not know it, or nothing. */
export type PollAnswer = GetCommandInvocationCommandOutput | "running" | "unknown" | "unanswered";

const running = new Set(["Pending", "InProgress", "Delayed", "Cancelling"]);
/** Who would wait for no more than this part of its pause is asked for along with others. */
const soon = 0.25;
/** Each pause is shortened by up to this part, by chance: clients that began together shall not ask together for ever. */
const jitter = 0.1;
/** Pages of others' commands that are gone through for ours; what is not on them is asked for by itself. */
const mostPages = 4;

interface Waiter {
  readonly sent: SentCommand;
  readonly pause_s: number;
  readonly due_s: number;
  readonly wake: AbortController;
  /** What was asked for all at once, this one among them. */
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
   * What SSM says of `sent` after `pause_s` seconds.
   *
   * @throws TimetrialError NO_CREDENTIALS at once, where SSM lets nobody in; CLOUD
   */
  async first(sent: SentCommand, pause_s: number, signal: AbortSignal | undefined): Promise<PollAnswer> {
    await this.#clock.sleep(pause_s, signal);
    return await this.#outcome(sent, signal);
  }

  /** The same after at most `pause_s` seconds: earlier, where others are asked for. */
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
      const said = await shared;
      signal?.throwIfAborted();
      if (said === "unanswered") return said;
      return running.has(said.get(sent.id) ?? "") ? "running" : await this.#outcome(sent, signal);
    } finally {
      this.#waiting.delete(waiter);
    }
  }

  /** Asks for all that are due soon; undefined where `waiter` is the only one. */
  #together(waiter: Waiter): Waiter["shared"] {
    const now_s = this.#clock.monotonic_s();
    const group = [...this.#waiting].filter(
      (each) => each === waiter || (each.shared === undefined && each.due_s - now_s <= each.pause_s * soon),
    );
    if (group.length === 1) return undefined;
    const shared = this.#listed(group.map(({ sent }) => sent));
    // Each awaits it itself; one that is gone meanwhile leaves nobody to hear of a fault.
    shared.catch(() => {});
    for (const each of group) {
      each.shared = shared;
      if (each !== waiter) each.wake.abort();
    }
    return shared;
  }

  /** Statuses by command's id, of those that SSM lists. */
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
      const said = await ssm.send(request, signal === undefined ? {} : { abortSignal: signal });
      return running.has(said.Status ?? "Pending") ? "running" : said;
    } catch (error) {
      signal?.throwIfAborted();
      if (awsCode(error) === "InvocationDoesNotExist") return "unknown";
      if (isTransient(error)) return "unanswered";
      throw awsError(error, `waiting for a command on ${instance}`);
    }
  }
}

/** Leaves out commands that are older than all of `sent`, by a second and more. */
function since(sent: readonly SentCommand[]): { Filters?: { key: "InvokedAfter"; value: string }[] } {
  const times = sent.map(({ requestedAt }) => requestedAt?.getTime() ?? Number.NaN);
  const oldest = Math.min(...times);
  if (Number.isNaN(oldest)) return {};
  return {
    Filters: [{ key: "InvokedAfter", value: `${new Date(oldest - 2000).toISOString().slice(0, 19)}Z` }],
  };
}
