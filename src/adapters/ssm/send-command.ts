// Sends scripts as commands of SSM. A script that many machines get at the same time is sent in one call for fifty of them.
//
// SendCommand has no client token. So the SDK must not retry it, and after a lost response the command is looked up by
// its comment.

import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Command } from "@aws-sdk/client-ssm";
import { defined } from "../../domain/defined.ts";
import { lotsOf } from "../../domain/lots.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ExecOptions } from "../../ports/transport.ts";
import type { AwsAccount } from "../aws/account.ts";
import { awsCode, awsError, isAuthError, isNameless, isThrottled, isTransient } from "../aws/errors.ts";
import type { SentCommand } from "./command-polls.ts";
import type { Liveness } from "./liveness.ts";

/** How many times a command is sent if the outcome is open: 1, 2, 4 … s apart. */
const mostSendAttempts = 7;
/** How long a command that is throttled, or has no name to go to, is sent again. Seconds. */
const unsentFor_s = 300;
/** The longest pause between two attempts. Seconds. */
const longestPause_s = 20;
/** Time limit for the delivery of a command. Seconds. */
const delivery_s = 60;
/** The longest that SendCommand may not know an instance that EC2 shows running. Seconds. */
const unmanagedFor_s = 60;
/** The lower limit of it when time is scaled. */
const leastUnmanaged_s = 3;
/** The most instances that a command takes. */
const mostInstances = 50;
/** How long a script waits for other machines that get the same. Milliseconds. */
const gather_ms = 20;

type SendOptions = Pick<ExecOptions, "limit_s" | "signal">;

interface Waiting {
  readonly instance: string;
  readonly liveness: Liveness;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (sent: SentCommand) => void;
  readonly reject: (error: unknown) => void;
}

export class CommandSender {
  readonly #account: AwsAccount;
  readonly #clock: Clock;
  /** By script: the machines that will get it together, with one limit. */
  readonly #gathering = new Map<string, { readonly limit_s: number; readonly group: Waiting[] }>();

  constructor(account: AwsAccount, clock: Clock) {
    this.#account = account;
    this.#clock = clock;
  }

  /**
   * Sends `script` to `instance`.
   *
   * @throws TimetrialError MACHINE_LOST, NO_CREDENTIALS, CLOUD; the reason of `signal`
   */
  async send(instance: string, script: string, options: SendOptions, liveness: Liveness): Promise<SentCommand> {
    options.signal?.throwIfAborted();
    const { limit_s } = options;
    return await new Promise((resolve, reject) => {
      const one = { instance, liveness, signal: options.signal, resolve, reject };
      const together = this.#gathering.get(script);
      // One machine is in a command once.
      if (together?.limit_s === limit_s && together.group.every((other) => other.instance !== instance)) {
        together.group.push(one);
        return;
      }
      const gathering = { limit_s, group: [one] };
      this.#gathering.set(script, gathering);
      void wait(gather_ms).then(() => {
        if (this.#gathering.get(script) === gathering) this.#gathering.delete(script);
        for (const lot of lotsOf(gathering.group, mostInstances)) void this.#sendAll(lot, script, limit_s);
      });
    });
  }

  async #sendAll(group: readonly Waiting[], script: string, limit_s: number): Promise<void> {
    if (group.length > 1) {
      try {
        const sent = await this.#together(group, script, limit_s);
        for (const { instance, resolve } of group) resolve({ ...sent, instance, isShared: true });
        return;
      } catch {
        // One of them may be what is wrong: each is sent its own, and has its own error. Scripts are safe to repeat.
      }
    }
    await Promise.all(
      group.map((one) => this.#attempt([one], script, limit_s, one.signal).then(one.resolve, one.reject)),
    );
  }

  /** Whoever is interrupted waits no longer; the call goes on for the others. */
  async #together(group: readonly Waiting[], script: string, limit_s: number): Promise<SentCommand> {
    const nobody = new AbortController();
    let left = group.length;
    const stops = group.map(({ signal, reject }) => {
      const stop = (): void => {
        reject(signal?.reason);
        if (--left === 0) nobody.abort(signal?.reason);
      };
      signal?.addEventListener("abort", stop, { once: true });
      return () => signal?.removeEventListener("abort", stop);
    });
    try {
      return await this.#attempt(group, script, limit_s, nobody.signal);
    } finally {
      for (const stop of stops) stop();
    }
  }

  async #attempt(
    group: readonly Waiting[],
    script: string,
    limit_s: number,
    signal: AbortSignal | undefined,
  ): Promise<SentCommand> {
    const [account, clock] = [this.#account, this.#clock];
    const [first] = group as readonly [Waiting];
    const comment = `timetrial ${randomUUID()}`;
    const whom = group.length === 1 ? first.instance : `${group.length} machines`;
    const doing = `sending a command to ${whom}`;
    const request = new account.sdk.SendCommandCommand({
      DocumentName: "AWS-RunShellScript",
      InstanceIds: group.map(({ instance }) => instance),
      Comment: comment,
      TimeoutSeconds: Math.max(30, delivery_s),
      Parameters: { commands: [withBinaryStatus(script)], executionTimeout: [String(executionTimeout(limit_s))] },
    });
    const since_s = clock.monotonic_s();
    const pauseAfter_s = (attempt: number): number => account.timeScale * Math.min(longestPause_s, 2 ** attempt);
    for (let attempt = 0; ; attempt++) {
      try {
        const sent = await account.ssmOnce.send(request, signal === undefined ? {} : { abortSignal: signal });
        const command = sentCommandOf(sent.Command, first.instance, clock.monotonic_s());
        if (command !== undefined) return command;
      } catch (error) {
        signal?.throwIfAborted();
        // An instance that SSM calls invalid may be dead: EC2 knows.
        if (awsCode(error) === "InvalidInstanceId" && group.length === 1) {
          await first.liveness.lookNow();
          // EC2 shows it running: SSM may have lost sight of it for a moment, and refused the command.
          if (clock.monotonic_s() - since_s < Math.max(leastUnmanaged_s, unmanagedFor_s * account.timeScale)) {
            await clock.sleep(account.timeScale * Math.min(10, 2 ** attempt), signal);
            continue;
          }
        }
        // What was throttled, or had no name to go to, was not sent: nothing needs to be looked up, which would be one call more.
        const isUnsent = isThrottled(error) || isNameless(error);
        if (isUnsent && clock.monotonic_s() - since_s < unsentFor_s * account.timeScale) {
          await clock.sleep(pauseAfter_s(attempt) * (0.5 + Math.random() / 2), signal);
          continue;
        }
        if (isAuthError(error) || attempt + 1 >= mostSendAttempts || isRefused(error)) throw awsError(error, doing);
      }
      await clock.sleep(pauseAfter_s(attempt), signal);
      const found = await this.#find(comment, first.instance, doing);
      if (found !== undefined) return found;
    }
  }

  /** Returns the command with `comment`, if it arrived after all. */
  async #find(comment: string, instance: string, doing: string): Promise<SentCommand | undefined> {
    const { sdk, ssm } = this.#account;
    let seen = 0;
    try {
      for await (const page of sdk.paginateListCommands({ client: ssm }, { MaxResults: 50 })) {
        const found = sentCommandOf(
          page.Commands?.find((command) => command.Comment === comment),
          instance,
          this.#clock.monotonic_s(),
        );
        if (found !== undefined) return found;
        if (++seen === 4) break; // newest first: it is on the first pages, or nowhere
      }
    } catch (error) {
      // Scripts are safe to repeat: sending twice is better than giving up.
      if (!isTransient(error)) throw awsError(error, doing);
    }
    return undefined;
  }
}

/**
 * Wraps `script` so that its exit status is 0 or 1. The agent interprets others: 194 reboots the machine and runs the
 * script again, 137 counts as the agent's own kill, 168 and 169 skip what follows and drop standard error.
 */
function withBinaryStatus(script: string): string {
  // Not `( … ) || exit 1`: inside such a list, sh ignores `set -e`.
  return `(\n${script}\n)\n[ "$?" -eq 0 ] || exit 1\n`;
}

/** Returns whole seconds within the agent's limits. Outside of them, the agent silently uses an hour. */
function executionTimeout(limit_s: number): number {
  return Math.min(172_800, Math.max(5, Math.ceil(limit_s)));
}

function isRefused(error: unknown): boolean {
  return ["InvalidInstanceId", "InvalidDocument", "InvalidParameters", "ValidationException"].includes(awsCode(error));
}

function sentCommandOf(command: Command | undefined, instance: string, at_s: number): SentCommand | undefined {
  if (command?.CommandId === undefined) return undefined;
  const { CommandId: id, RequestedDateTime: requestedAt } = command;
  return { id, instance, at_s, ...defined({ requestedAt }) };
}
