// What `plan` prints.

import { expect, test } from "vitest";
import { planJson, planText } from "../../../src/report/commands/plan-report.ts";
import { aPlan, aSuite } from "../../support/given.ts";

const told = {
  plan: aPlan({ suites: [aSuite()] }),
  zones: [],
  notes: ["the quota of vCPUs was not checked: no permission", "and \u001b[31manother"],
  spread: { spread: 0.0017, source: "a guess" },
  half_width: null,
  oneHost: false,
};

test("what could not be looked at stands below the costs, a line each, and nothing in it moves a cursor", () => {
  const lines = planText(told, 80).trimEnd().split("\n");
  expect(lines.slice(-2).map((line) => line.trim().replace(/ +/g, " "))).toEqual([
    "note the quota of vCPUs was not checked: no permission",
    "and ?[31manother",
  ]);
});

test("JSON has the same notes", () => {
  expect((JSON.parse(planJson(told)) as { notes: unknown }).notes).toEqual(told.notes);
});
