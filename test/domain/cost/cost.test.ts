// Money by hand: what machines have cost, what a run will cost, and what is refused.

import { describe, expect, test } from "vitest";
import { expectedHalfWidth } from "../../../src/analysis/statistics/expected-width.ts";
import { cost_usd, billedMachines } from "../../../src/domain/cost/bill.ts";
import {
  type SuiteEstimate,
  expectedDuration,
  dependsOnCpuCount,
  estimateOfRow,
  expectedTrial_s,
} from "../../../src/domain/cost/duration-estimate.ts";
import { dollars, forecastCost, refuseOverBudget } from "../../../src/domain/cost/cost-forecast.ts";
import type { LedgerEntry } from "../../../src/domain/cloud/ledger.ts";
import type { Plan, Spec } from "../../../src/domain/plan/plan.ts";
import { parseBudget, mergePrices, priceOfSide } from "../../../src/domain/cost/price-list.ts";
import { parseSides } from "../../../src/domain/plan/side.ts";
import { costOfRun } from "../../../src/domain/cost/run-cost.ts";
import { aPlan, aSuite } from "../../support/given.ts";

const at = (minutes: number): string => new Date(Date.UTC(2026, 10, 24, 3, 0) + minutes * 60_000).toISOString();
const ms = (minutes: number): number => Date.parse(at(minutes));

const launch = (token: string, minutes: number, side: string, ids: string[], rest = {}): LedgerEntry[] => [
  { kind: "intent", at: at(minutes), token, side, type: "c7g.large", zone: "us-east-1a", count: ids.length, ...rest },
  { kind: "launched", at: at(minutes + 0.1), token, ids },
];
const ended = (minutes: number, ids: string[]): LedgerEntry => ({ kind: "terminated", at: at(minutes), ids });
const rate = (side: string): number | undefined => ({ a: 6, b: 12 })[side];

describe("what machines have cost", () => {
  const leases = (entries: readonly LedgerEntry[]) => billedMachines(entries) ?? [];

  test("is their time from being asked for to being given back, each at its side's price", () => {
    const entries = [...launch("1", 0, "a", ["i-1", "i-2"]), ...launch("2", 0, "b", ["i-3"]), ended(10, ["i-1"])];
    // At minute 30: i-1 10 min and i-2 30 min at $0.1 a minute, i-3 30 min at $0.2.
    expect(cost_usd(leases(entries), rate, ms(30))).toBeCloseTo(1 + 3 + 6, 9);
  });

  test("is a minute's at least", () => {
    const entries = [...launch("1", 0, "a", ["i-1"]), ended(0.2, ["i-1"])];
    expect(cost_usd(leases(entries), rate, ms(30))).toBeCloseTo(0.1, 9);
  });

  test("ends at the machine's own deadline, however long nobody looked", () => {
    const entries = launch("1", 0, "a", ["i-1"], { deadline: at(120) });
    expect(cost_usd(leases(entries), rate, ms(5000))).toBeCloseTo(12, 9);
  });

  test.each([
    ["ahead of", 300],
    ["behind", -300],
  ])("ends at its deadline, though this computer's clock is %s the cloud's by five hours", (_, minutes) => {
    const byCloud = { requested_at: at(-minutes), deadline: at(120 - minutes) };
    const entries = launch("1", 0, "a", ["i-1"], byCloud);
    // $0.1 a minute: 30 minutes, and 120 minutes to the deadline.
    expect(cost_usd(leases(entries), rate, ms(30))).toBeCloseTo(3, 9);
    expect(cost_usd(leases(entries), rate, ms(5000))).toBeCloseTo(12, 9);
  });

  test("counts a launch whose outcome is not known, and none that was refused", () => {
    const open = { kind: "intent", at: at(0), token: "1", side: "a", type: "t", zone: "z", count: 3 } as const;
    expect(leases([open])).toHaveLength(3);
    expect(leases([open, { kind: "not-launched", at: at(1), token: "1", reason: "Insufficient" }])).toEqual([]);
  });

  test("is not known where a side has no price, or the ledger no times", () => {
    expect(cost_usd(leases(launch("1", 0, "c", ["i-1"])), rate, ms(1))).toBeUndefined();
    expect(billedMachines([{ kind: "terminated", ids: ["i-1"] }])).toBeUndefined();
  });
});

const sides = parseSides(["a=c7g.large", "b=c8g.large"]);
const specOf = (change: Partial<Spec> = {}): Spec => ({
  ...aPlan().spec,
  sides,
  baseline: "a",
  machines: 2,
  ...change,
});
const planOf = (change: Partial<Spec> = {}, suites: Plan["suites"] = [aSuite()]): Plan =>
  aPlan({ spec: specOf(change), suites });
const list = mergePrices(
  sides,
  [{ side: "a", market: "on-demand", usd_per_hour: 6, source: "--price" }],
  [
    { type: "c7g.large", market: "on-demand", usd_per_hour: 99, source: "list" },
    { type: "c8g.large", market: "on-demand", usd_per_hour: 12, source: "list", date: "2026-11-01" },
    { type: "c8g.large", market: "spot", usd_per_hour: 4, source: "history", zone: "us-east-1a" },
    { type: "c8g.large", market: "spot", usd_per_hour: 5, source: "history", zone: "us-east-1b" },
  ],
  [],
);

describe("prices", () => {
  test("that the user gave go before those that were asked", () => {
    expect(list.prices.filter(({ side }) => side === "a")).toEqual([
      { side: "a", market: "on-demand", usd_per_hour: 6, source: "--price" },
    ]);
  });

  test("on spot are the zone's, or the dearest where the zone is not known", () => {
    expect(priceOfSide(list, "b", "spot", "us-east-1a")?.usd_per_hour).toBe(4);
    expect(priceOfSide(list, "b", "spot")?.usd_per_hour).toBe(5);
    expect(priceOfSide(list, "a", "spot")).toBeUndefined();
  });
});

const estimate = (change: Partial<SuiteEstimate> = {}): SuiteEstimate => ({
  cpu_s: 100,
  cores: 1,
  amounts: ["blocks"],
  ...change,
});
const grounds = (change: Partial<SuiteEstimate> = {}, vcpus?: number) => ({
  estimates: new Map([["hashes", estimate(change)]]),
  vcpus: () => vcpus,
  boot_s: 120,
});

describe("how long a run takes", () => {
  test("is what the suite says of a trial, by the share of the work that is asked for", () => {
    // The given suite has blocks=10000 of its own 100000.
    expect(expectedTrial_s(aSuite(), estimate(), 8)).toBeCloseTo(10, 9);
    expect(expectedTrial_s(aSuite(), estimate({ cores: 4 }), 8)).toBeCloseTo(2.5, 9);
    expect(expectedTrial_s(aSuite(), estimate({ cores: "all" }), 10)).toBeCloseTo(10 / 8, 9);
    expect(expectedTrial_s(aSuite(), { cores: 1, amounts: [] }, 8)).toBeUndefined();
  });

  test("is the boot and the trials of one machine, since none waits for another", () => {
    // Three runs of 10 s.
    expect(expectedDuration(planOf(), grounds())).toEqual({
      whole_s: 150,
      longest_machine_s: 150,
      machines_s: { a: 300, b: 300 },
      launched: { a: 2, b: 2 },
    });
  });

  test("is all machines' one after another where they are one host", () => {
    expect(expectedDuration(planOf({ cloud: "sandbox" }), grounds())?.whole_s).toBe(120 + 4 * 30);
  });

  test("counts a machine for each trial of a fresh row, in lots", () => {
    const [row] = aSuite().rows;
    if (row === undefined) throw new Error("no row");
    const fresh = aSuite({ rows: [{ ...row, warmup: 0, fresh: true }] });
    // Three machines a side, two at once: two lots of 130 s; each machine lives for its own.
    expect(expectedDuration(planOf({}, [fresh]), grounds())).toEqual({
      whole_s: 260,
      longest_machine_s: 130,
      machines_s: { a: 390, b: 390 },
      launched: { a: 3, b: 3 },
    });
  });
});

describe("a row that is other work than its suite's others", () => {
  const [row] = aSuite().rows;
  if (row === undefined) throw new Error("no row");
  const rows = { [`${row.name}/${row.impl}`]: { cpu_s: 800, cores: 4 } };

  test("takes its own time on the CPUs that it keeps busy", () => {
    expect(estimateOfRow(estimate({ rows }), row)).toMatchObject({ cpu_s: 800, cores: 4 });
    expect(estimateOfRow(estimate({ rows }), { name: "other", impl: row.impl })).toMatchObject({
      cpu_s: 100,
      cores: 1,
    });
    // Three runs of 80 s of CPU on four CPUs, and the boot.
    expect(expectedDuration(planOf(), grounds({ rows }, 8))?.whole_s).toBe(120 + 60);
    expect(expectedDuration(planOf(), grounds({ rows }, 2))?.whole_s).toBe(120 + 120);
    expect([
      dependsOnCpuCount(estimate()),
      dependsOnCpuCount(estimate({ rows })),
      dependsOnCpuCount(estimate({ cores: "all" })),
    ]).toEqual([false, true, true]);
  });

  test("is counted by itself among machines that are each new, on sides whose image can run it", () => {
    const fresh = { ...row, warmup: 0, fresh: true as const };
    const both = aSuite({ rows: [fresh, { ...fresh, name: "long", os: ["freebsd"] }] });
    const long = { [`long/${row.impl}`]: { cpu_s: 10_000 } };
    // The sides' images are Linux: nothing is launched for the other.
    expect(expectedDuration(planOf({}, [both]), grounds({ rows: long }))).toMatchObject({
      whole_s: 260,
      launched: { a: 3, b: 3 },
    });
    const all = aSuite({ rows: [fresh, { ...fresh, name: "long" }] });
    // Three trials of 1000 s and three of 10 s, two at once, each after a boot.
    expect(expectedDuration(planOf({}, [all]), grounds({ rows: long }))).toMatchObject({
      whole_s: 1120 + 1120 + 130,
      machines_s: { a: 3 * 1120 + 3 * 130, b: 3 * 1120 + 3 * 130 },
      launched: { a: 6, b: 6 },
    });
  });
});

describe("what a run will cost", () => {
  test("is its machines' time at their prices, and at worst their whole lives", () => {
    const takes = expectedDuration(planOf(), grounds());
    // Two machines of each side: 300 s at $6 and at $12 an hour; two hours of $36.
    expect(forecastCost(specOf(), list, takes)).toMatchObject({
      usd_per_hour: 36,
      expected_usd: 1.5,
      worst_usd: 72,
      life_h: 2,
    });
  });

  test("is at most the budget, which shortens the machines' lives", () => {
    expect(forecastCost(specOf({ budget_usd: 9 }), list, expectedDuration(planOf(), grounds()))).toMatchObject({
      life_h: 0.25,
      worst_usd: 9,
    });
  });

  test("is refused above the budget, without a price, and where nothing is launched", () => {
    const refused =
      (spec: Spec, prices = list) =>
      () =>
        refuseOverBudget(spec, forecastCost(spec, prices, expectedDuration(planOf(), grounds())), prices);
    expect(refused(specOf({ budget_usd: 1.6 }))).not.toThrow();
    expect(refused(specOf({ budget_usd: 1.4 }))).toThrow(
      "expected a run of at most $1.40, and this one will cost about $1.50",
    );
    const none = { schema: 1 as const, prices: [], unknown: ["no answer"] };
    expect(refused(specOf({ budget_usd: 9 }), none)).toThrow(
      "--budget: what an hour of a and b costs is not known: no answer",
    );
    expect(refused(specOf({ budget_usd: 9, sides: parseSides(["local"]) }))).toThrow("nothing is launched");
  });

  test.each(["0", "-1", "1e3", "$5", "", "five"])("a budget written %j is refused", (text) => {
    expect(() => parseBudget(text)).toThrow(/^--budget: /);
  });
});

describe("a stored run", () => {
  test("cost what its ledger and its prices say; a machine not given back is counted to its deadline", () => {
    const plan = planOf();
    const ledger = [
      ...launch("1", 0, "a", ["i-1"]),
      ...launch("2", 0, "b", ["i-2"], { deadline: at(60) }),
      ended(30, ["i-1"]),
    ];
    expect(costOfRun({ plan, ledger, prices: list })).toEqual({ usd: 3 + 12, atMost: true });
    expect(costOfRun({ plan, ledger: [...ledger, ended(30, ["i-2"])], prices: list })).toEqual({
      usd: 9,
      atMost: false,
    });
    expect(costOfRun({ plan, ledger })).toBeUndefined();
  });
});

test("dollars have cents, and two digits below a cent", () => {
  expect([0, 0.31, 12.5, 0.0041, 0.00052].map(dollars)).toEqual(["$0.00", "$0.31", "$12.50", "$0.0041", "$0.00052"]);
});

// Source: survey of published EC2 measurements, t with 2n-2 degrees of freedom times CV sqrt(2/n): 1 % gives ±2.3 % with
// three machines a side, 1.5 % with five; 4 % gives ±9.1 % with three.
test.each([
  [3, 0.01, 2.3],
  [5, 0.01, 1.5],
  [10, 0.01, 0.9],
  [3, 0.0016, 0.36],
  [2, 0.0016, 0.69],
])("%d machines a side that differ by %d give an interval of half-width %d %%", async (machines, spread, percent) => {
  const got = 100 * ((await expectedHalfWidth(machines, spread)) ?? Number.NaN);
  expect(Math.abs(got - percent)).toBeLessThan(percent < 1 ? 0.05 : 0.06);
});

test("one machine a side gives no interval of the types", async () => {
  expect(await expectedHalfWidth(1, 0.01)).toBeNull();
});
