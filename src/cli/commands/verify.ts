// `verify`: checks a stored run: its files against its sums, its records against plan and facts, its cells against a
// second computation, and optionally a printed table against the records.

import { findRun } from "../output/results-root.ts";
import * as v from "valibot";
import { auditBoots } from "../../analysis/audit/boot-audit.ts";
import { auditRun, countExpectedDigests } from "../../analysis/audit/run-audit.ts";
import { recomputeGate } from "../../analysis/audit/recompute-gate.ts";
import { recomputeFactors } from "../../analysis/audit/recompute-factors.ts";
import { withRanking } from "../../report/ranking/with-ranking.ts";
import type { ReportData } from "../../report/report-data.ts";
import { withFactors } from "../../report/why/why-block.ts";
import { recomputeRanking } from "../../analysis/audit/recompute-ranking.ts";
import type { RankBy, Ranking } from "../../analysis/ranking/ranking.ts";
import { recomputeCells } from "../../analysis/audit/recompute-cells.ts";
import { TimetrialError } from "../../domain/errors.ts";
import type { Price } from "../../domain/cost/price.ts";
import { pricesSchema } from "../../domain/cost/price-list.ts";
import { type Gate, looseGateSchema } from "../../domain/plan/gate.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import { checksumsFile, type ChecksumMismatch } from "../../domain/run/checksums.ts";
import type { StoredBoots } from "../../ports/boot-results.ts";
import type { StoredRun } from "../../ports/results.ts";
import type { StoredFolder } from "../../ports/stored-folder.ts";
import { json } from "../../report/formats/json.ts";
import { jsonDifferences } from "../../report/formats/json-diff.ts";
import { costBlocks } from "../../report/table/cost-per-job.ts";
import { pivotRun } from "../../pipeline/compare/pivot-by-command.ts";
import { textOrJson } from "../options/choices.ts";
import { parseChoice } from "../options/option-values.ts";
import { parseComparisonAxis } from "../options/comparison-axis.ts";
import { withRunFolder } from "../load/stored-run.ts";
import { CheckOutput } from "./stored/check-output.ts";
import { readOptionFile } from "../wiring.ts";
import { buildReportData } from "../../report/build-report-data.ts";

export interface VerifyOptions {
  readonly sums?: string;
  readonly against?: string;
  readonly results: string;
  readonly format: string;
}

export async function verifyCommand(named: string, options: VerifyOptions): Promise<number> {
  const format = parseChoice("--format", options.format, textOrJson);
  const run = await findRun(named, options.results);
  const wanted = sumsOption(options.sums);
  const against = options.against === undefined ? undefined : await reportIn(options.against);
  return await withRunFolder(run, options.results, async (folder) => {
    // The records first: what is read of a file is hashed on the way, so that it is read once.
    const boots = await bootsOf(folder);
    const stored = boots === undefined ? await readableRun(folder) : undefined;
    const sums = (await folder.sums()) ?? "";
    const output = new CheckOutput(format, run);
    filesCheck(output, await folder.mismatches(), (await folder.digests()).size, sums);
    if (wanted !== undefined) sumsCheck(output, sums, wanted);
    if (boots !== undefined) {
      if (against !== undefined)
        throw new TimetrialError("USAGE", "--against: expected a run of compare or run, and this one is of boot");
      const { plan, records } = boots;
      output.add("records", auditBoots(plan, records), `${records.length} boots fit plan and each other`);
    } else if (stored instanceof TimetrialError) {
      output.add("records", [{ where: "", what: stored.message }], "");
    } else if (stored !== undefined) {
      recordsCheck(output, stored);
      await cells(output, stored);
      await gateCheck(output, stored);
      if (against !== undefined) await table(output, stored, against, options.against ?? "");
    }
    return output.end();
  });
}

function filesCheck(output: CheckOutput, mismatches: readonly ChecksumMismatch[], files: number, sums: string): void {
  const faults = mismatches.map(({ path, what }) => ({ where: path, what }));
  output.add("files", faults, `${files} as ${checksumsFile} says, whose own SHA-256 is ${sums}`);
}

function sumsCheck(output: CheckOutput, sums: string, wanted: string): void {
  const what = `expected sums ${wanted}, found ${sums === "" ? "none" : sums}`;
  const found = sums.startsWith(wanted) ? [] : [{ where: checksumsFile, what }];
  output.add("sums", found, `those that were asked for (${wanted})`);
}

/** Reads the run in `folder`, or returns why it cannot be read. */
async function readableRun(folder: StoredFolder): Promise<StoredRun | TimetrialError> {
  try {
    return await folder.readRun();
  } catch (error) {
    if (!(error instanceof TimetrialError)) throw error;
    return error;
  }
}

function recordsCheck(output: CheckOutput, stored: StoredRun): void {
  const known = countExpectedDigests(stored.records);
  const well = `${stored.records.length} fit plan, facts and each other; ${known} digests are those of their work`;
  output.add("records", auditRun(stored), well);
}

/**
 * Reads the boot run in `folder`. Undefined where it cannot be read as one: the reader of other runs then reports the
 * fault.
 */
async function bootsOf(folder: StoredFolder): Promise<StoredBoots | undefined> {
  try {
    return await folder.readBoots();
  } catch (error) {
    if (!(error instanceof TimetrialError)) throw error;
    return undefined;
  }
}

async function cells(output: CheckOutput, stored: StoredRun): Promise<void> {
  const report = await buildReportData(stored, stored.plan.spec.baseline);
  const { comparison, runs } = report;
  const { why = [] } = await withFactors(report);
  const rankings = await bothRankings(report);
  const found = [
    ...recomputeCells(comparison, runs),
    ...recomputeFactors(comparison, runs, why),
    ...(await Promise.all(rankings.map((ranking) => recomputeRanking(comparison, runs, ranking)))).flat(),
  ];
  const count = comparison.rows.length * comparison.sides.length * 2;
  const factors = why.flatMap((row) => Object.values(row).flatMap((one) => one.factors)).length;
  const also = [
    factors === 0 ? "" : `; ${factors} factors of speedups`,
    rankings.length === 0 ? "" : "; ranks and groups",
  ].join("");
  output.add(
    "cells",
    found.map((what) => ({ where: "", what })),
    `${count} computed again from the records, their speedups and means${also}`,
  );
}

/** Judges again the gate that the run was begun with; no check where there is none. */
async function gateCheck(output: CheckOutput, stored: StoredRun): Promise<void> {
  if (stored.plan.spec.gate === undefined) return;
  const axis = parseComparisonAxis(stored.plan.spec, undefined, undefined);
  const { comparison, gate } = await buildReportData(pivotRun(stored, axis), axis.baseline);
  if (gate === undefined) return;
  const found = recomputeGate(comparison, gate).map((what) => ({ where: "", what }));
  const items = gate.limits.reduce((sum, limit) => sum + limit.items.length, 0);
  output.add("gate", found, `${gate.answer}: ${gate.limits.length} limits on ${items} comparisons judged again`);
}

/** Returns the rankings by real and by CPU time; none with fewer than four sides. */
async function bothRankings(report: ReportData): Promise<Ranking[]> {
  // The report was ranked by real time when it was made.
  return [report, await withRanking(report, "cpu")].flatMap(({ ranking }) => ranking ?? []);
}

async function table(
  output: CheckOutput,
  stored: StoredRun,
  against: Readonly<Record<string, unknown>>,
  path: string,
): Promise<void> {
  const baseline = typeof against["baseline"] === "string" ? against["baseline"] : undefined;
  const axis = parseComparisonAxis(stored.plan.spec, undefined, baseline);
  const compared = await buildReportData(pivotRun(stored, axis), axis.baseline, gateIn(against, path));
  const report = hasFactors(against) ? await withFactors(compared) : compared;
  const prices = pricesIn(against, path);
  const priced = prices.length === 0 ? report : { ...report, priced: await costBlocks(report, prices) };
  const own = JSON.parse(json(await withRanking(priced, rankIn(against)))) as unknown;
  const found = jsonDifferences(own, against).map((what) => ({ where: path, what }));
  output.add("table", found, `${path} says what the records say`);
}

/** Whether the stored report was printed with --why. */
function hasFactors({ rows }: Readonly<Record<string, unknown>>): boolean {
  return Array.isArray(rows) && rows.some((row) => typeof row === "object" && row !== null && "why" in row);
}

/** Reads the limits in a stored report. They are judged again. */
function gateIn(against: Readonly<Record<string, unknown>>, path: string): Gate | undefined {
  if (against["gate"] === undefined) return undefined;
  const found = v.safeParse(looseGateSchema, against["gate"]);
  if (found.success) return found.output;
  throw new TimetrialError("USAGE", `--against: ${quoteForMessage(path)}: gate: ${found.issues[0].message}`);
}

/** Returns what the stored report was asked to be ranked by. */
function rankIn({ ranking }: Readonly<Record<string, unknown>>): RankBy {
  const asked = v.safeParse(v.object({ by: v.picklist(["real", "cpu", "cost"]) }), ranking);
  return asked.success ? asked.output.by : "real";
}

/** Reads the prices in a stored report. The cost of each row is recomputed from them. */
function pricesIn(against: Readonly<Record<string, unknown>>, path: string): Price[] {
  const blocks = v.safeParse(v.optional(v.array(v.object({ prices: pricesSchema })), []), against["priced"]);
  if (blocks.success) return blocks.output.flatMap(({ prices }) => prices);
  throw new TimetrialError("USAGE", `--against: ${quoteForMessage(path)}: priced: ${blocks.issues[0].message}`);
}

function sumsOption(text: string | undefined): string | undefined {
  if (text === undefined || /^[0-9a-f]{12,64}$/.test(text)) return text;
  throw new TimetrialError("USAGE", `--sums: expected 12 to 64 hexadecimal digits, got ${quoteForMessage(text)}`, {
    hint: "the table's last line has them",
  });
}

/** What a report of a hundred sides has, many times over. */
const mostReport_bytes = 256 * 2 ** 20;

async function reportIn(path: string): Promise<Readonly<Record<string, unknown>>> {
  const bytes = await readOptionFile("--against", path, mostReport_bytes);
  try {
    const value: unknown = JSON.parse(bytes.toString());
    if (typeof value === "object" && value !== null && "rows" in value) return value as Record<string, unknown>;
  } catch (cause) {
    throw new TimetrialError("USAGE", `--against ${quoteForMessage(path)}: ${(cause as Error).message}`, { cause });
  }
  throw new TimetrialError(
    "USAGE",
    `--against: expected what report --format json printed, found ${quoteForMessage(path)}`,
  );
}
