// The texts of a ranking, for a terminal, a page and Markdown.

import { formatExtremes, formatSignificant, formatSpeedup } from "../text/numbers.ts";
import { dollarsText, jobsUnit } from "../table/cost-per-job.ts";
import type { Column, Grid } from "../table/grid.ts";
import type { RankedSide, Ranking } from "../../analysis/ranking/ranking.ts";
import type { ReportData } from "../report-data.ts";

/** A ranking as texts. */
export interface RankingView {
  readonly title: string;
  readonly grid: Grid;
  /** What its marks and letters mean, and which sides have no rank. */
  readonly notes: readonly string[];
  /** What the column means that is left out where the width is too small; none where it is not there. */
  readonly rangeNotes: readonly string[];
}

/** Marks a side that no other beats in both time and money. */
const unbeatenMark = "*";

/** Returns the texts of the ranking of `report`. */
export function rankingView(report: ReportData & { readonly ranking: Ranking }): RankingView {
  const { ranking } = report;
  const { baseline } = report.comparison;
  const priced = ranking.sides.some(({ job }) => job !== null);
  const unit = jobsUnit(ranking.sides.flatMap(({ job }) => job ?? []));
  const several = ranking.rows > 1;
  const column = (head: string, align: Column["align"], expendable = 0): Column => ({
    over: "",
    head,
    align,
    expendable,
  });
  return {
    title: rankingTitle(ranking),
    grid: {
      columns: [
        column("", "right"),
        column("side", "left"),
        column("speedup (95 %)", "left"),
        ...(several ? [column("less a row", "left", 1)] : []),
        column("groups", "left"),
        ...(priced
          ? [column(`$ ${unit.word}${ranking.market === "spot" ? ", spot" : ""}`, "left"), column("", "left")]
          : []),
      ],
      rows: ranking.sides.map((side) => [
        `${side.rank}`,
        side.side,
        side.side === baseline ? "baseline" : speedupOf(side),
        ...(several ? [side.speedup.leave_one_out === null ? "" : formatExtremes(...side.speedup.leave_one_out)] : []),
        side.groups.join(""),
        ...(priced ? [dollarsText(side.job, unit.count), side.unbeaten === true ? unbeatenMark : ""] : []),
      ]),
    },
    notes: notesOf(report, ranking, priced),
    rangeNotes: several ? ["less a row [a…b]: range of the geomean with one row left out"] : [],
  };
}

/** Returns `ranking by real time: geomean of 8 of 8 rows`. */
function rankingTitle({ by, rows, of }: Ranking): string {
  const what = { real: "real time", cpu: "CPU time", cost: "the cost of a job" }[by];
  return `ranking by ${what} (geomean of ${rows} of ${of} ${of === 1 ? "row" : "rows"})`;
}

function speedupOf({ speedup: { value, lo, hi } }: RankedSide): string {
  return lo === null || hi === null ? `(${formatSignificant(value)})` : formatSpeedup(value, lo, hi);
}

function notesOf(report: ReportData, ranking: Ranking, priced: boolean): string[] {
  const { pairs, sides, unranked, scope } = ranking;
  const { baseline } = report.comparison;
  const names = (reason: (typeof unranked)[number]["reason"]): string =>
    unranked
      .filter((one) => one.reason === reason)
      .map(({ side }) => side)
      .join(", ");
  const whose = { machines: "these machines", type: "the types", mixed: "types, or these machines" };
  return [
    scope === null
      ? "no groups: no interval"
      : `no common letter: a difference is shown between ${whose[scope]}, after allowing for all ${pairs} pairs`,
    ...(sides.some(({ side, speedup }) => side !== baseline && speedup.lo === null) ? ["(1.23) no interval"] : []),
    ...(priced ? [`${unbeatenMark} no other side is as fast and as cheap, and better in one of the two`] : []),
    ...(names("lacks-rows") === ""
      ? []
      : [`not ranked, since more than half of the rows have no speedup: ${names("lacks-rows")}`]),
    ...(names("no-price") === "" ? [] : [`not ranked, since no price is known: ${names("no-price")}`]),
    ...(ranking.by !== "cost" && report.rank === "cost"
      ? ["not ranked by cost: no price is known (--price TYPE=USD)"]
      : []),
  ];
}
