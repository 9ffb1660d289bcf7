// Chooses the caveats of published figures that a table needs.

import type { Comparison } from "../analysis/comparison/comparison.ts";
import type { PublishedCaveat } from "../domain/published/figures.ts";
import type { ReportCaveat, ReportData } from "./report-data.ts";

/** Returns the caveats on those of `published` that `comparison` shows. */
export function publishedCaveats(
  comparison: Comparison,
  published: NonNullable<ReportData["published"]>,
): ReportCaveat[] {
  const known = new Map<string, PublishedCaveat>();
  for (const { figures } of published)
    for (const remark of figures.remarks)
      known.set(JSON.stringify([figures.source.url, remark.suite, remark.row, remark.impl, remark.metric]), remark);
  const ofSide = new Map(published.map(({ name, figures }) => [name, figures.of]));
  return comparison.rows.flatMap((row) =>
    [...known.values()]
      .filter((remark) => remark.suite === row.suite && remark.row === row.row && remark.impl === row.impl)
      .flatMap(({ metric, about, alone, text }): ReportCaveat[] => {
        const there = (side: string): boolean =>
          about.includes(ofSide.get(side) ?? "") && row.cells[side]?.[metric].time_s != null;
        const contenders = comparison.sides.filter(
          (side) => side !== comparison.baseline && there(side) && there(comparison.baseline),
        );
        if (contenders.length > 0) return contenders.map((contender) => ({ row, metric, contender, text }));
        return alone && comparison.sides.some(there) ? [{ row, metric, text }] : [];
      }),
  );
}
