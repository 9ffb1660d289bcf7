// The network addresses of instances. Most have none, since clients talk to their agent only. An instance whose launch
// names a network interface has an address of its own, and goes from silence to refusal to an open port.

import type { RunInstancesRequest } from "@aws-sdk/client-ec2";
import type { BootSettings } from "./boot-settings.ts";
import { openLoopbackAddress } from "./loopback-address.ts";
import { canMakeNamespaces, openNamespaceAddress } from "./namespace-address.ts";
import type { Cancel, ScaledClock } from "../scaled-time.ts";
import { sharedClock_s, type Addresses, type BootAddress, type NetworkRequest } from "./address.ts";

export function networkRequestOf({ NetworkInterfaces: interfaces }: RunInstancesRequest): NetworkRequest | undefined {
  const [first] = interfaces ?? [];
  if (first?.AssociatePublicIpAddress === undefined && first?.Ipv6AddressCount === undefined) return undefined;
  return { isPublic: first.AssociatePublicIpAddress !== false, hasIpv6: (first.Ipv6AddressCount ?? 0) > 0 };
}

export interface BootNetworkOptions {
  readonly net: NetworkRequest | undefined;
  readonly boot: BootSettings;
  readonly time: ScaledClock;
  readonly say: (line: string) => void;
}

export class BootNetwork {
  /** Known once the instance runs. */
  addresses: Addresses | undefined;
  readonly #plan: BootNetworkOptions;
  readonly #timers = new Set<Cancel>();
  readonly #address: Promise<BootAddress | undefined>;
  #ready: Promise<void> | undefined;
  #runs: Promise<void> | undefined;
  #isEnded = false;

  constructor(plan: BootNetworkOptions) {
    this.#plan = plan;
    this.#address =
      plan.net === undefined || plan.boot.address === "never" ? Promise.resolve(undefined) : this.#found();
  }

  /** Seconds of the cloud from the launch to running. */
  get bootS(): number {
    return this.#plan.boot.runningS;
  }

  get isPublic(): boolean {
    return this.#plan.net?.isPublic === true;
  }

  /** Resolves when the instance may be said to run. What has been up stays up when it boots again. */
  ready(): Promise<void> {
    return (this.#ready ??= this.#prepare());
  }

  /** The instance runs: its later phases follow. */
  runs(): Promise<void> {
    return (this.#runs ??= this.#follow());
  }

  async end(): Promise<void> {
    this.#isEnded = true;
    for (const cancel of this.#timers) cancel();
    this.addresses = undefined;
    await (await this.#address)?.end();
  }

  async #prepare(): Promise<void> {
    const address = await this.#address;
    const { closedS, openS } = this.#plan.boot;
    if (address === undefined || closedS !== 0) return;
    await this.#pass("closed", address);
    if (openS === 0) await this.#pass("open", address);
  }

  async #follow(): Promise<void> {
    const { boot, net } = this.#plan;
    if (net !== undefined) this.#say("running", sharedClock_s());
    const address = await this.#address;
    if (address === undefined) return;
    this.addresses = address.addresses;
    const { closedS, openS } = boot;
    if (closedS === undefined) return;
    const opens = (): void => {
      if (openS !== undefined && (closedS !== 0 || openS !== 0)) this.#later(openS, () => this.#pass("open", address));
    };
    if (closedS === 0) opens();
    else this.#later(closedS, () => this.#pass("closed", address).then(opens));
  }

  async #found(): Promise<BootAddress | undefined> {
    const { boot, net, say } = this.#plan;
    const inNamespace = boot.address === "namespace" || (boot.address === "auto" && canMakeNamespaces());
    try {
      const address = inNamespace
        ? await openNamespaceAddress(boot.ports, net?.hasIpv6 === true)
        : openLoopbackAddress(boot.ports, say);
      say(
        inNamespace ? "stands in a network namespace" : "stands on loopback: it refuses from the start, never silent",
      );
      return address;
    } catch (error) {
      say(`has no address: ${String(error)}`);
      return undefined;
    }
  }

  async #pass(phase: "closed" | "open", address: BootAddress): Promise<void> {
    if (this.#isEnded) return;
    if (phase === "open") {
      const at_s = await address.open();
      this.#say(phase, at_s);
      return;
    }
    this.#say(phase, sharedClock_s());
    await address.refuse();
  }

  #say(phase: string, at_s: number): void {
    this.#plan.say(`phase ${phase} at ${at_s.toFixed(6)}`);
  }

  #later(seconds: number, act: () => Promise<void>): void {
    const cancel = this.#plan.time.after(seconds, () => {
      this.#timers.delete(cancel);
      act().catch((error: unknown) => this.#plan.say(`failed: ${String(error)}`));
    });
    this.#timers.add(cancel);
  }
}
