// Rankings of sides that are equally fast: every difference that one shows is a false alarm.

import { rankSides } from "../../src/analysis/ranking/rank-sides.ts";
import { analyse } from "../../src/analysis/comparison/analyse.ts";
import { exponential, normal, seeded } from "./noise-samples.ts";
import { recordsOfSides } from "./ranked-sides.ts";

type Draw = () => number;

/** By name: draws the log of a run's time over its machine's median. */
export const noises: Readonly<Record<string, (draw: Draw) => number>> = {
  "normal, 2 %": (draw) => 0.02 * normal(draw),
  "skewed (exponential), 5 %": (draw) => 0.05 * (exponential(draw) - Math.LN2),
  "one run in ten takes 1.5 times as long": (draw) => 0.01 * normal(draw) + (draw() < 0.1 ? Math.log(1.5) : 0),
};

/** Returns the share of rankings that tell any two of the sides apart. */
export async function shareApart({
  seed,
  samples,
  sides,
  machines,
  spread,
  noise,
}: {
  readonly seed: number;
  readonly samples: number;
  readonly sides: number;
  readonly machines: number;
  readonly spread: (side: number) => number;
  readonly noise: (draw: Draw) => number;
}): Promise<number> {
  const draw = seeded(seed);
  const names = Array.from({ length: sides }, (_, i) => `s${i}`);
  let apart = 0;
  for (let i = 0; i < samples; i++) {
    const times = names.map((name, side): [string, number[][]] => [
      name,
      Array.from({ length: machines }, () => {
        const own_s = Math.exp(spread(side) * normal(draw));
        return Array.from({ length: 9 }, () => own_s * Math.exp(noise(draw)));
      }),
    ]);
    const records = recordsOfSides({ r: Object.fromEntries(times) });
    const rows = [{ suite: "s", row: "r", impl: "i" }];
    const comparison = await analyse(records, { sides: names, baseline: "s0", rows, warmup: () => 0 });
    const ranking = await rankSides(comparison, { by: "real" });
    if (ranking === undefined || ranking.pairs === 0) throw new Error("the sides were not ranked");
    if (areApart(ranking.sides.map(({ groups }) => groups))) apart += 1;
  }
  return apart / samples;
}

/** Whether two sides have no letter in common. */
function areApart(groups: readonly (readonly string[])[]): boolean {
  const tested = groups.filter(({ length }) => length > 0);
  return tested.some((own, i) => tested.slice(i + 1).some((other) => !own.some((letter) => other.includes(letter))));
}
