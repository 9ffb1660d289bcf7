// A stored run turned: its commands are the sides, its sides the rows. Then the commands are compared with each other.

import { commandSuiteName, displayTitle } from "../../domain/plan/user-command.ts";
import { TimetrialError } from "../../domain/errors.ts";
import type { Spec } from "../../domain/plan/plan.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import type { StoredRun } from "../../ports/results.ts";
import { parseChoice } from "../options/option-values.ts";

/** What the table compares, and with which of them. */
export interface ComparisonAxis {
  readonly by: "side" | "command";
  readonly baseline: string;
}

/**
 * How `spec` is to be shown: by side or by command; where `by` is absent, by command if one side ran several of them.
 *
 * @throws TimetrialError USAGE where there are no commands to compare, BASELINE_UNKNOWN
 */
export function parseComparisonAxis(spec: Spec, by: string | undefined, baseline: string | undefined): ComparisonAxis {
  const way = by === undefined ? usualWay(spec) : parseChoice("--by", by, ["side", "command"]);
  if (way === "side") return { by: way, baseline: baseline ?? spec.baseline };
  const names = namesOf(spec);
  if (names.length === 0) throw new TimetrialError("USAGE", "--by command: the run has no command of its own");
  const chosen = baseline === undefined ? names[0] : names.find((name) => name === displayTitle(baseline));
  if (chosen !== undefined) return { by: way, baseline: chosen };
  throw new TimetrialError(
    "BASELINE_UNKNOWN",
    `--baseline: the run has no command ${quoteForMessage(baseline ?? "")}`,
    {
      hint: `its commands are ${names.join(", ")}`,
    },
  );
}

/** `stored` with what `way` compares as its sides. */
export function pivotRun(stored: StoredRun, way: ComparisonAxis): StoredRun {
  return way.by === "side" ? stored : byCommand(stored, namesOf(stored.plan.spec));
}

function namesOf(spec: Spec): string[] {
  return spec.command?.commands.map(({ title }) => displayTitle(title)) ?? [];
}

/** `run -- 'a' 'b'`: one side, several commands, nothing else. */
function usualWay(spec: Spec): "side" | "command" {
  const several = (spec.command?.commands.length ?? 0) > 1;
  return several && spec.sides.length === 1 && spec.suites.every(({ suite }) => suite === commandSuiteName)
    ? "command"
    : "side";
}

function byCommand(stored: StoredRun, names: readonly string[]): StoredRun {
  const { plan } = stored;
  const suite = plan.suites.find(({ name }) => name === commandSuiteName);
  // What the account still runs is asked of the sides: an instance type among them stays one.
  const like = plan.spec.sides.find(({ kind }) => kind === "ec2") ?? plan.spec.sides[0];
  const nameOf = new Map(names.map((name, i) => [`cmd-${i + 1}`, name]));
  const first = suite?.rows[0];
  if (suite === undefined || first === undefined || like === undefined) return stored;
  return {
    ...stored,
    plan: {
      ...plan,
      spec: { ...plan.spec, sides: names.map((name) => ({ ...like, name })), baseline: names[0] as string },
      suites: [{ ...suite, rows: plan.spec.sides.map(({ name }) => ({ ...first, name, title: name })) }],
    },
    records: stored.records
      .filter((record) => record.suite === commandSuiteName)
      // Commands are other work, each, and here compared all the same: one id for all.
      .map((record) => ({
        ...record,
        row: record.side,
        side: nameOf.get(record.row) ?? record.row,
        work_id: "by-command",
      })),
  };
}
