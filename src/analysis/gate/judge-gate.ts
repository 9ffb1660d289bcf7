// Judges a gate by intervals (docs/gate.md): a limit passes where the interval excludes it on the good side, fails where
// the interval excludes it on the bad side, and is undecided where the interval holds it.

import { defined } from "../../domain/defined.ts";
import type { AnyRecord } from "../../domain/published/figures.ts";
import { type Gate, type GateAnswer, type GateLimit, geomeanLimit, isLimitOn } from "../../domain/plan/gate.ts";
import { logMeanOver, type PairTests } from "../compare-tests/pair-tests.ts";
import { type AnalyseOptions, comparedPairs, type PairByMetric } from "../comparison/analyse.ts";
import type { Metric } from "../comparison/comparison.ts";
import { JudgedRecords } from "../comparison/kept-records.ts";
import type { Records } from "../../domain/records/record-columns.ts";
import { type PairedRow, pairedRows, type RowKey } from "../comparison/paired-rows.ts";
import type { JudgedTest } from "../comparison/verdict.ts";
import { simultaneousInterval } from "../statistics/simultaneous.ts";
import { loadStudent } from "../statistics/student.ts";

/** Options of a judgement: those of the analysis, and the titles of rows. */
export interface JudgeOptions extends AnalyseOptions {
  /** Returns the text that is shown in place of the row's name; undefined where it has none. */
  readonly titleOf?: (row: RowKey) => string | undefined;
  /** The least number of comparisons that is allowed for: those that the whole run will have. */
  readonly leastComparisons?: number;
}

/** The answer of a gate. */
export interface GateResult {
  /** `fail` where a limit fails; else `undecided` where one is; else `pass`. */
  readonly answer: GateAnswer;
  /** What the user has an undecided gate count as; absent: neither. */
  readonly undecided?: "pass" | "fail";
  /** Number of comparisons with an interval that the gate is over: each could fail by chance. */
  readonly comparisons: number;
  readonly limits: readonly LimitResult[];
}

/** The answer of one limit, and the comparisons that it is on. */
export interface LimitResult extends GateLimit {
  readonly answer: GateAnswer;
  readonly items: readonly GateItem[];
}

/** One comparison that a limit is on. Percentages are of the baseline's time: 3 is 3 % longer, -3 is 3 % shorter. */
export interface GateItem {
  /** Position of the row in the comparison; null: the geometric mean over all rows. */
  readonly row: number | null;
  readonly contender: string;
  readonly answer: GateAnswer;
  /** Null where there is no speedup. */
  readonly percent: number | null;
  /** Ends of the 95 % interval; null where there is none. */
  readonly lo: number | null;
  readonly hi: number | null;
  /** Ends of the interval that allows for all comparisons of the gate; null where there is none. */
  readonly lo_adjusted: number | null;
  readonly hi_adjusted: number | null;
  /** Why there is no interval; absent where there is one. */
  readonly why?: string;
  /** Of a geometric mean: the number of rows that it is over, and of all rows. */
  readonly over?: { readonly count: number; readonly of: number };
}

/** Judges `gate` on the records `given`. */
export async function judgeGate(given: Records<AnyRecord>, gate: Gate, options: JudgeOptions): Promise<GateResult> {
  const records = new JudgedRecords(given);
  const rows = pairedRows(records, options);
  const { pairs } = await comparedPairs(records, rows, options);
  return await judgePairs(rows, pairs, gate, options);
}

/**
 * Judges `gate` on `rows` by the tests of their sides. A limit fails by the interval that allows for the number of
 * comparisons, since each of them could fail by chance. It passes only where each of its comparisons passes, which needs no
 * allowance.
 */
export async function judgePairs(
  rows: readonly PairedRow[],
  pairs: readonly PairByMetric[],
  gate: Gate,
  options: Pick<JudgeOptions, "titleOf" | "leastComparisons">,
): Promise<GateResult> {
  const subjects = await Promise.all(gate.limits.map((limit) => subjectsOf(limit, rows, pairs, options)));
  const found = subjects.flat().filter(({ interval }) => interval !== null).length;
  const comparisons = Math.max(found, options.leastComparisons ?? 0);
  const student = await loadStudent();
  const limits = gate.limits.map((limit, i): LimitResult => {
    const items = (subjects[i] ?? []).map((subject): GateItem => {
      const { row, contender, d, interval, why, over } = subject;
      const about = { row, contender, percent: d === null ? null : longerBy(d), ...defined({ over }) };
      if (d === null || interval === null)
        return { ...about, answer: "undecided", lo: null, hi: null, lo_adjusted: null, hi_adjusted: null, why };
      const adjusted = simultaneousInterval(interval, comparisons, student);
      const ends = {
        lo: longerBy(d + interval.up),
        hi: longerBy(d - interval.down),
        lo_adjusted: longerBy(d + adjusted.up),
        hi_adjusted: longerBy(d - adjusted.down),
      };
      return { ...about, answer: answerOf(limit.slower_percent, ends), ...ends };
    });
    return { ...limit, answer: worstAnswer(items.map((item) => item.answer)), items };
  });
  const { undecided } = gate;
  const answer = worstAnswer(limits.map((limit) => limit.answer));
  return { answer, ...defined({ undecided }), comparisons, limits };
}

/** Returns the answer of an interval: `hi` of the plain one, `lo_adjusted` of the one that allows for the others. */
export function answerOf(
  limit_percent: number,
  { hi, lo_adjusted }: { readonly hi: number; readonly lo_adjusted: number },
): GateAnswer {
  if (hi < limit_percent) return "pass";
  return lo_adjusted > limit_percent ? "fail" : "undecided";
}

/** `fail` before `undecided` before `pass`. Nothing to judge is undecided. */
export function worstAnswer(answers: readonly GateAnswer[]): GateAnswer {
  if (answers.includes("fail")) return "fail";
  return answers.length === 0 || answers.includes("undecided") ? "undecided" : "pass";
}

/** What one comparison of a limit is judged by. */
interface Subject extends Pick<JudgedTest, "d" | "interval">, Pick<GateItem, "row" | "contender" | "over"> {
  readonly why: string;
}

async function subjectsOf(
  { of, metric }: GateLimit,
  rows: readonly PairedRow[],
  pairs: readonly PairByMetric[],
  { titleOf }: Pick<JudgeOptions, "titleOf">,
): Promise<Subject[]> {
  if (of === geomeanLimit) return await Promise.all(pairs.map(async (pair) => await meanOf(rows, pair[metric])));
  const chosen = rows.flatMap((row, index) => {
    const title = titleOf?.(row);
    return isLimitOn(of, { ...row, ...defined({ title }) }) ? [{ row, index }] : [];
  });
  if (chosen.length === 0) {
    const why = of === undefined ? "no row was run" : "the row was not run";
    return pairs.map((pair) => ({ row: null, contender: pair[metric].pair.contender, d: null, interval: null, why }));
  }
  return chosen.flatMap(({ row, index }) =>
    pairs.map((pair): Subject => {
      const { contender } = pair[metric].pair;
      const test = pair[metric].judged.get(row);
      const { d = null, interval = null } = test ?? {};
      return { row: index, contender, d, interval, why: whyWithout(test, metric) };
    }),
  );
}

async function meanOf(rows: readonly PairedRow[], tests: PairTests): Promise<Subject> {
  const found = await logMeanOver(rows, tests);
  const { contender } = tests.pair;
  if (found === null) return { row: null, contender, d: null, interval: null, why: "no row has an interval" };
  const over = { count: found.ds.length, of: rows.length };
  const why = "no interval: that takes 6 rounds in which every row was kept";
  return { row: null, contender, d: found.d, interval: found.interval, over, why };
}

/** Returns why a comparison has no interval. */
function whyWithout(test: JudgedTest | undefined, metric: Metric): string {
  if (test === undefined) return "the sides have no such row in common";
  if (test.failure === "failed") return "no kept run on one side";
  if (test.failure === "too-short") return `too short for the clock of ${metric} times`;
  if (test.scope === "type") return "no spread seen between the machines of a side";
  return "no interval: that takes 6 kept runs on each machine";
}

/** Returns by how many percent of the baseline's time the contender takes longer, for the log of a speedup. */
function longerBy(d: number): number {
  return 100 * Math.expm1(-d);
}
