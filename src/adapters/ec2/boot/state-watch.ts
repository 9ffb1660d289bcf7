// Polls DescribeInstances every 50 ms, for all awaited instances at once. A call does not wait for the call before it.
// An instance counts as running when a response shows that state and an address. The time is when that response was
// read.
//
// The ids are sent as a filter: as parameters, one id that EC2 does not show yet would fail the call for all.

import { isIP } from "node:net";
import type { EC2Client, Instance } from "@aws-sdk/client-ec2";
import type { Clock } from "../../../ports/clock.ts";
import type { RunningOutcome } from "../../../ports/cloud/boot-provisioner.ts";
import type { AwsAccount } from "../../aws/account.ts";
import { isThrottled } from "../../aws/errors.ts";
import { isZoneFullCode } from "../launch/launch.ts";
import { keyHint } from "../launch/wait-ready.ts";
import { isDying, stateReason } from "../describe-instances.ts";

export interface AddressWanted {
  readonly address: "public" | "private";
  readonly family: 4 | 6;
  readonly until_s: number;
}

interface AwaitedInstance extends AddressWanted {
  sent: number;
  failed: number;
  throttled: number;
  /** Time of the first response that showed it running without an address. */
  addressless_s?: number;
  settle(outcome: { running_at_s: number; address: string } | { reason: string; zoneIsFull?: true }): void;
}

/** The poll interval if only terminations are awaited. Seconds. */
const terminationEvery_s = 1;
/** An instance that runs this long without an address will not get one. Seconds. */
const addressWithin_s = 60;
const mostInFlight = 400;

export class StateWatch {
  readonly #account: AwsAccount;
  readonly #client: EC2Client;
  readonly #clock: Clock;
  readonly #every_s: number;
  readonly #waiting = new Map<string, AwaitedInstance>();
  readonly #mourning = new Map<string, (reason: string) => void>();
  #timer: NodeJS.Timeout | undefined;
  #flying = 0;
  #next_s = 0;

  constructor(account: AwsAccount, client: EC2Client, clock: Clock, every_s: number) {
    this.#account = account;
    this.#client = client;
    this.#clock = clock;
    this.#every_s = every_s;
  }

  /**
   * Waits until `id` runs with the wanted address, or until `wanted.until_s`.
   *
   * @throws the signal's reason
   */
  running(id: string, wanted: AddressWanted, signal: AbortSignal): Promise<RunningOutcome> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.delete(id);
        reject(signal.reason);
      };
      const waiting: AwaitedInstance = {
        ...wanted,
        sent: 0,
        failed: 0,
        throttled: 0,
        settle: (outcome) => {
          this.#waiting.delete(id);
          signal.removeEventListener("abort", onAbort);
          const { sent, failed, throttled } = waiting;
          resolve({ ...outcome, describes: { sent, failed, throttled } });
        },
      };
      if (signal.aborted) return onAbort();
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiting.set(id, waiting);
      this.#awaken();
    });
  }

  /** Resolves when a response shows `id` stopping or terminating; otherwise never. */
  dying(id: string, signal: AbortSignal): Promise<string> {
    return new Promise((resolve) => {
      const forget = (): void => void this.#mourning.delete(id);
      if (signal.aborted) return;
      signal.addEventListener("abort", forget, { once: true });
      this.#mourning.set(id, (reason) => {
        forget();
        signal.removeEventListener("abort", forget);
        resolve(reason);
      });
      this.#awaken();
    });
  }

  #awaken(): void {
    clearTimeout(this.#timer);
    const now_s = this.#clock.monotonic_s();
    if (this.#waiting.size === 0 && this.#mourning.size === 0) return;
    const every_s =
      this.#waiting.size > 0 ? this.#every_s : terminationEvery_s * Math.max(0.1, this.#account.timeScale);
    if (this.#next_s < now_s || this.#next_s > now_s + every_s) this.#next_s = now_s;
    this.#timer = setTimeout(() => this.#tick(every_s), Math.max(0, (this.#next_s - now_s) * 1000));
  }

  #tick(every_s: number): void {
    const now_s = this.#clock.monotonic_s();
    for (const [id, waiting] of this.#waiting)
      if (now_s >= waiting.until_s) waiting.settle({ reason: late(waiting, id) });
    const ids = [...new Set([...this.#waiting.keys(), ...this.#mourning.keys()])];
    if (ids.length > 0 && this.#flying < mostInFlight) void this.#ask(ids);
    this.#next_s = Math.max(this.#next_s + every_s, now_s);
    this.#awaken();
  }

  async #ask(ids: readonly string[]): Promise<void> {
    const asked = [...this.#waiting.values()];
    for (const waiting of asked) waiting.sent += 1;
    this.#flying += 1;
    try {
      const answer = await this.#client.send(
        new this.#account.sdk.DescribeInstancesCommand({ Filters: [{ Name: "instance-id", Values: [...ids] }] }),
      );
      const at_s = this.#clock.monotonic_s();
      for (const { Instances = [] } of answer.Reservations ?? [])
        for (const instance of Instances) this.#seen(instance, at_s);
    } catch (error) {
      const throttled = isThrottled(error);
      for (const waiting of asked) {
        waiting.failed += 1;
        if (throttled) waiting.throttled += 1;
      }
    } finally {
      this.#flying -= 1;
    }
  }

  #seen(instance: Instance, at_s: number): void {
    const { InstanceId: id = "", State: state } = instance;
    if (isDying(instance)) {
      const why = stateReason(instance);
      const code = instance.StateReason?.Code ?? "";
      const hint = code === "Client.InternalError" ? `; ${keyHint}` : "";
      const reason = `it is ${state?.Name}${why === "" ? "" : `: ${why}`}${hint}`;
      this.#waiting.get(id)?.settle({ reason, ...(isZoneFullCode(code) ? { zoneIsFull: true } : {}) });
      this.#mourning.get(id)?.(reason);
      return;
    }
    const waiting = this.#waiting.get(id);
    if (waiting === undefined || state?.Name !== "running") return;
    const address = addressOf(instance, waiting);
    if (address !== undefined) waiting.settle({ running_at_s: at_s, address });
    else waiting.addressless_s ??= at_s;
    if (at_s > (waiting.addressless_s ?? at_s) + addressWithin_s * this.#account.timeScale)
      waiting.settle({ reason: late(waiting, id) });
  }
}

/** Returns the address to probe, if EC2 shows one. */
function addressOf(instance: Instance, { address, family }: AddressWanted): string | undefined {
  const [first] = instance.NetworkInterfaces ?? [];
  const found =
    family === 6
      ? (instance.Ipv6Address ?? first?.Ipv6Addresses?.[0]?.Ipv6Address)
      : address === "public"
        ? instance.PublicIpAddress
        : instance.PrivateIpAddress;
  return found !== undefined && isIP(found) === family ? found : undefined;
}

function late({ addressless_s, address, family, failed, sent }: AwaitedInstance, id: string): string {
  if (addressless_s !== undefined)
    return `${id} runs, but never got ${family === 6 ? "an IPv6" : `a ${address}`} address`;
  return failed > 0 && failed >= sent - 1 ? `EC2 answered nothing about ${id}` : `${id} was never seen running`;
}
