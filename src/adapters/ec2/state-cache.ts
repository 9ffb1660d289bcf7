// Caches what a service says of many machines that are polled: one request for all of them, not one for each.

import { setTimeout as wait } from "node:timers/promises";
import type { Clock } from "../../ports/clock.ts";
import type { AwsAccount } from "../aws/account.ts";
import { instancesById } from "./describe-instances.ts";

/**
 * How old a response may be that serves another instance: so many seconds, and where it took long to get, so many times as
 * long as that, at most a minute. Thousands of instances are many calls.
 */
const fresh = { least_s: 10, timesTaken: 10, most_s: 60 };
/** Instances that nobody has asked for this long are no longer polled. Seconds. */
const forgotten_s = 60;
/** How long a request waits for others to join it. Milliseconds. */
const gather_ms = 20;

interface Answer {
  /** Until when it serves. Never over before it has come: asking again beside it would make both slower. */
  until_s: number;
  readonly ids: ReadonlySet<string>;
  readonly states: Promise<ReadonlyMap<string, string>>;
}

/** Asks for the words that a service has for `ids`: those that it does not know are missing. */
type AskStates = (ids: readonly string[]) => Promise<ReadonlyMap<string, string>>;

export class StateCache {
  readonly #ask: AskStates;
  readonly #clock: Pick<Clock, "monotonic_s">;
  readonly #timeScale: number;
  readonly #asked_s = new Map<string, number>();
  #last: Answer | undefined;
  /** The request that others may still join. */
  #next: Promise<Answer> | undefined;

  constructor(clock: Pick<Clock, "monotonic_s">, timeScale: number, ask: AskStates) {
    this.#ask = ask;
    this.#clock = clock;
    this.#timeScale = timeScale;
  }

  /**
   * Returns the service's word for `id`, ten seconds old, or a minute where there are thousands; `unknown` if it has none.
   *
   * @throws what the request throws
   */
  async of(id: string): Promise<string> {
    const now_s = this.#clock.monotonic_s();
    this.#asked_s.set(id, now_s);
    let last = this.#last;
    if (last === undefined || now_s > last.until_s || !last.ids.has(id)) last = await (this.#next ??= this.#gather());
    try {
      return (await last.states).get(id) ?? "unknown";
    } catch (error) {
      // The next caller must not get a cached failure.
      if (this.#last === last) this.#last = undefined;
      throw error;
    }
  }

  async #gather(): Promise<Answer> {
    await wait(gather_ms);
    this.#next = undefined;
    const now_s = this.#clock.monotonic_s();
    for (const [id, asked_s] of this.#asked_s) if (now_s - asked_s > forgotten_s) this.#asked_s.delete(id);
    const ids = [...this.#asked_s.keys()];
    const states = this.#ask(ids);
    const answer: Answer = { until_s: Number.POSITIVE_INFINITY, ids: new Set(ids), states };
    const onAnswer = (): void => {
      const took_s = this.#clock.monotonic_s() - now_s;
      const serves_s = Math.max(fresh.least_s * this.#timeScale, fresh.timesTaken * took_s);
      answer.until_s = now_s + Math.min(fresh.most_s, serves_s);
    };
    // Whoever asked awaits it. Nobody may be left to handle a rejection.
    states.then(onAnswer, onAnswer);
    return (this.#last = answer);
  }
}

/** Returns EC2's states of `ids`. @throws TimetrialError NO_CREDENTIALS, CLOUD */
export async function instanceStates(
  account: AwsAccount,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = await instancesById(account, ids);
  return new Map(found.map(({ InstanceId: id = "", State: state }) => [id, state?.Name ?? "unknown"]));
}
