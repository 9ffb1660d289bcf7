// In which order the rounds of a stored run come, and which of them are missing, named in bounded space.

import type { RecordColumns } from "../../domain/records/record-columns.ts";

/** The most gaps that one finding names. */
const mostGaps = 10;

/** Returns `2`, `4, 5` or `7-9` for the rounds that are missing before those of `rounds`: a forged round may be any number. */
export function missingBetween(rounds: ReadonlySet<number>): string[] {
  const lost: string[] = [];
  let before = 0;
  for (const round of [...rounds].sort((a, b) => a - b)) {
    const [from, to] = [before + 1, round - 1];
    if (to - from > 1) lost.push(`${from}-${to}`);
    else if (to >= from) lost.push(String(from), ...(to > from ? [String(to)] : []));
    before = round;
  }
  return lost.length > mostGaps ? [...lost.slice(0, mostGaps), "…"] : lost;
}

/** How the rounds of a row on a machine follow each other. */
export interface OrderOfRounds {
  last: number;
  /** Whether each is later than the one before: then no trial is there twice. */
  rises: boolean;
  /** Whether each is the next, or measured again: then none is missing. */
  isWhole: boolean;
}

/** Returns the order of rounds of each row on a machine, by the number that `rows` has for a record's own. */
export function orderOfRounds(columns: RecordColumns, rows: (i: number) => number): readonly OrderOfRounds[] {
  const rounds = columns.numbersOfAll("round");
  const found: OrderOfRounds[] = [];
  for (let i = 0; i < rounds.length; i++) {
    const own = (found[rows(i)] ??= { last: 0, rises: true, isWhole: true });
    const round = rounds[i] as number;
    if (!(round > own.last)) own.rises = false;
    if (round !== own.last && round !== own.last + 1) own.isWhole = false;
    own.last = round;
  }
  return found;
}
