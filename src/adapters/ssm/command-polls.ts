// Polls SSM for the status of commands, in one place for all machines of an account, so that many machines do not cost
// as many calls.
//
// The first poll of a command whose end is expected is a call of its own, shortly after that time; most need no other.
// Other polls are shared: a command that is due takes along all that are due soon, by one ListCommandInvocations (fifty per
// page), with what they printed where a page holds it all. A command that many machines got is listed from the first poll
// on, where several of them are due soon: it needs no call for each. The list ends the waiting of all that it shows ended,
// and leaves the others asleep until they are due. Only what a list does not tell whole gets a call for its output. The more
// commands wait, the later they are polled, by at most half a second.

import type { CommandInvocation, GetCommandInvocationCommandOutput } from "@aws-sdk/client-ssm";
import { defined } from "../../domain/defined.ts";
import type { Clock } from "../../ports/clock.ts";
import type { AwsAccount } from "../aws/account.ts";
import { awsCode, awsError, isTransient } from "../aws/errors.ts";
import { InFlight } from "./in-flight.ts";

/** A command that was sent. */
export interface SentCommand {
  readonly id: string;
  readonly instance: string;
  /** By SSM's clock, which may differ from ours. */
  readonly requestedAt?: Date;
  /** By our monotonic clock. Seconds. */
  readonly at_s: number;
  /** Other machines got it, too. */
  readonly isShared?: true;
}

/** The outcome of a command that has ended. */
type Outcome = Pick<
  GetCommandInvocationCommandOutput,
  "Status" | "StatusDetails" | "ResponseCode" | "StandardOutputContent" | "StandardErrorContent"
>;

/**
 * A poll's result: the command's whole outcome; "running"; "unknown", if SSM does not know it; "unanswered", if SSM
 * failed.
 */
export type PollAnswer = Outcome | "running" | "unknown" | "unanswered";

const running = new Set(["Pending", "InProgress", "Delayed", "Cancelling"]);
/** A command joins another's poll if the rest of its pause is at most this part of the pause. */
const joinableShare = 0.25;
/**
 * Each pause is shortened by up to this part, at random, so that clients that started together do not poll together for
 * ever.
 */
const jitter = 0.1;
/**
 * The least number of pages of others' commands that are searched for ours. A command that is not on them gets a call of
 * its own.
 */
const leastPages = 4;
const pageSize = 50;
/** Of so many commands at most one list tells all that they printed: beside them, a page has room for what ended meanwhile. */
const mostTogether = pageSize / 2;
/** How much later a command is polled for each that waits, and at most. Seconds. */
const later_s = { each: 0.002, most: 0.5 };
/** Half of the commands end later than expected: each is polled later by this part of its pause, and at most so much. */
const laterShare = 0.01;
/** A list may lack a command that was sent less than so long before: SSM's readers see it later. Seconds. */
const unlistedFor_s = 2;
/** What a list with details tells of an output is cut at 2,500 characters. */
const wholeOutput = 2_400;
/** The SDK's client has fifty connections. */
const mostInFlight = 40;
/** What stands between standard output and standard error there. */
const errorMark = "----------ERROR-------";

/** What a list tells of one command on one machine. */
interface Listed {
  readonly status: string;
  /** Absent where only a call of its own tells it whole. */
  readonly outcome?: Outcome;
}

interface List {
  readonly found: ReadonlyMap<string, Listed>;
  /** Whether there were more pages than were searched: what is missing may be on one of them. */
  readonly isCut: boolean;
}

type Lists = List | "unanswered";

interface Waiter {
  readonly sent: SentCommand;
  readonly pause_s: number;
  readonly due_s: number;
  readonly wake: AbortController;
  /** The result of a shared poll that includes this command. */
  shared?: Promise<Lists>;
}

export class CommandPolls {
  readonly #account: AwsAccount;
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiter>();
  /** By command that waits in `#waiting`: on how many machines. One list tells of all of them. */
  readonly #commands = new Map<string, number>();
  readonly #inFlight = new InFlight(mostInFlight);
  /** How many commands wait for their first poll. */
  #unpolled = 0;

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
    const waits_s = pause_s + Math.max(this.#margin_s, Math.min(later_s.most, pause_s * laterShare));
    if (sent.isShared) return await this.#wait(sent, waits_s, waits_s, signal);
    this.#unpolled += 1;
    try {
      await this.#clock.sleep(waits_s, signal);
    } finally {
      this.#unpolled -= 1;
    }
    return await this.#outcome(sent, signal);
  }

  /** As `first`, but after at most `pause_s` seconds: earlier, if other commands are polled. */
  async again(sent: SentCommand, pause_s: number, signal: AbortSignal | undefined): Promise<PollAnswer> {
    return await this.#wait(sent, pause_s, Math.max(pause_s, this.#margin_s) * (1 - jitter * Math.random()), signal);
  }

  /** Polls `sent` after `least_s` seconds at the latest. `pause_s`: by a part of it the poll may be early. */
  async #wait(
    sent: SentCommand,
    pause_s: number,
    least_s: number,
    signal: AbortSignal | undefined,
  ): Promise<PollAnswer> {
    signal?.throwIfAborted();
    const wake = new AbortController();
    const waiter: Waiter = { sent, pause_s, due_s: this.#clock.monotonic_s() + least_s, wake };
    const onAbort = (): void => wake.abort();
    signal?.addEventListener("abort", onAbort);
    this.#waiting.add(waiter);
    this.#commands.set(sent.id, (this.#commands.get(sent.id) ?? 0) + 1);
    try {
      await this.#clock.sleep(least_s, wake.signal).catch(() => signal?.throwIfAborted());
      const shared = waiter.shared ?? this.#together(waiter);
      this.#leave(waiter);
      if (shared === undefined) return await this.#outcome(sent, signal);
      const lists = await shared;
      signal?.throwIfAborted();
      if (lists === "unanswered") return lists;
      const listed = lists.found.get(keyOf(sent));
      if (running.has(listed?.status ?? "")) return "running";
      const isYoung = this.#clock.monotonic_s() - sent.at_s < unlistedFor_s;
      if (listed === undefined && isYoung && !lists.isCut) return "unknown";
      return listed?.outcome ?? (await this.#outcome(sent, signal));
    } finally {
      signal?.removeEventListener("abort", onAbort);
      this.#leave(waiter);
    }
  }

  #leave(waiter: Waiter): void {
    if (!this.#waiting.delete(waiter)) return;
    const { id } = waiter.sent;
    const left = (this.#commands.get(id) ?? 1) - 1;
    if (left === 0) this.#commands.delete(id);
    else this.#commands.set(id, left);
  }

  get #margin_s(): number {
    return Math.min(later_s.most, later_s.each * (this.#commands.size + this.#unpolled));
  }

  /** Polls for all commands that are due soon; returns undefined if `waiter` is the only one. */
  #together(waiter: Waiter): Waiter["shared"] {
    const now_s = this.#clock.monotonic_s();
    const free = [...this.#waiting].filter((each) => each === waiter || each.shared === undefined);
    const isSoon = (each: Waiter): boolean => each === waiter || each.due_s - now_s <= each.pause_s * joinableShare;
    const soon = free.filter(isSoon);
    const { id, isShared } = waiter.sent;
    // What many machines got has a list of its own where more than one page would tell of all that are due.
    const isOfList = (each: Waiter): boolean => (isShared ? each.sent.id === id : each.sent.isShared !== true);
    const group = soon.length <= mostTogether ? soon : soon.filter(isOfList);
    if (group.length === 1) return undefined;
    const isOfOne = group.every(({ sent }) => sent.id === id);
    const shared = this.#listed((isOfOne ? free.filter(({ sent }) => sent.id === id) : group).map(({ sent }) => sent));
    // Each waiter awaits it. If a waiter has left meanwhile, nobody handles a rejection.
    shared.catch(() => {});
    for (const each of group) this.#join(each, shared, each !== waiter);
    void this.#wakeEnded(free, shared);
    return shared;
  }

  #join(each: Waiter, shared: Promise<Lists>, isAsleep: boolean): void {
    each.shared = shared;
    if (isAsleep) each.wake.abort();
  }

  /** Ends the waiting of those of `free` that are not due soon, but have ended. */
  async #wakeEnded(free: readonly Waiter[], shared: Promise<Lists>): Promise<void> {
    const lists = await shared.catch(() => undefined);
    if (lists === undefined || lists === "unanswered") return;
    for (const each of free) {
      const status = lists.found.get(keyOf(each.sent))?.status;
      const isWaiting = this.#waiting.has(each) && each.shared === undefined;
      if (isWaiting && status !== undefined && !running.has(status)) this.#join(each, shared, true);
    }
  }

  /** Returns what SSM lists of `sent` and of what is on the same pages. */
  async #listed(sent: readonly SentCommand[]): Promise<Lists> {
    const [CommandId, ...others] = new Set(sent.map(({ id }) => id));
    const isWhole = others.length === 0 || sent.length <= mostTogether;
    const asked = { ...(others.length === 0 ? { CommandId } : since(sent)), ...(isWhole ? { Details: true } : {}) };
    try {
      return await this.#inFlight.run(() => this.#list(asked, sent));
    } catch (error) {
      if (isTransient(error)) return "unanswered";
      throw awsError(error, "waiting for commands");
    }
  }

  async #list(asked: object, sent: readonly SentCommand[]): Promise<List> {
    const { ssm, sdk } = this.#account;
    const found = new Map<string, Listed>();
    const missing = new Set(sent.map(keyOf));
    const most = Math.max(leastPages, 2 * Math.ceil(sent.length / pageSize));
    let pages = 0;
    for await (const page of sdk.paginateListCommandInvocations({ client: ssm }, { MaxResults: pageSize, ...asked })) {
      for (const invocation of page.CommandInvocations ?? []) {
        const { CommandId: id = "", InstanceId: instance = "" } = invocation;
        const key = keyOf({ id, instance });
        missing.delete(key);
        found.set(key, listedOf(invocation));
      }
      if (missing.size === 0) break;
      if (++pages === most) return { found, isCut: page.NextToken !== undefined };
    }
    return { found, isCut: false };
  }

  async #outcome({ id, instance }: SentCommand, signal: AbortSignal | undefined): Promise<PollAnswer> {
    const { ssm, sdk } = this.#account;
    try {
      const request = new sdk.GetCommandInvocationCommand({ CommandId: id, InstanceId: instance });
      const options = signal === undefined ? {} : { abortSignal: signal };
      const invocation = await this.#inFlight.run(() => ssm.send(request, options));
      return running.has(invocation.Status ?? "Pending") ? "running" : invocation;
    } catch (error) {
      signal?.throwIfAborted();
      if (awsCode(error) === "InvocationDoesNotExist") return "unknown";
      if (isTransient(error)) return "unanswered";
      throw awsError(error, `waiting for a command on ${instance}`);
    }
  }
}

function keyOf({ id, instance }: Pick<SentCommand, "id" | "instance">): string {
  return `${id} ${instance}`;
}

/** A success whose output is short is told whole by a list with details: nothing is on standard error then. */
function listedOf({ Status: status, CommandPlugins: [plugin] = [] }: CommandInvocation): Listed {
  const { Output: output = "", ResponseCode: code } = plugin ?? {};
  const isWhole = output.length < wholeOutput && !output.includes(errorMark);
  if (status !== "Success" || plugin === undefined || code !== 0 || !isWhole) return { status: status ?? "" };
  const words = defined({ StatusDetails: plugin.StatusDetails });
  return {
    status,
    outcome: { Status: status, ResponseCode: code, StandardOutputContent: output, StandardErrorContent: "", ...words },
  };
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
