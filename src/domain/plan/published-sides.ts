// Sides of published figures: nothing is run for them.

import type { Side } from "./side.ts";

export type RequestedPublishedSide = Extract<Side, { kind: "published" }>;

export function publishedSides(sides: readonly Side[]): RequestedPublishedSide[] {
  return sides.filter((side): side is RequestedPublishedSide => side.kind === "published");
}
