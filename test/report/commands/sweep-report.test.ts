// What a sweep says that things have cost.

import { expect, test } from "vitest";
import type { Leftover } from "../../../src/domain/cloud/leftover.ts";
import { sweepRows } from "../../../src/report/commands/sweep-report.ts";

const at = new Date("2026-11-24T05:00:00Z");
const machine: Leftover = {
  kind: "instance",
  id: "i-1",
  state: "running",
  type: "c7g.large",
  market: "spot",
  zone: "us-east-1b",
  run: "r",
  since: new Date("2026-11-24T03:00:00Z"),
};
const prices = [
  { type: "c7g.large", market: "on-demand", usd_per_hour: 10 },
  { type: "c7g.large", market: "spot", zone: "us-east-1a", usd_per_hour: 5 },
  { type: "c7g.large", market: "spot", zone: "us-east-1b", usd_per_hour: 2 },
] as const;

const cost = (one: Leftover): string | undefined => {
  const [heads = [], cells = []] = sweepRows(
    { region: "us-east-1", owner: "me", at, found: [{ leftover: one, became: "stays" }], others: 0, left: [] },
    prices,
  );
  return cells[heads.indexOf("cost so far")];
};

test("a machine's cost so far is that of its market and zone", () => {
  expect(cost(machine)).toBe("$4.00");
  expect(cost({ ...machine, market: "on-demand" })).toBe("$20.00");
});

test("a cost of which no price is known is no number", () => {
  expect(cost({ ...machine, type: "c8g.large" })).toBe("price unknown");
  expect(cost({ ...machine, zone: "us-east-1c" })).toBe("price unknown");
  expect(cost({ ...machine, state: "stopped" })).toBe("not known");
  expect(cost({ ...machine, kind: "volume" })).toBe("not known");
  expect(cost({ ...machine, kind: "spot-request" })).toBe("-");
});
