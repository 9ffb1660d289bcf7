// Chooses the trials that are measured again because something disturbed them. They follow the planned rounds, as rounds
// of their own: the disturbed ones keep their records.

import { billedMachines } from "../../domain/cost/bill.ts";
import { type PlannedSuite, rowsForOs } from "../../domain/plan/plan.ts";
import { commandSuiteName } from "../../domain/plan/user-command.ts";
import type { Trial } from "../../domain/run/run-log.ts";
import { disturbanceOf } from "../../domain/run/taint.ts";
import type { MachineRunner } from "../machine/machine-runner.ts";
import type { RunContext } from "./run-context.ts";

/** Trials to measure again on one machine, at most one of each row, and what disturbed those that they replace. */
export interface Repeats {
  readonly trials: readonly Trial[];
  /** `2 steal, 1 swap`. */
  readonly why: string;
}

/** Time for the calls around a batch and for giving the machines back before they end themselves. Seconds. */
const aside_s = 300;

/**
 * Returns what is measured next of the disturbed trials of `suite` on `runner`; undefined where nothing is. As many
 * runs are measured again as were planned after warm-up, at most; none for more than the budget, and none past the time
 * when the machines end themselves. The user's own commands run as often as was asked, and no more: nobody knows what
 * else they do.
 */
export async function nextRepeats(
  context: Pick<RunContext, "records" | "budget" | "store" | "clock">,
  suite: PlannedSuite,
  runner: MachineRunner,
): Promise<Repeats | undefined> {
  if (suite.name === commandSuiteName) return undefined;
  const { records } = context;
  const round = records.number("round");
  const wanted = rowsForOs(suite, runner.facts.uname).flatMap((row) => {
    const about = { machine: runner.name, suite: suite.name, row: row.name, impl: row.impl };
    const mine = records.placesOf(about);
    const disturbed = mine.flatMap((i) => (round.at(i) > row.warmup ? (disturbanceAt(records, i) ?? []) : []));
    const again = mine.filter((i) => round.at(i) > row.runs).length;
    const why = disturbed[again];
    if (why === undefined || again >= row.runs - row.warmup) return [];
    const { name, impl, limit_s } = row;
    const trial = { suite: suite.name, row: name, impl, round: row.runs + again + 1, attempt: 1, limit_s };
    return [{ why, trial }];
  });
  const trials = wanted.map(({ trial }) => trial);
  if (trials.length === 0 || !(await isAffordable(context, runner.expected_s(trials) ?? 0))) return undefined;
  return { trials, why: tally(wanted.map(({ why }) => why)) };
}

/** Returns what disturbed record `i`. It is made no object for that: a run that goes on may have a million of them. */
function disturbanceAt(records: RunContext["records"], i: number): string | undefined {
  const [status, check] = records.words("status", "check");
  return disturbanceOf({ status: status.word(i), check: check.at(i), tainted: records.tainted.at(i) ?? [] });
}

/** Whether `takes_s` more seconds fit into the budget and into the life of every machine that the run launched. */
async function isAffordable(
  { budget, store, clock }: Pick<RunContext, "budget" | "store" | "clock">,
  takes_s: number,
): Promise<boolean> {
  if (budget !== undefined && !(await budget.covers(takes_s))) return false;
  const deadlines = (billedMachines(await store.ledger.entries()) ?? []).flatMap(({ until_ms, deadline_ms }) =>
    until_ms === undefined && deadline_ms !== undefined ? [deadline_ms] : [],
  );
  return clock.now().getTime() + (takes_s + aside_s) * 1000 < Math.min(...deadlines);
}

function tally(words: readonly string[]): string {
  return [...new Set(words)].map((word) => `${words.filter((one) => one === word).length} ${word}`).join(", ");
}
