// Sides of an A/A test: one thing compared with itself, so that every difference found is a false alarm.

import { TimetrialError } from "../errors.ts";
import { defaultImage, parseSide, quoteForMessage, type Side } from "./side.ts";

/**
 * Parses the sides of an A/A test, named `T#1`, `T#2`, …. All texts must mean the same; a single text gives two sides.
 *
 * @throws TimetrialError USAGE where the texts differ, or name something that cannot be had twice.
 */
export function aaSides(texts: readonly string[], image: string = defaultImage): Side[] {
  const sides = (texts.length === 1 ? [...texts, ...texts] : texts).map((text) => parseSide(text, image));
  const [first] = sides;
  const other = sides.find((side) => first === undefined || keyWithoutName(side) !== keyWithoutName(first));
  if (first === undefined || other !== undefined) {
    throw new TimetrialError(
      "USAGE",
      `--aa: expected one side against itself, got ${sides.map((side) => quoteForMessage(side.name)).join(" and ")}`,
      {
        hint: `write compare ${first?.name ?? "TYPE"} --aa`,
      },
    );
  }
  if (first.kind !== "local" && first.kind !== "ec2") {
    throw new TimetrialError("USAGE", `--aa: expected local or a type, got ${quoteForMessage(first.name)}`, {
      hint: "a machine that runs already cannot be two; give two of the kind as sides of their own",
    });
  }
  return sides.map((side, i) => ({ ...side, name: `${first.name}#${i + 1}` }));
}

/** Whether `sides` came from `aaSides`: labels that users write cannot contain `#`. */
export function isAaTest(sides: readonly Side[]): boolean {
  const numbered = sides.every(({ name }, i) => name.endsWith(`#${i + 1}`));
  return sides.length > 1 && numbered && new Set(sides.map(keyWithoutName)).size === 1;
}

/** A key of the side without its name: equal for sides that are the same thing. */
function keyWithoutName(side: Side): string {
  return JSON.stringify({ ...side, name: "" });
}
