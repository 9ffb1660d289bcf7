// Decides whether a run may stop because its intervals are narrow enough: it analyses the run as the final table will.

import { analyse } from "../../analysis/comparison/analyse.ts";
import { decideStop } from "../../analysis/comparison/stopping-rule.ts";
import { commandSuiteName, displayTitle } from "../../domain/plan/user-command.ts";
import type { LookDecision } from "../../domain/run/interim-look.ts";
import type { InterimLook } from "../../domain/run/interim-look.ts";
import { pivotRun, type ComparisonAxis } from "../../pipeline/compare/pivot-by-command.ts";

interface RowName {
  readonly suite: string;
  readonly row: string;
  readonly impl: string;
}

/** Returns whether the records so far are enough for the table of `axis`. */
export async function judgeLook(
  { plan, suite, round, records }: InterimLook,
  axis: ComparisonAxis,
): Promise<LookDecision> {
  const until = plan.spec.until;
  if (until === undefined) throw new RangeError("the run's rounds are counted");
  const suites = plan.suites.filter(({ name }) => name === suite);
  const by = suite === commandSuiteName ? axis : { by: "side" as const, baseline: plan.spec.baseline };
  const shown = pivotRun({ folder: "", plan: { ...plan, suites }, records, machines: [] }, by);
  const sides = shown.plan.spec.sides.filter(({ kind }) => kind !== "published").map(({ name }) => name);
  // A speedup over published figures has no interval: the measured side is then judged by itself.
  const baseline = sides.find((side) => side === by.baseline);
  const rows = shown.plan.suites.flatMap(({ name, rows: planned }) =>
    planned
      .filter(({ fresh }) => fresh !== true)
      .map(({ name: row, impl, warmup, title }) => ({ suite: name, row, impl, warmup, title })),
  );
  const plannedOf = (of: RowName) =>
    rows.find((row) => row.suite === of.suite && row.row === of.row && row.impl === of.impl);
  const warmup = (of: RowName): number => plannedOf(of)?.warmup ?? 0;
  const comparison = await analyse(shown.records, {
    sides,
    baseline: baseline ?? sides[0] ?? "",
    rows,
    warmup: (of, row, impl) => warmup({ suite: of, row, impl }),
  });
  return await decideStop(comparison, {
    share: until.percent / 100,
    of: until.of,
    metrics: until.metric === undefined ? ["real", "cpu"] : [until.metric],
    nameOf: (row) => {
      const title = plannedOf(row)?.title;
      return title === undefined ? `${row.row} ${row.impl}` : displayTitle(title);
    },
    rounds: (row) => round - warmup(row),
    apart: baseline === undefined || sides.length < 2,
  });
}
