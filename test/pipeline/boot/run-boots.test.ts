// A run of many boots: their order, what a refused launch costs, and what a budget allows.

import { expect, test } from "vitest";
import { TimetrialError } from "../../../src/domain/errors.ts";
import { cost_usd, billedMachines } from "../../../src/domain/cost/bill.ts";
import type { Price } from "../../../src/domain/cost/price.ts";
import type { PriceInputs } from "../../../src/pipeline/cost/cost-estimate.ts";
import type { BootProvisioner } from "../../../src/ports/cloud/boot-provisioner.ts";
import { played } from "../../support/boot-ports.ts";

const two = ["a", "b"].map((name) => ({ name, type: "c7g.large", image: name }));

test("each side's first boot is over before any other of it is launched, however many go at once", async () => {
  const { ledger } = await played({ sides: two, baseline: "a", boots: 4, parallel: 6 });
  const told = ledger.map((entry) =>
    entry.kind === "intent" ? `launch ${entry.token}` : entry.kind === "terminated" ? `end ${entry.ids[0]}` : "",
  );
  for (const side of ["a", "b"]) {
    const firstEnd = told.indexOf(`end i-${side}.1`);
    for (const number of [2, 3, 4]) expect(told.indexOf(`launch ${side}.${number}`)).toBeGreaterThan(firstEnd);
  }
  // Both at once, and then the six others.
  expect(told.slice(0, 4).filter((word) => word.startsWith("launch"))).toHaveLength(2);
});

/** A provisioner that refuses the launches of `tokens` as EC2 refuses where it has no capacity. */
function refusing(tokens: readonly string[]): Partial<BootProvisioner> {
  return {
    launch: async ({ ledger }, side, number) => {
      const token = `${side.name}.${number}`;
      await ledger.write({ kind: "intent", token, side: side.name, type: side.type, zone: "us-east-1a", count: 1 });
      if (tokens.includes(token)) {
        await ledger.write({ kind: "not-launched", token, reason: "InsufficientInstanceCapacity" });
        const refused = new TimetrialError("NO_CAPACITY", "launching c7g.large: none there");
        return { refused, image: "ami-0a", zone: "us-east-1a" };
      }
      await ledger.write({ kind: "launched", token, ids: [`i-${token}`] });
      return { id: `i-${token}`, image: "ami-0a", zone: "us-east-1a", start_s: 0, called_s: 0 };
    },
  };
}

test("a launch that is refused costs that boot alone: it is recorded with its reason and without a time", async () => {
  const { records, outcome } = await played({ boots: 4 }, { provisioner: refusing(["c7g.large.2"]) });
  expect(outcome.error).toBe(undefined);
  expect(records.map(({ number, status }) => [number, status])).toEqual([
    [1, "completed"],
    [2, "failed"],
    [3, "completed"],
    [4, "completed"],
  ]);
  expect(records[1]).toMatchObject({
    reason: "launching c7g.large: none there",
    called_s: null,
    running_s: null,
    missing: { called_s: "launching c7g.large: none there" },
  });
});

test.each([
  [true, ["completed", "completed"], 3],
  [false, ["failed", "completed"], 2],
] as const)(
  "a machine that dies pending, since its zone is full, is given back; whether there is another zone to boot in: %s",
  async (hasOther, statuses, launches) => {
    const left: string[] = [];
    let asked = 0;
    const describes = { sent: 1, failed: 0, throttled: 0 };
    const { records, ledger } = await played(
      { boots: 2 },
      {
        provisioner: {
          running: async () =>
            asked++ === 0
              ? { describes, reason: "it is terminated: Server.InsufficientInstanceCapacity", zoneIsFull: true }
              : { describes, running_at_s: 5, address: "192.0.2.9" },
          leaveZone: (_order, { zone }, reason) => {
            left.push(`${zone}: ${reason}`);
            return hasOther;
          },
        },
      },
    );
    expect(records.map(({ status }) => status)).toEqual(statuses);
    expect(left).toEqual(["us-east-1a: it is terminated: Server.InsufficientInstanceCapacity"]);
    expect(ledger.filter(({ kind }) => kind === "launched")).toHaveLength(launches);
    expect(ledger.filter(({ kind }) => kind === "terminated")).toHaveLength(launches);
  },
);

test("the launch after a refused first one is itself its side's first, and left out", async () => {
  const { records } = await played({ boots: 3 }, { provisioner: refusing(["c7g.large.1"]) });
  expect(records.map(({ tainted }) => tainted)).toEqual([[], ["cold-image"], []]);
});

test("three refusals in a row end the run with exit status 5; no further launch is asked for", async () => {
  const tokens = [2, 3, 4].map((number) => `c7g.large.${number}`);
  const { records, outcome } = await played({ boots: 9 }, { provisioner: refusing(tokens) });
  expect(records.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
  expect(outcome.error).toMatchObject({
    exitStatus: 5,
    message: "3 launches in a row were refused: launching c7g.large: none there",
  });
});

test("boots under way are seen through where the others are refused", async () => {
  const others = [3, 4, 5, 6, 7, 8, 9].map((number) => `c7g.large.${number}`);
  const { records, outcome } = await played({ boots: 9, parallel: 4 }, { provisioner: refusing(others) });
  expect(records.filter(({ status }) => status === "completed").map(({ number }) => number)).toEqual([1, 2]);
  expect(outcome.error).toMatchObject({ exitStatus: 5 });
});

/** Price inputs with `usd_per_hour` for each side, or none that anybody knows. */
function priced(usd_per_hour: number | undefined): PriceInputs {
  const given = (side: string): Price[] =>
    usd_per_hour === undefined ? [] : [{ side, market: "on-demand", usd_per_hour, source: "--price" }];
  return {
    given: given("c7g.large"),
    prices: { ask: async () => ({ quotes: [], unknown: ["nobody says"] }) },
    vcpus: async () => undefined,
    timeScale: 1,
  };
}

test("what it will take and cost is told before the first launch", async () => {
  const { events } = await played({ boots: 10 }, { priceInputs: priced(0.6) });
  // Ten machines, one after the other, half a minute each, of which EC2 bills a minute each; at most ten for two hours.
  expect(events[0]).toMatchObject({
    what: "boot-planned",
    expected_s: 300,
    costEstimate: { forecast: { expected_usd: expect.closeTo(0.1, 9), worst_usd: expect.closeTo(12, 9) } },
  });
});

test.each([
  ["is below what it will cost", 0.05, 0.6, /expected a run of at most \$0\.05, and this one will cost about \$0\.10/],
  [
    "is for a side whose price nobody knows",
    5,
    undefined,
    /what an hour of c7g\.large costs is not known: nobody says/,
  ],
] as const)("a budget is refused before anything is launched where it %s", async (_, budget_usd, price, said) => {
  await expect(played({ boots: 10, budget_usd }, { priceInputs: priced(price) })).rejects.toMatchObject({
    code: "REFUSED",
    message: expect.stringMatching(said),
  });
});

test("a budget is refused where nobody can be asked for prices", async () => {
  await expect(played({ budget_usd: 5 })).rejects.toMatchObject({
    code: "REFUSED",
    message: expect.stringContaining("what an hour of c7g.large costs is not known"),
  });
});

test.each([
  // Three boots of $210; what is left would not pay for the least that is billed of a fourth.
  [660, 3, "one more boot would go over it"],
  // What is left would, but the fourth takes longer.
  [700, 4, "a boot took longer than was expected"],
])(
  "a budget of $%d ends the run before it is exceeded, and what was seen is kept",
  async (budget_usd, launches, why) => {
    const { records, outcome, ledger, clock } = await played(
      { boots: 5, budget_usd },
      { priceInputs: priced(3600), running_s: 200 },
    );
    expect(outcome.error).toMatchObject({
      code: "BUDGET",
      message: `the budget of $${budget_usd}.00 ends the run: ${why}`,
    });
    expect(records.map(({ status }) => status)).toEqual(["completed", "completed", "completed"]);
    expect(ledger.filter(({ kind }) => kind === "intent")).toHaveLength(launches);
    const usd = cost_usd(billedMachines(ledger) ?? [], () => 3600, clock.now().getTime(), 60) ?? Infinity;
    expect(usd).toBeLessThanOrEqual(budget_usd);
    expect(usd).toBeGreaterThanOrEqual(630);
  },
);

test("launches that begin at once are not paid from the same money", async () => {
  // A first of $60, and then three of four at once.
  const { ledger, outcome } = await played(
    { boots: 5, parallel: 4, budget_usd: 300 },
    { priceInputs: priced(3600), running_s: 50, provisioner: { absence: async () => ({ state: "none" }) } },
  );
  const usd = cost_usd(billedMachines(ledger) ?? [], () => 3600, Infinity, 60) ?? Infinity;
  expect(usd).toBeLessThanOrEqual(300);
  expect(outcome.error).toMatchObject({ code: "BUDGET" });
});

test("a machine that is launched under a budget lives no longer than that pays for", async () => {
  const lives: unknown[] = [];
  const heeding: Partial<BootProvisioner> = {
    launch: async ({ ledger, life_s }, side, number) => {
      lives.push(life_s);
      return await (refusing([]).launch as BootProvisioner["launch"])({ ledger } as never, side, number);
    },
  };
  await played({ boots: 2, budget_usd: 180 }, { priceInputs: priced(3600), provisioner: heeding });
  // The first costs a minute's $60.
  expect(lives).toEqual([180, 120]);
});
