// Decides whether a run may stop because its intervals are narrow enough, or its gate is decided: it analyses the run as the final table will.

import { analyse } from "../../analysis/comparison/analyse.ts";
import { type GateResult, judgeGate } from "../../analysis/gate/judge-gate.ts";
import { defined } from "../../domain/defined.ts";
import { geomeanLimit, isLimitOn, limitedRowsOf } from "../../domain/plan/gate.ts";
import { looksOf, type Plan } from "../../domain/plan/plan.ts";
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

/** Returns how many comparisons the gate of a whole run is over. */
function plannedComparisons({ spec, suites }: Plan): number {
  const contenders = spec.sides.filter(({ kind }) => kind !== "published").length - 1;
  const rows = limitedRowsOf(suites);
  const counts = (spec.gate?.limits ?? []).map(({ of }) =>
    of === geomeanLimit ? 1 : rows.filter((row) => isLimitOn(of, row)).length,
  );
  return contenders * counts.reduce((sum, count) => sum + count, 0);
}

/** Stops where the gate is decided, and where no more run could decide it: what is undecided has no speedup. */
function decideOnGate({ answer, limits }: GateResult): LookDecision {
  if (answer !== "undecided") return { enough: true, why: "gate", missed: [] };
  const open = limits.flatMap(({ items }) =>
    items.filter((item) => item.answer === "undecided" && item.percent !== null),
  );
  return open.length === 0 ? { enough: true, why: "nothing", missed: [] } : { enough: false, missed: [] };
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
      .map(({ name: row, impl, warmup, title }) => ({ suite: name, row, impl, warmup, ...defined({ title }) })),
  );
  const plannedOf = (of: RowName) =>
    rows.find((row) => row.suite === of.suite && row.row === of.row && row.impl === of.impl);
  const warmup = (of: RowName): number => plannedOf(of)?.warmup ?? 0;
  const options = {
    sides,
    baseline: baseline ?? sides[0] ?? "",
    rows,
    warmup: (of: string, row: string, impl: string) => warmup({ suite: of, row, impl }),
    looks: looksOf(plan),
  };
  if ("gate" in until) {
    // Rows of the other suites have looks of their own.
    const judged = (plan.spec.gate?.limits ?? []).filter(
      ({ of }) => of === geomeanLimit || rows.some((row) => isLimitOn(of, row)),
    );
    if (judged.length === 0) return { enough: true, why: "nothing", missed: [] };
    const gate = await judgeGate(
      shown.records,
      { limits: judged },
      {
        ...options,
        titleOf: (row) => plannedOf(row)?.title,
        leastComparisons: plannedComparisons(pivotRun({ folder: "", plan, records: [], machines: [] }, by).plan),
      },
    );
    return decideOnGate(gate);
  }
  const comparison = await analyse(shown.records, options);
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
