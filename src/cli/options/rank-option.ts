// Parses `--rank`: what the ranking of four sides or more is by.

import { leastRanked, type RankBy } from "../../analysis/ranking/ranking.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { rankings } from "./choices.ts";
import { parseChoice } from "./option-values.ts";

/**
 * Returns what `sides` sides are ranked by. `by`: what the table compares.
 *
 * @throws TimetrialError USAGE, also where a ranking was asked for and there is none
 */
export function parseRank(text: string | undefined, sides: number, by: "side" | "command" = "side"): RankBy {
  if (text === undefined) return "real";
  const rank = parseChoice("--rank", text, rankings);
  if (by === "side" && sides >= leastRanked) return rank;
  const found = by === "command" ? "commands" : `${sides}`;
  throw new TimetrialError("USAGE", `--rank: expected ${leastRanked} sides or more, got ${found}`);
}
