// A suite: a folder with a manifest and steps in POSIX sh. This file has the manifest's schema.

import * as v from "valibot";
import { acceptedValuesSchema } from "./suite-parameters.ts";

const name = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9._-]{0,28}$/, "expected a name of a-z, 0-9 and . _ -"));
const whole = (least: number): v.GenericSchema<number> =>
  v.pipe(
    v.number(`expected a whole number of at least ${least}`),
    v.integer(`expected a whole number of at least ${least}`),
    v.minValue(least, `expected a whole number of at least ${least}`),
  );
const text = v.string("expected a text in quotes");
const texts = v.array(text, "expected a list of texts");
const booleanField = v.boolean("expected true or false");
const commandName = v.pipe(text, v.regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,79}$/, "expected the name of a command"));
const packageName = v.pipe(text, v.regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,79}$/, "expected the name of a package"));
const system = v.picklist(["linux", "freebsd"], 'expected "linux" or "freebsd"');

const over0 = "expected a number above 0";

const rowSchema = v.strictObject({
  name,
  impl: name,
  /** Runs of the row on a machine, including warm-up. */
  runs: v.optional(whole(1), 10),
  warmup: v.optional(whole(0), 1),
  /** Whether each trial needs a newly launched machine. */
  fresh: v.optional(booleanField, false),
  limit_s: v.optional(whole(1), 600),
  /** Systems that the row can run on; absent: the suite's list. */
  os: v.optional(v.array(system)),
  /** CPU features that matter to the row, each as `ARCH:WORD`. */
  instructions: v.optional(texts, []),
  /** What the row's times may be compared with, where the suite's text does not suffice. */
  comparable: v.optional(text),
  /** CPU time of one trial in seconds, and CPUs kept busy, where they differ from the suite's estimate. */
  cpu_s: v.optional(v.pipe(v.number(over0), v.gtValue(0, over0))),
  cores: v.optional(
    v.union([v.literal("all"), v.pipe(v.number(), v.minValue(1))], 'expected "all" or a number of at least 1'),
  ),
});

export const manifestSchema = v.strictObject({
  name,
  title: text,
  version: text,
  os: v.array(system),
  /** Which times may be compared with each other: across systems, architectures, days. */
  comparable: v.optional(text),
  needs: v.optional(
    v.strictObject({
      commands: v.optional(v.array(commandName, "expected a list of texts"), []),
      packages: v.optional(v.array(packageName, "expected a list of texts"), []),
      memory_bytes: v.optional(whole(0), 0),
      disk_bytes: v.optional(whole(0), 0),
      vcpus: v.optional(whole(0), 0),
      root: v.optional(booleanField, false),
      disposable: v.optional(booleanField, false),
    }),
    {},
  ),
  params: v.optional(
    v.record(v.pipe(v.string(), v.regex(/^[a-z][a-z0-9_]{0,39}$/, "expected a name of a-z, 0-9 and _")), text),
    {},
  ),
  /** By parameter: the values that `--set` accepts; absent: any value. */
  accepts: v.optional(v.record(v.string(), acceptedValuesSchema), {}),
  /**
   * For `--set NAME=auto`: values in ascending order. The run chooses the first one whose shortest trial is long enough
   * for the clocks.
   */
  auto: v.optional(
    v.record(
      v.string(),
      v.pipe(v.array(v.pipe(text, v.regex(/^[1-9][0-9]{0,14}$/, "expected a whole number in quotes"))), v.minLength(1)),
    ),
    {},
  ),
  /**
   * Names of what is shipped with the suite. A name is a folder beside the suite or beside our own suites (shared
   * steps, or another suite), shipped under that name; else a package, shipped under node_modules: one of our
   * dependencies that has no dependencies itself.
   */
  bundle: v.optional(v.array(v.pipe(text, v.regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "expected the name of a package"))), []),
  estimate: v.optional(v.record(v.string(), v.union([v.number(), text])), {}),
  rows: v.pipe(v.array(rowSchema), v.minLength(1, "expected at least one row")),
});

/** A suite's suite.toml. Bytes (`_bytes`) and seconds (`_s`); times in `estimate` are of CPU. */
export type Manifest = Readonly<v.InferOutput<typeof manifestSchema>>;
export type ManifestRow = Manifest["rows"][number];

/**
 * A file of a suite or of the agent, as it is shipped. `path` is relative, with `/`; a final `/` means an empty folder.
 */
export interface ShippedFile {
  readonly path: string;
  readonly mode: 0o644 | 0o755;
  readonly bytes: Uint8Array;
}

/** A suite: its manifest, and the files that are shipped to machines. */
export interface Suite {
  readonly manifest: Manifest;
  readonly files: readonly ShippedFile[];
  /** Set where only the exit status proves the work: only for commands of the user's own. */
  readonly check?: "exit-only";
  /** For commands of the user's own: SHA-256 of the upload, in hex. */
  readonly upload?: string;
  /** By row: the title that reports show instead of its name. */
  readonly titles?: Readonly<Record<string, string>>;
}

/** The value of `--suite NAME[/ROW[/IMPL]]`. */
export interface SuiteSelection {
  readonly suite: string;
  /** Path of a suite of the user's own, as written. */
  readonly folder?: string | undefined;
  readonly row?: string | undefined;
  readonly impl?: string | undefined;
}
