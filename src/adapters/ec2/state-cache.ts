// Caches the states of instances that are polled: one request for all of them, not one for each.

import type { Clock } from "../../ports/clock.ts";
import type { AwsAccount } from "../aws/account.ts";
import { describeInstances } from "./describe-instances.ts";

/** The oldest response that may serve another instance. Seconds. */
const fresh_s = 10;
/** Instances that nobody has asked for this long are no longer polled. Seconds. */
const forgotten_s = 60;
/** The most values that a filter takes. */
const most = 200;

interface Answer {
  readonly at_s: number;
  readonly ids: ReadonlySet<string>;
  readonly states: Promise<ReadonlyMap<string, string>>;
}

export class InstanceStateCache {
  readonly #account: AwsAccount;
  readonly #clock: Pick<Clock, "monotonic_s">;
  readonly #asked_s = new Map<string, number>();
  #last: Answer | undefined;

  constructor(account: AwsAccount, clock: Pick<Clock, "monotonic_s">) {
    this.#account = account;
    this.#clock = clock;
  }

  /**
   * Returns EC2's state of `id`, at most ten seconds old; `unknown` if EC2 did not know it.
   *
   * @throws TimetrialError NO_CREDENTIALS, CLOUD
   */
  async of(id: string): Promise<string> {
    const now_s = this.#clock.monotonic_s();
    this.#asked_s.set(id, now_s);
    let last = this.#last;
    if (last === undefined || now_s - last.at_s > fresh_s || !last.ids.has(id)) this.#last = last = this.#ask(now_s);
    try {
      return (await last.states).get(id) ?? "unknown";
    } catch (error) {
      // The next caller must not get a cached failure.
      if (this.#last === last) this.#last = undefined;
      throw error;
    }
  }

  #ask(now_s: number): Answer {
    for (const [id, asked_s] of this.#asked_s) if (now_s - asked_s > forgotten_s) this.#asked_s.delete(id);
    const ids = [...this.#asked_s.keys()];
    return { at_s: now_s, ids: new Set(ids), states: this.#statesOf(ids) };
  }

  async #statesOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const states = new Map<string, string>();
    for (let at = 0; at < ids.length; at += most) {
      const found = await describeInstances(this.#account, [{ Name: "instance-id", Values: ids.slice(at, at + most) }]);
      for (const { InstanceId: id = "", State: state } of found) states.set(id, state?.Name ?? "unknown");
    }
    return states;
  }
}
