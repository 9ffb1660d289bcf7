// What is known of an instance before it starts: what the launch asked for, and what it will run on.

import type { BootSettings } from "../network/boot-settings.ts";
import type { SandboxImage, MachineType, Zone } from "../catalogue.ts";
import type { FaultDraws } from "../faults/fault-plan.ts";
import type { NetworkRequest } from "../network/address.ts";
import type { Isolation } from "../process/process-tree.ts";
import type { ScaledClock } from "../scaled-time.ts";
import type { SimulationSettings } from "../simulated/settings.ts";

/** What a launch makes, and gives tags to. */
export type TaggedResource = "instance" | "volume" | "network-interface" | "spot-instances-request";

export interface InstancePlan {
  readonly id: string;
  /** Ascending in the order of launching. */
  readonly number: number;
  readonly reservationId: string;
  readonly type: MachineType;
  readonly image: SandboxImage;
  readonly zone: Zone;
  /** Tags at the launch. */
  readonly tags: Readonly<Record<Exclude<TaggedResource, "spot-instances-request">, ReadonlyMap<string, string>>>;
  readonly clientToken: string | undefined;
  readonly userData: Buffer | undefined;
  readonly shutdownBehaviour: "stop" | "terminate";
  readonly groupIds: readonly string[];
  readonly profile: string | undefined;
  readonly spot: { readonly requestId: string; readonly tags: ReadonlyMap<string, string> } | undefined;
  readonly tenancy: "default" | "dedicated" | "host";
  readonly net: NetworkRequest | undefined;
  /** Whether it gets a public address. */
  readonly isPublic: boolean;
  readonly ipv6Addresses: number;
  /** By the minute, and paid for. */
  readonly isMonitored: boolean;
  /** Options of the instance metadata service. */
  readonly metadata: {
    readonly hops: number;
    readonly tokens: "required" | "optional";
    readonly endpoint: "enabled" | "disabled";
    readonly ipv6: "enabled" | "disabled";
    readonly tags: "enabled" | "disabled";
  };
  readonly volume: {
    readonly sizeGiB: number;
    readonly type: string;
    /** Absent where the volume's type has none. */
    readonly iops?: number;
    readonly throughput?: number;
    /** What it is encrypted by; absent: it is not. */
    readonly kmsKey?: string;
    /** Whether it is deleted when the instance is terminated. */
    readonly endsWithInstance: boolean;
  };
}

/** What all instances of the sandbox run on. */
export interface InstanceContext {
  readonly folder: string;
  readonly time: ScaledClock;
  readonly faults: FaultDraws;
  readonly isolation: Isolation;
  readonly systemPath: string;
  readonly declares: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
  readonly boot: BootSettings;
  /** How long steps take, where machines are simulated: they then have neither folders nor processes. */
  readonly simulation: SimulationSettings | undefined;
}
