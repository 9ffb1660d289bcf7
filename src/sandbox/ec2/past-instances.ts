// Machines of a sandbox that ended before this one began in the same state folder: as EC2 does, it shows them for an hour
// after their launch, ended.

import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Instance as InstanceView } from "@aws-sdk/client-ec2";
import type { ScaledClock } from "../scaled-time.ts";
import type { FilterFields } from "../protocol/filters.ts";

interface PastLaunch {
  readonly region: string;
  readonly at_ms: number;
  readonly owner: string;
  readonly reservation: string;
  readonly view: InstanceView;
}

/** How long they are shown after their launch. Scaled seconds. */
const shown_s = 3600;

export class PastInstances {
  readonly #path: string;
  readonly #time: ScaledClock;
  readonly #past: readonly PastLaunch[];

  constructor(dir: string, time: ScaledClock) {
    this.#path = join(dir, "launched.ndjson");
    this.#time = time;
    this.#past = linesOf(this.#path).filter((one) => this.#isShown(one));
    writeFileSync(this.#path, this.#past.map((one) => `${JSON.stringify(one)}\n`).join(""), { mode: 0o600 });
  }

  /** Notes a launch, for whoever comes after this sandbox. */
  note(launch: Omit<PastLaunch, "at_ms">): void {
    appendFileSync(this.#path, `${JSON.stringify({ ...launch, at_ms: Date.now() })}\n`, { mode: 0o600 });
  }

  in(region: string): PastLaunch[] {
    return this.#past.filter((one) => one.region === region && this.#isShown(one));
  }

  #isShown({ at_ms }: PastLaunch): boolean {
    return Date.now() < at_ms + this.#time.ms(shown_s);
  }
}

function linesOf(path: string): PastLaunch[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return []; // the folder's first sandbox
  }
  return text.split("\n").flatMap((line) => {
    try {
      const { view, ...rest } = JSON.parse(line) as PastLaunch;
      const ended = { ...view, State: { Code: 48, Name: "terminated" as const } };
      return [{ ...rest, view: { ...ended, LaunchTime: new Date(String(view.LaunchTime)), NetworkInterfaces: [] } }];
    } catch {
      return []; // torn, as its writer died
    }
  });
}

export const pastFields: FilterFields<PastLaunch> = {
  "instance-id": ({ view }) => [view.InstanceId],
  "instance-state-name": () => ["terminated"],
  "instance-type": ({ view }) => [view.InstanceType],
  "client-token": ({ view }) => [view.ClientToken],
  "availability-zone": ({ view }) => [view.Placement?.AvailabilityZone],
  "image-id": ({ view }) => [view.ImageId],
  "subnet-id": () => [],
  "vpc-id": () => [],
  "reservation-id": ({ reservation }) => [reservation],
  "instance-lifecycle": ({ view }) => [view.InstanceLifecycle],
  "spot-instance-request-id": ({ view }) => [view.SpotInstanceRequestId],
  tenancy: ({ view }) => [view.Placement?.Tenancy],
};

export function pastTags({ view }: PastLaunch): ReadonlyMap<string, string> {
  return new Map((view.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));
}
