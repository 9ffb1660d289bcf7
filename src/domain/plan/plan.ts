// A plan: everything that a run will do, as data. Printing it launches nothing.

import * as v from "valibot";
import { userCommandsSchema } from "./user-command.ts";
import { microVmSchema } from "../microvm/microvm.ts";
import type { ManifestRow } from "./suite.ts";
import { stoppingRuleSchema } from "./stopping-rule.ts";

const text = v.string();
const texts = v.record(text, text);
const name = v.pipe(text, v.regex(/^[a-z0-9][a-z0-9._-]{0,39}$/));
const whole = v.pipe(v.number(), v.integer(), v.minValue(0));

const sideSchema = v.variant("kind", [
  v.strictObject({ name: text, kind: v.literal("local") }),
  v.strictObject({
    name: text,
    kind: v.literal("ssh"),
    hosts: v.pipe(
      v.array(v.strictObject({ user: v.exactOptional(text), host: text, port: v.exactOptional(whole) })),
      v.minLength(1),
      v.readonly(),
    ),
  }),
  v.strictObject({ name: text, kind: v.literal("ec2"), type: text, image: text }),
  v.strictObject({
    name: text,
    kind: v.literal("instances"),
    ids: v.pipe(v.array(text), v.minLength(1), v.readonly()),
  }),
  v.strictObject({
    name: text,
    kind: v.literal("firecracker"),
    file: text,
    vm: v.exactOptional(microVmSchema),
  }),
  v.strictObject({ name: text, kind: v.literal("published"), of: text }),
]);

const specSchema = v.strictObject({
  sides: v.pipe(v.array(sideSchema), v.minLength(1)),
  baseline: text,
  suites: v.array(
    v.strictObject({
      suite: name,
      row: v.optional(name),
      impl: v.optional(name),
      /** Where a suite of the user's own lies, as written. */
      folder: v.optional(text),
    }),
  ),
  /** Machines of each launched side. */
  machines: whole,
  /** Rounds of every row, warm-up included; the rows' own where absent. */
  rounds: v.optional(whole),
  /** Runs of every row that are kept, the warm-up apart: goes before `rounds`. */
  runs: v.optional(whole),
  /** Warm-up runs of every row; the rows' own where absent. */
  warmup: v.optional(whole),
  /** Where given, `rounds` is a cap: rounds end when this is reached. */
  until: v.exactOptional(stoppingRuleSchema),
  seed: text,
  /** Parameters by name, as written. */
  params: texts,
  cloud: v.picklist(["aws", "sandbox"]),
  region: v.optional(text),
  /** Another endpoint than the cloud's own. */
  endpoint: v.optional(text),
  instance_profile: v.optional(text),
  zone: v.optional(text),
  subnet: v.optional(text),
  security_groups: v.optional(v.array(text)),
  spot: v.optional(v.boolean()),
  tenancy: v.optional(v.picklist(["default", "dedicated", "host"])),
  keep_on_failure: v.optional(v.boolean()),
  /** Tags beside our own, of all that a launch makes. */
  launch_tags: v.optional(texts),
  /** Whether root volumes are encrypted though the account's default may be otherwise; with `kms_key` by that key. */
  encrypted: v.optional(v.boolean()),
  kms_key: v.optional(text),
  /** Where given, sides that are types are not launched but found: what runs, bears all of these, and is of the type. */
  tags: v.optional(texts),
  max_hours: v.number(),
  /** The most that its machines may cost. Dollars. */
  budget_usd: v.optional(v.number()),
  /** Where sides are found by `tags`: at most so many machines each, in the order of their ids; all where absent. */
  at_most: v.optional(whole),
  /** The user's word that machines which stay may be treated as if they were thrown away. */
  disposable: v.optional(v.boolean()),
  allow_burstable: v.boolean(),
  command: v.optional(userCommandsSchema),
});

const rowSchema = v.strictObject({
  name,
  impl: name,
  runs: whole,
  warmup: whole,
  limit_s: whole,
  instructions: v.array(text),
  /** Where it can run: `linux`, `freebsd`. */
  os: v.array(text),
  /** Shown in place of the name. */
  title: v.optional(text),
  /** Each trial on a machine launched for it alone. */
  fresh: v.optional(v.literal(true)),
});

const needsSchema = v.strictObject({
  commands: v.array(text),
  packages: v.array(text),
  memory_bytes: whole,
  disk_bytes: whole,
  vcpus: v.optional(whole),
  root: v.boolean(),
});

const suiteSchema = v.strictObject({
  name,
  title: text,
  version: text,
  /** SHA-256 of the suite's archive, in hex. */
  digest: v.pipe(text, v.regex(/^[0-9a-f]{64}$/)),
  params: texts,
  /** The parameters that the suite itself would have taken. */
  defaults: texts,
  /** Where nothing but the exit status proves the work. */
  check: v.optional(v.literal("exit-only")),
  /** Of commands of the user's own: SHA-256 of what was uploaded, in hex. */
  upload: v.exactOptional(v.pipe(text, v.regex(/^[0-9a-f]{64}$/))),
  /** What a machine must have, or the suite is skipped there. */
  needs: v.optional(needsSchema),
  rows: v.array(rowSchema),
});

/** The schema of plan.json. */
export const planSchema = v.strictObject({
  schema: v.literal(1),
  run: v.pipe(text, v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)),
  tool_version: text,
  created_at: text,
  spec: specSchema,
  /** SHA-256 of the agent's archive, in hex. */
  agent_digest: v.pipe(text, v.regex(/^[0-9a-f]{64}$/)),
  suites: v.array(suiteSchema),
});

/**
 * What a run will do: plan.json. `created_at` is ISO 8601, digests are SHA-256 in hex, `suites` have the rows in their
 * order.
 */
export type Plan = Readonly<v.InferOutput<typeof planSchema>>;
export type PlannedSuite = Plan["suites"][number];
export type PlannedRow = PlannedSuite["rows"][number];
/** What the user asked for, after defaults. */
export type Spec = Plan["spec"];

/** How often rows are run, as far as the user says so. */
type RunCounts = Pick<Spec, "rounds" | "runs" | "warmup">;

/** `row` of a suite for `os` as it is planned: `asked` wins over the row's own numbers; the warm-up stays below the runs. */
export function plannedRow(row: ManifestRow, os: readonly string[], asked: RunCounts = {}): PlannedRow {
  const warmup = row.fresh ? 0 : (asked.warmup ?? row.warmup);
  const own = asked.warmup === undefined ? row.runs : Math.max(1, row.runs - row.warmup) + warmup;
  const runs = asked.runs === undefined ? (asked.rounds ?? own) : asked.runs + warmup;
  return {
    name: row.name,
    impl: row.impl,
    runs,
    // A machine's first run is what a fresh row is about.
    warmup: Math.min(warmup, runs - 1),
    limit_s: row.limit_s,
    instructions: row.instructions,
    os: [...(row.os ?? os)],
    ...(row.fresh ? { fresh: true as const } : {}),
  };
}

/** The rounds of a suite: those of its longest row. */
export function roundsOf(suite: PlannedSuite): number {
  return Math.max(...suite.rows.map((row) => row.runs));
}

/** The rows of `suite` that a machine can run whose `uname -s` is `uname`. */
export function rowsForOs(suite: PlannedSuite, uname: string): PlannedRow[] {
  return suite.rows.filter((row) => row.os.includes(uname.toLowerCase()));
}

/** The sides whose machines are launched for the run: what may cost something, and may be left running. */
export function launchedSides({
  sides,
  tags,
}: Pick<Spec, "sides" | "tags">): Extract<Spec["sides"][number], { kind: "ec2" }>[] {
  return tags === undefined ? sides.filter((side) => side.kind === "ec2") : [];
}
