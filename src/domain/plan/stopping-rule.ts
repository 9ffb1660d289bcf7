// `--until 1%`: rounds go on until the intervals are narrow enough (docs/statistics.md, "Stopping"). What is asked, what a look at the
// records answers, and how the end is told, in the run's own words and in those of a report years later.

import * as v from "valibot";

export const stoppingRuleSchema = v.strictObject({
  /** Half the width of an interval must be under so many percent of its figure. */
  percent: v.pipe(v.number(), v.gtValue(0), v.maxValue(50)),
  /** Of every row, or of the suite's geometric mean alone. */
  of: v.picklist(["rows", "geomean"]),
  /** Of one alone; absent: of both. */
  metric: v.exactOptional(v.picklist(["real", "cpu"])),
});

export type StoppingRule = Readonly<v.InferOutput<typeof stoppingRuleSchema>>;

const missSchema = v.strictObject({
  /** The row, or `geomean`. */
  what: v.string(),
  side: v.string(),
  metric: v.picklist(["real", "cpu"]),
  /** Half the width of its interval, as a share of the figure; absent where there is no interval. */
  half: v.exactOptional(v.number()),
});

/** An interval that is not narrow enough. */
export type WideInterval = Readonly<v.InferOutput<typeof missSchema>>;

/** Fields of the course's entry on how a suite's rounds ended. */
export const stopReasonFields = {
  suite: v.string(),
  /** The last that all machines were asked for. */
  round: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** All narrow enough; the cap; more runs would not help; no figure that could be narrowed. */
  why: v.picklist(["width", "cap", "machines", "nothing"]),
  missed: v.array(missSchema),
  /** Machines of each side that would do, where more runs would not. */
  machines: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(2))),
};

const stoppedSchema = v.object(stopReasonFields);

/** How the rounds of a suite ended, where they were not counted. */
export type StopReason = Readonly<v.InferOutput<typeof stoppedSchema>>;

/** Rounds after warm-up before the first look: where the claim is on types, and where it is on machines alone. */
export const firstLook = { type: 6, machines: 9 } as const;

/** `--rounds` where `--until` is given and it is not: the cap. */
export const defaultRoundCap = 30;

/** How the rounds ended, in words: `stopped after 14 rounds: every interval is within ±1 %`. */
export function describeStop(
  { round, why, missed, machines }: StopReason,
  { percent, of, metric }: StoppingRule,
): string {
  const within = `within ±${percent} %`;
  const what = of === "geomean" ? "the geomean's interval" : "every interval";
  switch (why) {
    case "width":
      return `stopped after ${round} rounds: ${what}${metric === undefined ? "" : ` of ${metric}`} is ${within}`;
    case "cap":
      return `stopped at the cap of ${round} rounds, not ${within}: ${missedText(missed)}`;
    case "machines": {
      const would = machines === undefined ? "over 1000 machines" : `${machines} machines`;
      return `stopped after ${round} rounds: more runs would not bring ${within}: ${missedText(missed)}; ${would} a side would do`;
    }
    case "nothing":
      return `stopped after ${round} rounds: there is no figure that more runs could make surer`;
  }
}

/** `md5 (real ±1.4 %, cpu ±1.2 %), sha1 (real no interval)`; the side is named where there are several. */
function missedText(missed: readonly WideInterval[]): string {
  const sides = new Set(missed.map(({ side }) => side));
  const byName = new Map<string, string[]>();
  for (const { what, side, metric, half } of missed) {
    const name = sides.size > 1 ? `${what} on ${side}` : what;
    const width = half === undefined ? "no interval" : `±${Number((half * 100).toPrecision(2))} %`;
    byName.set(name, [...(byName.get(name) ?? []), `${metric} ${width}`]);
  }
  return [...byName].map(([name, widths]) => `${name} (${widths.join(", ")})`).join(", ");
}
