// Adds the ranking to the data of a report, at the prices that are known.

import { rankSides } from "../../analysis/ranking/rank-sides.ts";
import type { RankBy } from "../../analysis/ranking/ranking.ts";
import type { ReportData } from "../report-data.ts";

/**
 * Returns `report` with the ranking of its sides `by` real time, CPU time or the cost of a job; without a price for any
 * side by real time. Unchanged with fewer than four sides, and where the sides are commands.
 */
export async function withRanking(report: ReportData, by: RankBy): Promise<ReportData> {
  // Without prices it is the same each time that it is made by the same.
  const isMade = report.rank === by && report.ranking?.market === undefined && report.priced === undefined;
  if (report.by === "command" || isMade) return report;
  // The market that has the price of the most sides.
  const [block] = (report.priced ?? []).toSorted((a, b) => b.prices.length - a.prices.length);
  const ranking = await rankSides(report.comparison, {
    by: by === "cost" && block === undefined ? "real" : by,
    ...(block === undefined
      ? {}
      : {
          market: block.market,
          usd_per_hour: Object.fromEntries(block.prices.map(({ side, usd_per_hour }) => [side, usd_per_hour])),
        }),
  });
  return ranking === undefined ? report : { ...report, ranking, rank: by };
}
