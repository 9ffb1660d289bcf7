// Whether a machine that is silent still lives: by EC2's word, and by its SSM agent's pulse.
//
// A command on a machine that died stays InProgress for hours, so neither its status nor our patience says anything.
// EC2 knows within seconds; the agent pings every five minutes, so that its loss shows within six.

import { TimetrialError } from "../../domain/errors.ts";
import { printable } from "../../domain/printable.ts";
import type { Clock } from "../../ports/clock.ts";
import type { AwsAccount } from "../aws/account.ts";
import { isTransient } from "../aws/errors.ts";
import { pingStatuses } from "./ping-status.ts";
import { consoleTail } from "../ec2/console.ts";
import { stateReasonOf } from "../ec2/describe-instances.ts";

/** Between two looks, and the least of it where time is scaled. Seconds. */
const every_s = 20;
const least_s = 1;

export class Liveness {
  readonly #account: AwsAccount;
  readonly #clock: Clock;
  readonly #id: string;
  readonly #stateOf: (instanceId: string) => Promise<string>;
  #looked_s: number;
  #unknown = 0;

  /** `stateOf`: the state of an instance as EC2 has it, `unknown` where it does not know it. */
  constructor(account: AwsAccount, clock: Clock, id: string, stateOf: (instanceId: string) => Promise<string>) {
    this.#account = account;
    this.#clock = clock;
    this.#id = id;
    this.#stateOf = stateOf;
    this.#looked_s = clock.monotonic_s();
  }

  /**
   * Looks, where the last look is long enough ago.
   *
   * @throws TimetrialError MACHINE_LOST, with why and with the console's last lines; NO_CREDENTIALS, CLOUD
   */
  async look(): Promise<void> {
    const now_s = this.#clock.monotonic_s();
    if (now_s - this.#looked_s < Math.max(least_s, every_s * this.#account.timeScale)) return;
    this.#looked_s = now_s;
    await orUnasked(async () => {
      await this.#byEc2();
      await this.#byAgent();
    });
  }

  /** Looks at once, while nothing is asked of the machine: EC2's word alone, if it is to be had. @throws as `look` */
  async glance(): Promise<void> {
    await orUnasked(() => this.#byEc2());
  }

  /** Looks at once, at all there is. @throws as `look` */
  async lookAll(): Promise<void> {
    this.#looked_s = Number.NEGATIVE_INFINITY;
    await this.look();
  }

  /** Looks at once, where something is odd already: EC2's word alone. @throws as `look` */
  async lookNow(): Promise<void> {
    await this.#byEc2();
  }

  async #byEc2(): Promise<void> {
    const state = await this.#stateOf(this.#id);
    // Not to be known is no proof of absence: EC2's readers lag, so that it counts from the second time on.
    this.#unknown = state === "unknown" ? this.#unknown + 1 : 0;
    if (state === "running" || state === "pending" || this.#unknown === 1) return;
    const reason = printable(await stateReasonOf(this.#account, this.#id));
    throw await this.#lost(`is ${state}, in the middle of its work${reason === "" ? "" : ` (${reason})`}`);
  }

  async #byAgent(): Promise<void> {
    const ping = (await pingStatuses(this.#account, [this.#id])).get(this.#id);
    if (ping === "ConnectionLost" || ping === "Inactive")
      throw await this.#lost(`has lost its SSM agent (${ping}), in the middle of a command`);
  }

  async #lost(what: string): Promise<TimetrialError> {
    return new TimetrialError("MACHINE_LOST", `${this.#id} ${what}${await consoleTail(this.#account, this.#id)}`);
  }
}

/** As `look` does, but where nobody is to be asked just now: that is no sign of death. */
async function orUnasked(look: () => Promise<void>): Promise<void> {
  try {
    await look();
  } catch (error) {
    if (!isTransient(error)) throw error;
  }
}
