// `--until 1%`: rounds continue until the intervals are narrow enough (docs/statistics.md, "Stopping"). The rule, the
// reason why a suite's rounds ended, and its description, for the run itself and for later reports.

import * as v from "valibot";

const widthRuleSchema = v.strictObject({
  /** Half the width of each interval must be below this percentage of its figure. */
  percent: v.pipe(v.number(), v.gtValue(0), v.maxValue(50)),
  /** Whether the rule applies to every row, or only to the suite's geometric mean. */
  of: v.picklist(["rows", "geomean"]),
  /** The only metric that the rule applies to; absent: both. */
  metric: v.exactOptional(v.picklist(["real", "cpu"])),
});

/** `--until gate`: rounds end when the gate is decided. Looks are few, and fixed beforehand by `gateLooks`. */
const gateRuleSchema = v.strictObject({ gate: v.literal(true) });

export const stoppingRuleSchema = v.union([widthRuleSchema, gateRuleSchema]);

export type StoppingRule = Readonly<v.InferOutput<typeof stoppingRuleSchema>>;

const missSchema = v.strictObject({
  /** Name of the row, or `geomean`. */
  what: v.string(),
  side: v.string(),
  metric: v.picklist(["real", "cpu"]),
  /** Half the width of the interval as a share of its figure; absent where there is no interval. */
  half: v.exactOptional(v.number()),
});

/** An interval that is not narrow enough. */
export type WideInterval = Readonly<v.InferOutput<typeof missSchema>>;

/** Fields of the entry of course.ndjson that says how a suite's rounds ended. */
export const stopReasonFields = {
  suite: v.string(),
  /** The last round that was sent to all machines. */
  round: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** All intervals narrow enough; gate decided; cap reached; only more machines would help; no figure that more runs could narrow. */
  why: v.picklist(["width", "gate", "cap", "machines", "nothing"]),
  missed: v.array(missSchema),
  /** Machines of each side that would suffice, where `why` is `machines`. */
  machines: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(2))),
};

const stoppedSchema = v.object(stopReasonFields);

/** How the rounds of a suite ended, where their number was not fixed beforehand. */
export type StopReason = Readonly<v.InferOutput<typeof stoppedSchema>>;

/** Rounds after warm-up before the first look, by the scope of the claim. */
export const firstLook = { type: 6, machines: 9 } as const;

/**
 * Returns the rounds after which the gate of a run with `--until gate` is judged: after 6 kept runs, then after half as
 * many rounds again, the last at the cap `most`. Each could end the run by chance, so intervals allow for all of them.
 */
export function gateLooks(most: number, warmup: number): number[] {
  const looks: number[] = [];
  for (
    let round = Math.min(most, warmup + firstLook.type);
    ;
    round = Math.min(most, round + 1 + Math.floor(round / 2))
  ) {
    looks.push(round);
    if (round === most) return looks;
  }
}

/** The cap on rounds where `--until` is given without `--rounds`. */
export const defaultRoundCap = 30;

/** Describes how the rounds ended: `stopped after 14 rounds: every interval is within ±1 %`. */
export function describeStop({ round, why, missed, machines }: StopReason, rule: StoppingRule): string {
  if ("gate" in rule) {
    if (why === "gate") return `stopped after ${round} rounds: the gate is decided`;
    const end = why === "cap" ? `at the cap of ${round} rounds` : `after ${round} rounds`;
    return `stopped ${end}: the gate is undecided`;
  }
  const { percent, of, metric } = rule;
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
    case "gate":
    case "nothing":
      return `stopped after ${round} rounds: there is no figure that more runs could make surer`;
  }
}

/** `md5 (real ±1.4 %, cpu ±1.2 %), sha1 (real no interval)`; each side is named where there are several. */
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
