// Checks whether a silent machine is alive: by EC2's state, and by the ping status of its SSM agent.
//
// A command on a dead machine stays InProgress for hours, so neither its status nor a timeout tells anything. EC2 knows
// within seconds. The agent pings every five minutes, so its loss shows within six.

import { TimetrialError } from "../../domain/errors.ts";
import { printable } from "../../domain/printable.ts";
import type { Clock } from "../../ports/clock.ts";
import type { AwsAccount } from "../aws/account.ts";
import { isTransient } from "../aws/errors.ts";
import { consoleTail } from "../ec2/console.ts";
import { stateReasonOf } from "../ec2/describe-instances.ts";

/** The interval between two checks, and its lower limit when time is scaled. Seconds. */
const every_s = 20;
const least_s = 1;

/** Where a machine's state is asked for. */
export interface LivenessSources {
  /** Returns EC2's state of an instance, `unknown` if EC2 does not know it. */
  state(id: string): Promise<string>;
  /** Returns the ping status of its agent. */
  ping(id: string): Promise<string>;
}

export class Liveness {
  readonly #account: AwsAccount;
  readonly #clock: Clock;
  readonly #id: string;
  readonly #ask: LivenessSources;
  #looked_s: number;
  #unknown = 0;
  /** What a check in the background has found. */
  #found: { readonly error: unknown } | undefined;

  constructor(account: AwsAccount, clock: Clock, id: string, ask: LivenessSources) {
    this.#account = account;
    this.#clock = clock;
    this.#id = id;
    this.#ask = ask;
    this.#looked_s = clock.monotonic_s();
  }

  /**
   * Begins to check EC2 and the agent, unless the last check is recent. Does not wait for their answers, which take long for
   * thousands of machines.
   *
   * @throws what an earlier check has found: TimetrialError MACHINE_LOST, with the reason and the console's last lines;
   * NO_CREDENTIALS, CLOUD
   */
  look(): void {
    if (this.#found !== undefined) throw this.#found.error;
    const now_s = this.#clock.monotonic_s();
    if (now_s - this.#looked_s < Math.max(least_s, every_s * this.#account.timeScale)) return;
    this.lookAll().catch((error: unknown) => (this.#found = { error }));
  }

  /**
   * Checks EC2 alone, at once, while no command runs on the machine. A failure of EC2 or the network counts as alive.
   *
   * @throws as `look`
   */
  async glance(): Promise<void> {
    await ignoringTransientErrors(() => this.#byEc2());
  }

  /**
   * Checks EC2 and the agent at once.
   *
   * @throws as `look`
   */
  async lookAll(): Promise<void> {
    this.#looked_s = this.#clock.monotonic_s();
    await ignoringTransientErrors(async () => {
      await this.#byEc2();
      await this.#byAgent();
    });
  }

  /**
   * Checks EC2 alone, at once, when something is odd already.
   *
   * @throws as `look`
   */
  async lookNow(): Promise<void> {
    await this.#byEc2();
  }

  async #byEc2(): Promise<void> {
    const state = await this.#ask.state(this.#id);
    // EC2 is eventually consistent, so one `unknown` is no proof of absence: it counts from the second on.
    this.#unknown = state === "unknown" ? this.#unknown + 1 : 0;
    if (state === "running" || state === "pending" || this.#unknown === 1) return;
    const reason = printable(await stateReasonOf(this.#account, this.#id));
    throw await this.#lost(`is ${state}, in the middle of its work${reason === "" ? "" : ` (${reason})`}`);
  }

  async #byAgent(): Promise<void> {
    const ping = await this.#ask.ping(this.#id);
    if (ping === "ConnectionLost" || ping === "Inactive")
      throw await this.#lost(`has lost its SSM agent (${ping}), in the middle of a command`);
  }

  async #lost(what: string): Promise<TimetrialError> {
    return new TimetrialError("MACHINE_LOST", `${this.#id} ${what}${await consoleTail(this.#account, this.#id)}`);
  }
}

/** Calls `look`, and ignores failures of the service or the network: they are no sign of death. */
async function ignoringTransientErrors(look: () => Promise<void>): Promise<void> {
  try {
    await look();
  } catch (error) {
    if (!isTransient(error)) throw error;
  }
}
