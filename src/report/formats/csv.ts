// Formats the table for spreadsheets and programs: one line for each row and contender, every digit, a unit in every
// name.
//
// Means over rows are left out, because they are not rows. JSON has them.

import type { ComparedRow, Metric } from "../../analysis/comparison/comparison.ts";
import { type GateResult, worstAnswer } from "../../analysis/gate/judge-gate.ts";
import type { Ranking } from "../../analysis/ranking/ranking.ts";
import type { SpeedupFactors } from "../../analysis/why/decompose.ts";
import { type CsvCell, csvLines } from "./csv-writer.ts";
import { explanationText } from "../table/footer.ts";
import { priceSourceText } from "../table/cost-per-job.ts";
import { type RowCost } from "../report-data.ts";
import { contenders, rowTitle, type CostBlock, type ReportData } from "../report-data.ts";
import { unrealTimes } from "../unreal-times.ts";

/**
 * Returns `report` as CSV. Times in seconds. With one side alone, the columns of the contender and the speedup are
 * empty.
 */
export function csv(report: ReportData): string {
  const others = contenders(report).length === 0 ? [undefined] : contenders(report);
  const lines = report.comparison.rows.flatMap((row, i) =>
    others.map((contender) => columnsOf(report, row, i, contender)),
  );
  const columns = (lines[0] ?? []).map(([name]) => name);
  return csvLines(
    columns,
    lines.map((line) => line.map(([, cell]) => cell)),
  );
}

type Column = readonly [name: string, cell: CsvCell];

function columnsOf(report: ReportData, row: ComparedRow, index: number, contender: string | undefined): Column[] {
  const { baseline } = report.comparison;
  const speedups = contender === undefined ? undefined : row.speedups[contender];
  return [
    ["suite", row.suite],
    ["row", row.row],
    ["title", rowTitle(report, row) ?? null],
    ["impl", row.impl],
    ["driver", row.driver],
    ["params", pairs(row.params)],
    ["work_id", row.work_id],
    ["baseline", baseline],
    ["contender", contender],
    ...(["real", "cpu"] as const).flatMap((metric) => timeColumns("baseline", metric, row.cells[baseline])),
    ...(["real", "cpu"] as const).flatMap((metric) => timeColumns("contender", metric, row.cells[contender ?? ""])),
    ...busyColumns("baseline", baseline, row),
    ...busyColumns("contender", contender ?? "", row),
    ...(["real", "cpu"] as const).flatMap((metric) => speedupColumns(metric, speedups?.[metric])),
    ...(report.gate === undefined ? [] : gateColumns(report.gate, index, contender)),
    ...(report.why === undefined ? [] : factorColumns(report.why[index]?.[contender ?? ""])),
    ...(report.ranking === undefined ? [] : rankColumns(report.ranking, contender)),
    ...(report.priced ?? []).flatMap((block) => priceColumns(block, block.rows[index], baseline, contender)),
    [
      "notes",
      [
        ...unrealTimes(report),
        ...row.notes,
        ...notesOf(speedups),
        ...remarksOf(report, row, contender),
        ...explanationsOf(report, index, contender),
      ].join("; "),
    ],
  ];
}

/**
 * Returns the columns of one market, where prices are known. The source of the price is in each line, since this table
 * has no footer.
 */
function priceColumns(
  { market, prices }: CostBlock,
  row: RowCost | undefined,
  baseline: string,
  contender: string | undefined,
): Column[] {
  const name = market.replace("-", "_");
  const worth = row?.worth[contender ?? ""];
  return [
    ...(
      [
        ["baseline", baseline],
        ["contender", contender ?? ""],
      ] as const
    ).flatMap(([who, side]): Column[] => {
      const [price, job] = [prices.find((price) => price.side === side), row?.jobs[side]];
      return [
        [`${who}_${name}_usd_per_hour`, price?.usd_per_hour],
        [`${who}_${name}_price_source`, price === undefined ? undefined : priceSourceText(price)],
        [`${who}_${name}_usd_per_job`, job?.usd],
        [`${who}_${name}_usd_per_job_lo`, job?.lo],
        [`${who}_${name}_usd_per_job_hi`, job?.hi],
      ];
    }),
    [`${name}_jobs_for_the_same_money_ratio`, worth?.value],
    [`${name}_jobs_for_the_same_money_lo_ratio`, worth?.lo],
    [`${name}_jobs_for_the_same_money_hi_ratio`, worth?.hi],
  ];
}

/** Returns the columns of the contender's place in the ranking, the same in each of its lines. */
function rankColumns({ by, sides }: Ranking, contender: string | undefined): Column[] {
  const found = sides.find(({ side }) => side === contender);
  return [
    ["ranked_by", by],
    ["contender_rank", found?.rank],
    ["contender_groups", found?.groups.join(" ")],
    ["contender_geomean_ratio", found?.speedup.value],
    ["contender_geomean_lo_ratio", found?.speedup.lo],
    ["contender_geomean_hi_ratio", found?.speedup.hi],
    ["contender_mean_job_usd", found?.job?.usd],
    ["contender_mean_job_lo_usd", found?.job?.lo],
    ["contender_mean_job_hi_usd", found?.job?.hi],
    ["contender_unbeaten", found?.unbeaten],
  ];
}

/** Returns the columns on where the time went: `cpu`, `serial`, …, and how many CPUs were busy. */
function busyColumns(who: string, side: string, row: ComparedRow): Column[] {
  return [
    [`${who}_cores_busy`, row.cores_busy[side]],
    [`${who}_bound`, row.bound[side]],
  ];
}

function timeColumns(who: string, metric: Metric, cells: ComparedRow["cells"][string] | undefined): Column[] {
  const cell = cells?.[metric];
  return [
    [`${who}_${metric}_s`, cell?.time_s],
    [`${who}_${metric}_kept_runs`, cell?.kept],
    [`${who}_${metric}_all_runs`, cell?.of],
    [`${who}_${metric}_status`, cell?.status],
  ];
}

function speedupColumns(metric: Metric, speedup: ComparedRow["speedups"][string][Metric] | undefined): Column[] {
  return [
    [`${metric}_speedup_ratio`, speedup?.value],
    [`${metric}_speedup_lo_ratio`, speedup?.lo],
    [`${metric}_speedup_hi_ratio`, speedup?.hi],
    [`${metric}_p`, speedup?.p],
    [`${metric}_p_adjusted`, speedup?.p_adjusted],
    [`${metric}_verdict`, speedup?.verdict],
    [`${metric}_scope`, speedup?.scope],
  ];
}

/** Returns the answers of the limits on the row, real and cpu; empty where no limit is on it. */
function gateColumns({ limits }: GateResult, index: number, contender: string | undefined): Column[] {
  return (["real", "cpu"] as const).map((metric) => {
    const answers = limits
      .filter((limit) => limit.metric === metric)
      .flatMap(({ items }) => items.filter((item) => item.row === index && item.contender === contender))
      .map(({ answer }) => answer);
    return [`${metric}_gate`, answers.length === 0 ? undefined : worstAnswer(answers)];
  });
}

/** Returns the columns of the factors of the speedup in CPU time. A factor that is not known has empty cells. */
function factorColumns(found: SpeedupFactors | undefined): Column[] {
  const names = ["clock", "instructions", "work-per-cycle", "rest"] as const;
  return [
    ...names.flatMap((name): Column[] => {
      const [factor, column] = [found?.factors.find((one) => one.name === name), name.replaceAll("-", "_")];
      return [
        [`${column}_ratio`, factor?.value],
        [`${column}_lo_ratio`, factor?.lo],
        [`${column}_hi_ratio`, factor?.hi],
      ];
    }),
    ["counted", found?.counted],
    ["why_notes", found?.notes.join("; ")],
  ];
}

function notesOf(speedups: ComparedRow["speedups"][string] | undefined): string[] {
  return speedups === undefined
    ? []
    : [...speedups.real.notes.map((note) => `real: ${note}`), ...speedups.cpu.notes.map((note) => `cpu: ${note}`)];
}

function remarksOf({ remarks = [] }: ReportData, row: ComparedRow, contender: string | undefined): string[] {
  return remarks
    .filter((remark) => remark.row === row && (remark.contender === undefined || remark.contender === contender))
    .map(({ metric, text }) => `${metric}: ${text}`);
}

function explanationsOf({ explanations }: ReportData, index: number, contender: string | undefined): string[] {
  return (explanations[index]?.[contender ?? ""] ?? []).map(explanationText);
}

/** Returns `blocks=100000 driver=auto`. */
function pairs(texts: Readonly<Record<string, string>>): string {
  return Object.entries(texts)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}
