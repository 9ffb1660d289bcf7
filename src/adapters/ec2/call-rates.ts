// Keeps an account's calls to EC2 within 80 % of EC2's token buckets, so that a run on very many machines does not take
// what the account's other programs need. Slower still for a while after EC2 throttled a call all the same.

import { setTimeout as wait } from "node:timers/promises";
import type { EC2Client } from "@aws-sdk/client-ec2";
import { isThrottled } from "../aws/errors.ts";

/** The share of each bucket that is used. */
const share = 0.8;
/** The least part of its rate at which a bucket is used after EC2 throttled calls. */
const leastPace = 1 / 8;

/** How many tokens a bucket holds, and how many come in a second. */
interface BucketSize {
  readonly holds: number;
  readonly refills: number;
}

/**
 * EC2's buckets of an account in a region, and the tokens that a call takes of each. Source: the EC2 API reference,
 * request throttling; the figures of RunInstances's and TerminateInstances's requests are those of its examples.
 */
const buckets: readonly (BucketSize & { readonly takes: (command: string, input: CallInput) => number })[] = [
  { holds: 100, refills: 20, takes: (command) => Number(command.startsWith("Describe")) },
  { holds: 5, refills: 2, takes: (command) => Number(command === runInstances) },
  { holds: 1000, refills: 2, takes: (command, { MaxCount: count = 1 }) => (command === runInstances ? count : 0) },
  { holds: 100, refills: 5, takes: (command) => Number(command === "TerminateInstancesCommand") },
];
const runInstances = "RunInstancesCommand";

/** What of a call's input decides how many tokens it takes. */
interface CallInput {
  readonly MaxCount?: number | undefined;
}

/** One token bucket, used to a share. Times are in seconds, by any clock that only goes forward. */
export class TokenBucket {
  readonly #size: BucketSize;
  #level: number;
  #at_s: number;
  /** The part of its rate at which it is used. */
  #pace = 1;

  constructor({ holds, refills }: BucketSize, now_s: number) {
    this.#size = { holds: holds * share, refills: refills * share };
    this.#level = this.#size.holds;
    this.#at_s = now_s;
  }

  /** Returns how long it takes until there are `amount` tokens, or as many as it holds. Seconds. */
  wait_s(amount: number, now_s: number): number {
    this.#fill(now_s);
    const missing = Math.min(amount, this.#size.holds) - this.#level;
    return Math.max(0, missing / (this.#size.refills * this.#pace));
  }

  /** Takes `amount` tokens, also where there are fewer: the next call waits for those, too. */
  take(amount: number, now_s: number): void {
    this.#fill(now_s);
    this.#level -= amount;
  }

  /** A call was throttled: somebody else uses the bucket, too. The SDK waits before it sends that call again. */
  throttled(now_s: number): void {
    this.#fill(now_s);
    this.#pace = Math.max(leastPace, this.#pace / 2);
  }

  /** A call was not throttled. */
  served(): void {
    this.#pace = Math.min(1, this.#pace * 1.1);
  }

  #fill(now_s: number): void {
    const { holds, refills } = this.#size;
    this.#level = Math.min(holds, this.#level + (now_s - this.#at_s) * refills * this.#pace);
    this.#at_s = now_s;
  }
}

interface UsedBucket {
  readonly bucket: TokenBucket;
  readonly amount: number;
}

/** The rates of an account's calls to EC2. */
export class CallRates {
  readonly #timeScale: number;
  readonly #buckets: readonly { readonly bucket: TokenBucket; readonly takes: (typeof buckets)[number]["takes"] }[];

  /** `timeScale`: how long a second of the cloud takes. Seconds. */
  constructor(timeScale: number) {
    this.#timeScale = timeScale;
    this.#buckets = buckets.map(({ takes, ...size }) => ({ bucket: new TokenBucket(size, this.#now_s()), takes }));
  }

  /** @internal Has each call of `client` wait until its buckets have room, and each retry of one. */
  attach({ middlewareStack: stack }: Pick<EC2Client, "middlewareStack">): void {
    stack.add(
      (next, { commandName = "" }) =>
        async (args) => {
          const used = this.#usedBy(commandName, args.input as CallInput);
          await this.#untilRoom(used);
          for (const { bucket, amount } of used) bucket.take(amount, this.#now_s());
          try {
            const result = await next(args);
            for (const { bucket } of used) bucket.served();
            return result;
          } catch (error) {
            if (isThrottled(error)) for (const { bucket } of used) bucket.throttled(this.#now_s());
            throw error;
          }
        },
      // Inside of the SDK's own retries, which have a high priority in this step. A signature holds for five minutes.
      { step: "finalizeRequest", name: "timetrialRate" },
    );
  }

  /**
   * Waits until `count` instances can be launched by one call. Whoever writes down what it is about to launch waits
   * here before: a call waits in any case, but can no longer be interrupted then.
   *
   * @throws the reason of `signal`
   */
  async untilLaunch(count: number, signal: AbortSignal): Promise<void> {
    await this.#untilRoom(this.#usedBy(runInstances, { MaxCount: count }), signal).catch((error: unknown) => {
      signal.throwIfAborted();
      throw error;
    });
  }

  /** The buckets that a call takes tokens of, and how many. */
  #usedBy(command: string, input: CallInput): UsedBucket[] {
    return this.#buckets.flatMap(({ bucket, takes }) => {
      const amount = takes(command, input);
      return amount === 0 ? [] : [{ bucket, amount }];
    });
  }

  async #untilRoom(used: readonly UsedBucket[], signal?: AbortSignal): Promise<void> {
    for (;;) {
      const now_s = this.#now_s();
      const wait_s = Math.max(0, ...used.map(({ bucket, amount }) => bucket.wait_s(amount, now_s)));
      if (wait_s === 0) return;
      await wait(Math.ceil(wait_s * this.#timeScale * 1000), undefined, signal === undefined ? {} : { signal });
    }
  }

  /** By the cloud's time. */
  #now_s(): number {
    return performance.now() / 1000 / this.#timeScale;
  }
}
