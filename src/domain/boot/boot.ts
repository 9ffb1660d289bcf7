// A boot run: its plan, and a record of each boot with the instants that were observed.
//
// The instants are those of ec2-boot-bench (Colin Percival, 2021), so that figures can be compared with his. One is
// added: when the SSM agent is online. An instant that was not observed is null, with the reason beside it: never a
// limit, never a guess.

import * as v from "valibot";
import { defined } from "../defined.ts";
import { count, secondsField, text } from "../schema.ts";
import { microVmFactsSchema, microVmSchema } from "../microvm/microvm.ts";
import type { RunEvent } from "../run/events.ts";
import type { CostForecast } from "../cost/cost-forecast.ts";
import type { Plan } from "../plan/plan.ts";
import type { PriceList } from "../cost/price-list.ts";

const sideSchema = v.strictObject({
  name: text,
  type: text,
  image: text,
  /** Set where the side is a microVM on this computer: its type is then `firecracker`, its image the kernel. */
  vm: v.exactOptional(microVmSchema),
});

const bootSpecSchema = v.strictObject({
  sides: v.pipe(v.array(sideSchema), v.minLength(1)),
  baseline: text,
  /** Boots of each side, including the first one, which is not kept. */
  boots: v.pipe(count, v.minValue(1)),
  port: v.pipe(count, v.minValue(1), v.maxValue(65_535)),
  address: v.picklist(["public", "private"]),
  family: v.picklist([4, 6]),
  /** Boots that run at the same time. */
  parallel: v.pipe(count, v.minValue(1)),
  seed: text,
  /** Whether each boot is observed until the SSM agent is online. */
  ssm: v.boolean(),
  screenshots: v.boolean(),
  /** The longest time that one boot is observed, from its launch. */
  timeout_s: secondsField,
  describe_every_s: secondsField,
  probe_every_s: secondsField,
  probe_life_s: secondsField,
  cloud: v.picklist(["aws", "sandbox"]),
  region: v.optional(text),
  zone: v.optional(text),
  subnet: v.optional(text),
  security_groups: v.optional(v.array(text)),
  instance_profile: v.optional(text),
  /** Further tags of every resource that a launch creates, beside our own tags. */
  launch_tags: v.optional(v.record(text, text)),
  /** Whether root volumes are encrypted, whatever the account's default is; with `kms_key`, by that key. */
  encrypted: v.optional(v.boolean()),
  kms_key: v.optional(text),
  /** SHA-256 of the user's own user-data, in hex. */
  user_data_digest: v.optional(text),
  max_hours: v.number(),
  /** The most that the run's machines may cost. Dollars. */
  budget_usd: v.optional(v.number()),
  allow_burstable: v.boolean(),
});

/** The schema of a boot run's plan.json. */
export const bootPlanSchema = v.strictObject({
  schema: v.literal(1),
  kind: v.literal("boot"),
  run: v.pipe(text, v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)),
  tool_version: text,
  created_at: text,
  spec: bootSpecSchema,
});

/** What a boot run will do: its plan.json. Intervals and limits are in seconds. */
export type BootPlan = Readonly<v.InferOutput<typeof bootPlanSchema>>;

/** What to boot, how often, and how to observe it. Seconds (`_s`), hours (`_h`), dollars (`_usd`). */
export type BootSpec = BootPlan["spec"];

/** A column of a table of boots: a type and an image. */
export type BootSide = BootSpec["sides"][number];

/** The sides that EC2 launches, in the shape of a plan's sides. */
export function toEc2Sides({ sides }: BootSpec): Extract<Plan["spec"]["sides"][number], { kind: "ec2" }>[] {
  return sides.flatMap(({ name, type, image, vm }) => (vm === undefined ? [{ kind: "ec2", name, type, image }] : []));
}

/** Converts a boot plan to a plan for the code that prices, launches and terminates instances and finds leftovers. */
export function runPlanOfBoot({ run, tool_version, created_at, spec }: BootPlan): Plan {
  return {
    schema: 1,
    run,
    tool_version,
    created_at,
    agent_digest: "0".repeat(64),
    suites: [],
    spec: {
      sides: toEc2Sides(spec),
      baseline: spec.baseline,
      suites: [],
      // The most instances of each side at the same time: the number that is compared with the quota.
      machines: Math.ceil(spec.parallel / spec.sides.length),
      seed: spec.seed,
      params: {},
      cloud: spec.cloud,
      ...defined({
        region: spec.region,
        instance_profile: spec.instance_profile,
        zone: spec.zone,
        subnet: spec.subnet,
      }),
      ...(spec.security_groups === undefined ? {} : { security_groups: [...spec.security_groups] }),
      ...defined({ launch_tags: spec.launch_tags, encrypted: spec.encrypted, kms_key: spec.kms_key }),
      max_hours: spec.max_hours,
      ...defined({ budget_usd: spec.budget_usd }),
      allow_burstable: spec.allow_burstable,
    },
  };
}

const about = {
  schema: v.literal(1),
  side: text,
  type: text,
  /** The image's id, and the name that the user wrote. */
  image: text,
  image_name: text,
  zone: text,
  /** Absent where the launch was refused. */
  instance: v.optional(text),
  /** Set for a microVM. There, `called_s` is when the VMM's API was up, `running_s` when InstanceStart returned. */
  microvm: v.exactOptional(
    v.strictObject({
      ...microVmFactsSchema.entries,
      /** When InstanceStart was sent. */
      start_sent_s: secondsField,
      /** When the console printed its first byte; null where it printed none. */
      console_s: v.nullable(secondsField),
      /** From InstanceStart to the guest's boot signal, from Firecracker's log; null where the guest sent none. */
      guest_boot_s: v.nullable(secondsField),
    }),
  ),
  /** Number of the boot within its side, from 1. */
  number: v.pipe(count, v.minValue(1)),
  /** Whether it is the side's first boot, which is not kept: the first boot of an image in a region finds no cache. */
  warmup: v.boolean(),
  started_at: text,
  /** How the launch request reached the endpoint; `called_s` includes it. */
  connection: text,
  address: v.optional(text),
  /** Whether a connection was refused before the port opened; if not, `closed_s` is `open_s`. */
  closed_seen: v.boolean(),
  /** The shortest connect time of a few connections to the open port. */
  rtt_s: v.optional(secondsField),
  /** The longest delay of the prober's event loop during the boot, including the meter's own resolution. */
  loop_delay_max_s: v.optional(secondsField),
  /** CPU time of the prober's process, for all its boots together, from the launch to the last instant. */
  cpu_s: v.optional(secondsField),
  describes: v.strictObject({ sent: count, failed: count, throttled: count }),
  /** Results of probes by kind: `open`, `closed`, `silent`, else the error's code. */
  probes: v.record(text, count),
  tainted: v.array(text),
  notes: v.array(text),
};

const instant = v.nullable(secondsField);
/** By instant: why it is null. */
const missing = v.record(text, text);

/** The schema of one line of boots.ndjson. Instants are seconds since the launch request was sent. */
export const bootRecordSchema = v.variant("status", [
  v.strictObject({
    ...about,
    status: v.literal("completed"),
    called_s: secondsField,
    running_s: secondsField,
    closed_s: secondsField,
    open_s: secondsField,
    online_s: instant,
    missing,
  }),
  v.strictObject({
    ...about,
    status: v.literal("failed"),
    reason: text,
    called_s: instant,
    running_s: instant,
    closed_s: instant,
    open_s: instant,
    online_s: instant,
    missing,
  }),
]);

/** One boot: a line of boots.ndjson. Instants are seconds since just before the launch request; null: not observed. */
export type BootRecord = Readonly<v.InferOutput<typeof bootRecordSchema>>;

/** An event of a boot run, for observers. Instants are in seconds, by the run's clock. */
export type BootEvent =
  | RunEvent
  | {
      readonly what: "boot-planned";
      readonly plan: BootPlan;
      readonly folder: string;
      /** Estimated time from the first launch to the last open port. Seconds. */
      readonly expected_s: number;
      /** Absent where no machine costs money. */
      readonly costEstimate?: { readonly list: PriceList; readonly forecast: CostForecast };
    }
  | { readonly what: "boot-launching"; readonly side: string; readonly number: number }
  | {
      readonly what: "boot-instant";
      readonly side: string;
      readonly number: number;
      readonly instance: string;
      readonly instant: "launch" | "called" | "running" | "closed" | "open" | "online";
      readonly at_s: number;
    }
  | { readonly what: "boot-record"; readonly record: BootRecord };
