// The budget's arithmetic over time, by a clock of the test's own.

import { describe, expect, test } from "vitest";
import type { LedgerEntry } from "../../../src/domain/cloud/ledger.ts";
import { mergePrices } from "../../../src/domain/cost/price-list.ts";
import { parseSides } from "../../../src/domain/plan/side.ts";
import { Budget } from "../../../src/pipeline/cost/budget.ts";
import { aPlan, aSuite } from "../../support/given.ts";

const start_ms = Date.UTC(2026, 10, 24, 3);

/** Time that passes when somebody sleeps, or is told to. */
class HandClock {
  now_ms = start_ms;
  now = (): Date => new Date(this.now_ms);
  monotonic_s = (): number => this.now_ms / 1000;
  sleep = async (s: number, signal?: AbortSignal): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    this.now_ms += s * 1000;
  };
}

const sides = parseSides(["a=c7g.large", "b=c8g.large"]);

/** One machine of a at $12 an hour and one of b at $24: a cent a second. Launched at the start. */
function given(budget_usd: number) {
  const clock = new HandClock();
  const stamp = (): string => clock.now().toISOString();
  const entries: LedgerEntry[] = [];
  const launch = (): void => {
    // As the provisioner arms it: when all that is left is spent.
    const deadline = new Date(clock.now_ms + (budget_usd / 36) * 3_600_000).toISOString();
    for (const [side, id] of [
      ["a", "i-1"],
      ["b", "i-2"],
    ] as const)
      entries.push(
        { kind: "intent", at: stamp(), token: id, side, type: "c7g.large", zone: "z", count: 1, deadline },
        { kind: "launched", at: stamp(), token: id, ids: [id] },
      );
  };
  const budget = Budget.of({
    spec: { ...aPlan().spec, sides, machines: 1, budget_usd },
    list: mergePrices(sides, [], [
      { type: "c7g.large", market: "on-demand", usd_per_hour: 12, source: "list" },
      { type: "c8g.large", market: "on-demand", usd_per_hour: 24, source: "list" },
    ], []), // prettier-ignore
    estimates: new Map([["hashes", { cpu_s: 500, cores: 1, amounts: [] }]]),
    ledger: { write: async () => {}, entries: async () => entries },
    clock,
    least_s: 60,
    ending_s: 20,
  });
  if (budget === undefined) throw new Error("no budget");
  return { budget, clock, entries, launch, stamp };
}

const trial = { suite: "hashes", row: "sha256", impl: "portable-c", round: 1, attempt: 1, limit_s: 60 };

describe("a budget", () => {
  test("shortens the machines' lives to what it pays for, less what is spent", async () => {
    const { budget, clock, launch } = given(9);
    expect(await budget.life_s()).toBeCloseTo(900, 6);
    launch();
    clock.now_ms += 300_000;
    expect(await budget.life_s()).toBeCloseTo(600, 6);
  });

  test("lengthens no life beyond --max-hours", async () => {
    expect(await given(900).budget.life_s()).toBe(7200);
  });

  test("has run out where its machines are about to end themselves and it pays for no other, and not before", async () => {
    const { budget, clock, launch } = given(9);
    expect(await budget.hasRunOut()).toBe(false);
    launch();
    clock.now_ms += 870_000;
    expect(await budget.hasRunOut()).toBe(false);
    clock.now_ms += 20_000;
    expect(await budget.hasRunOut()).toBe(true);
    expect(String(budget.signal.reason)).toContain("the budget of $9.00 ends the run");
  });

  test("launches nothing for the rest of a minute that is paid whole", async () => {
    const { budget, clock, launch } = given(9);
    launch();
    clock.now_ms += 845_000;
    await expect(budget.life_s()).rejects.toThrow("the budget of $9.00 ends the run: no machine can be launched");
    expect(budget.over).toBe(true);
  });

  test("lets a batch begin that it pays for to its end, and the giving back; and none that it does not", async () => {
    const { budget, clock, launch } = given(9);
    launch();
    clock.now_ms += 300_000;
    // 300 s are spent, 20 s kept back: 580 s are left.
    await budget.begin(aSuite(), [trial], 2, 579);
    expect(budget.over).toBe(false);
    await expect(budget.begin(aSuite(), [trial], 2, 581)).rejects.toMatchObject({ code: "BUDGET", exitStatus: 1 });
    expect(budget.over).toBe(true);
    await expect(budget.begin(aSuite(), [trial], 2, 1)).rejects.toMatchObject({ code: "BUDGET" });
  });

  test("says how long it still pays for the machines that live, the giving back aside", async () => {
    const { budget, clock, launch, entries, stamp } = given(9);
    expect(await budget.affordable_s()).toBe(Infinity);
    launch();
    clock.now_ms += 300_000;
    expect(await budget.affordable_s()).toBeCloseTo(580, 6);
    entries.push({ kind: "terminated", at: stamp(), ids: ["i-2"] });
    // A third of the price: less is kept back, too.
    expect(await budget.affordable_s()).toBeCloseTo((9 - 3 - (20 * 12) / 3600) * 300, 6);
  });

  test("takes a batch of which nothing is known yet for as long as its suite says", async () => {
    const { budget, launch } = given(9);
    launch();
    await budget.begin(aSuite(), [trial], 2, undefined);
    await expect(budget.begin(aSuite(), [trial, trial], 2, undefined)).rejects.toMatchObject({ code: "BUDGET" });
  });

  test("ends a batch that takes longer than was expected, before it is exceeded", async () => {
    const { budget, clock, launch } = given(9);
    launch();
    using _watch = budget.watch();
    await new Promise((resolve) => budget.signal.addEventListener("abort", resolve));
    const lasted_s = (clock.now_ms - start_ms) / 1000;
    expect(lasted_s).toBeGreaterThan(870);
    expect(await budget.spent_usd(20)).toBeLessThan(9.02);
    expect(lasted_s).toBeLessThan(881);
  });

  test("is not spent by machines that were given back", async () => {
    const { budget, clock, launch, entries, stamp } = given(9);
    launch();
    clock.now_ms += 300_000;
    entries.push({ kind: "terminated", at: stamp(), ids: ["i-1", "i-2"] });
    clock.now_ms += 5_000_000;
    expect(await budget.spent_usd()).toBeCloseTo(3, 9);
    expect(await budget.refuses(["a", "b"], 1, 500)).toBe(false);
    expect(await budget.refuses(["a", "b"], 1, 700)).toBe(true);
  });
});
