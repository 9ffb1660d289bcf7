// A plan: everything that a run will do, as data. Printing a plan launches nothing.

import * as v from "valibot";
import { count, text, textsByName } from "../schema.ts";
import { userCommandsSchema } from "./user-command.ts";
import { microVmSchema } from "../microvm/microvm.ts";
import type { ManifestRow } from "./suite.ts";
import { regionField, sshHostFields } from "./ssh-host.ts";
import { gateSchema } from "./gate.ts";
import { gateLooks, stoppingRuleSchema } from "./stopping-rule.ts";

const name = v.pipe(text, v.regex(/^[a-z0-9][a-z0-9._-]{0,39}$/));

const sideSchema = v.variant("kind", [
  v.strictObject({ name: text, kind: v.literal("local") }),
  v.strictObject({
    name: text,
    kind: v.literal("ssh"),
    hosts: v.pipe(v.array(v.strictObject(sshHostFields)), v.minLength(1), v.readonly()),
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
      /** Path of a suite of the user's own, as written. */
      folder: v.optional(text),
    }),
  ),
  /** Machines of each launched side. */
  machines: count,
  /** Rounds of every row, including warm-up; absent: each row's own number. */
  rounds: v.optional(count),
  /** Runs of every row without warm-up; overrides `rounds`. */
  runs: v.optional(count),
  /** Warm-up runs of every row; absent: each row's own number. */
  warmup: v.optional(count),
  /** Rounds end when this rule is met; `rounds` is then a cap. */
  until: v.exactOptional(stoppingRuleSchema),
  /** Limits that the comparison is held to. */
  gate: v.exactOptional(gateSchema),
  seed: text,
  /** Parameters by name, as written. */
  params: textsByName,
  cloud: v.picklist(["aws", "sandbox"]),
  region: v.optional(regionField),
  /** An endpoint to use instead of the cloud's own. */
  endpoint: v.optional(text),
  instance_profile: v.optional(text),
  zone: v.optional(text),
  subnet: v.optional(text),
  security_groups: v.optional(v.array(text)),
  spot: v.optional(v.boolean()),
  tenancy: v.optional(v.picklist(["default", "dedicated", "host"])),
  keep_on_failure: v.optional(v.boolean()),
  /** Further tags of every resource that a launch creates, beside our own tags. */
  launch_tags: v.optional(textsByName),
  /** Whether root volumes are encrypted, whatever the account's default is; with `kms_key`, by that key. */
  encrypted: v.optional(v.boolean()),
  kms_key: v.optional(text),
  /** The size of every root volume; absent: as large as the images and the suites need. GiB. */
  volume_gib: v.exactOptional(count),
  /** Set: no instance is launched. A side of a type is the running instances of that type with all of these tags. */
  tags: v.optional(textsByName),
  max_hours: v.number(),
  /** The most that the run's machines may cost. Dollars. */
  budget_usd: v.optional(v.number()),
  /** With `tags`: the most machines of each side, in the order of their ids; absent: all. */
  at_most: v.optional(count),
  /** The user allows suites for disposable machines to run on machines that outlive the run. */
  disposable: v.optional(v.boolean()),
  allow_burstable: v.boolean(),
  command: v.optional(userCommandsSchema),
});

const rowSchema = v.strictObject({
  name,
  impl: name,
  runs: count,
  warmup: count,
  limit_s: count,
  instructions: v.array(text),
  /** Systems that the row can run on: `linux`, `freebsd`. */
  os: v.array(text),
  /** Reports show it instead of the name. */
  title: v.optional(text),
  /** Each trial runs on a machine that is launched for it alone. */
  fresh: v.optional(v.literal(true)),
});

const needsSchema = v.strictObject({
  commands: v.array(text),
  packages: v.array(text),
  memory_bytes: count,
  disk_bytes: count,
  vcpus: v.optional(count),
  root: v.boolean(),
});

const suiteSchema = v.strictObject({
  name,
  title: text,
  version: text,
  /** SHA-256 of the suite's archive, in hex. */
  digest: v.pipe(text, v.regex(/^[0-9a-f]{64}$/)),
  params: textsByName,
  /** The suite's own default parameters. */
  defaults: textsByName,
  /** Set where only the exit status proves the work. */
  check: v.optional(v.literal("exit-only")),
  /** For commands of the user's own: SHA-256 of the upload, in hex. */
  upload: v.exactOptional(v.pipe(text, v.regex(/^[0-9a-f]{64}$/))),
  /** What a machine must have; otherwise the suite is skipped there. */
  needs: v.optional(needsSchema),
  /** Set where the sandbox must not run the suite: what it needs that the sandbox is not. All its trials are skipped. */
  not_here: v.exactOptional(text),
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
 * What a run will do: plan.json. `created_at` is ISO 8601, digests are SHA-256 in hex, and the rows of `suites` are in
 * their order of execution.
 */
export type Plan = Readonly<v.InferOutput<typeof planSchema>>;
export type PlannedSuite = Plan["suites"][number];
export type PlannedRow = PlannedSuite["rows"][number];
/** What the user asked for, after defaults. */
export type Spec = Plan["spec"];

/** The numbers of runs that the user asked for; absent ones are the rows' own. */
type RunCounts = Pick<Spec, "rounds" | "runs" | "warmup">;

/**
 * Plans `row` of a suite for `os`. The numbers in `asked` override the row's own. The warm-up is less than the runs, so
 * that at least one run is left.
 */
export function plannedRow(row: ManifestRow, os: readonly string[], asked: RunCounts = {}): PlannedRow {
  const warmup = row.fresh ? 0 : (asked.warmup ?? row.warmup);
  const own = asked.warmup === undefined ? row.runs : Math.max(1, row.runs - row.warmup) + warmup;
  const runs = asked.runs === undefined ? (asked.rounds ?? own) : asked.runs + warmup;
  return {
    name: row.name,
    impl: row.impl,
    runs,
    // A fresh row measures a machine's first run, so it has no warm-up.
    warmup: Math.min(warmup, runs - 1),
    limit_s: row.limit_s,
    instructions: row.instructions,
    os: [...(row.os ?? os)],
    ...(row.fresh ? { fresh: true as const } : {}),
  };
}

/** The least kept runs for an interval on one machine: of a median of fewer there is none of 95 %. */
export const leastKeptForInterval = 6;

/** Returns the least kept runs of `rows`, where none disturbs them: those after warm-up. */
export function fewestKept(rows: readonly Pick<PlannedRow, "runs" | "warmup">[]): number {
  return Math.min(...rows.map(({ runs, warmup }) => runs - warmup));
}

/** Returns the number of rounds of a suite: the runs of its longest row. */
export function roundsOf(suite: PlannedSuite): number {
  return Math.max(...suite.rows.map((row) => row.runs));
}

/** Returns the most warm-up rounds of a suite's rows. */
export function warmUpOf(suite: PlannedSuite): number {
  return Math.max(...suite.rows.map((row) => row.warmup));
}

/** Returns how many looks could end the rounds of a run on its gate; 1 where none could. */
export function looksOf({ spec, suites }: Pick<Plan, "spec" | "suites">): number {
  if (spec.until === undefined || !("gate" in spec.until)) return 1;
  return Math.max(1, ...suites.map((suite) => gateLooks(roundsOf(suite), warmUpOf(suite)).length));
}

/** Returns the rows of `suite` that can run on a machine whose `uname -s` is `uname`. */
export function rowsForOs(suite: PlannedSuite, uname: string): PlannedRow[] {
  return suite.rows.filter((row) => row.os.includes(uname.toLowerCase()));
}

/** Returns the sides whose instances the run launches: only these may cost money or be left running. */
export function launchedSides({
  sides,
  tags,
}: Pick<Spec, "sides" | "tags">): Extract<Spec["sides"][number], { kind: "ec2" }>[] {
  return tags === undefined ? sides.filter((side) => side.kind === "ec2") : [];
}
