// The rows of a plan: what each takes and costs, that all of them make up the cost of the run, and published times.

import { expect, test } from "vitest";
import { estimateCost, type PriceInputs } from "../../../src/pipeline/cost/cost-estimate.ts";
import { planJson, planText, type PlanReport } from "../../../src/report/commands/plan-report.ts";
import { parsePrices } from "../../../src/domain/cost/price.ts";
import { parseSides } from "../../../src/domain/plan/side.ts";
import { publishedFolder } from "../../../src/adapters/folders/published.ts";
import type { Plan, PlannedRow } from "../../../src/domain/plan/plan.ts";
import type { SuiteEstimate } from "../../../src/domain/cost/duration-estimate.ts";
import { aPlan, aSuite } from "../../support/given.ts";

const row = (name: string, change: Partial<PlannedRow> = {}): PlannedRow => ({
  name,
  impl: "make",
  runs: 3,
  warmup: 0,
  limit_s: 9000,
  instructions: [],
  os: ["freebsd"],
  ...change,
});

const sides = parseSides(["a=c6g.8xlarge@freebsd/13.1", "b=c7g.8xlarge@freebsd/13.1", "published:c6g.8xlarge"]);

const plan: Plan = aPlan({
  spec: { ...aPlan().spec, sides, baseline: "a", machines: 2 },
  suites: [
    aSuite({ name: "world", rows: [row("buildworld-buildkernel"), row("twin"), row("twin", { impl: "gmake" })] }),
    aSuite({ name: "ports", rows: [row("xorg", { runs: 2, fresh: true }), row("here", { os: ["linux"] })] }),
  ],
});

const known: [string, SuiteEstimate][] = [
  ["world", { cpu_s: 9216, cores: "all", amounts: [], note: "an \u001b[31mestimate" }],
  ["ports", { cpu_s: 3480, cores: 1, amounts: [] }],
];

/** A report of the plan with 32 vCPUs a machine, at $1 and $2 an hour. */
async function reportOf(estimates = known, prices = ["a=1", "b=2"], of = plan): Promise<PlanReport> {
  const inputs: PriceInputs = {
    given: parsePrices(prices, sides),
    prices: { ask: async () => ({ quotes: [], unknown: [] }) },
    vcpus: async () => 32,
    timeScale: 1,
  };
  const planned = { plan: of, estimates: new Map(estimates) } as unknown as Parameters<typeof estimateCost>[0];
  const costEstimate = await estimateCost(planned, inputs, new AbortController().signal);
  const figures = await publishedFolder().load("c6g.8xlarge");
  const published = [{ figures }];
  return { plan, zones: [], notes: [], costEstimate, published, spread: { spread: 0.01, source: "" }, half_width: null, oneHost: false }; // prettier-ignore
}

/** The line that begins with `name`, its cells apart. */
const cellsOf = (text: string, name: string): string[] | undefined =>
  text
    .split("\n")
    .map((line) => line.trim().split(/ {2,}/))
    .find(([first]) => first === name);

test("each row has its trials, the time of one, the machines' time and what it costs", async () => {
  const text = planText(await reportOf(), 80);
  // 9216 s of CPU on four fifths of 32 vCPUs: 360 s a trial; three of them on two machines a side, $3 a pair of hours.
  expect(cellsOf(text, "buildworld-buildkernel")).toEqual(["buildworld-buildkernel", "12", "6 min", "72 min", "$1.80"]);
  // An hour a trial with its boot, on a machine of its own: two of each side.
  expect(cellsOf(text, "xorg")).toEqual(["xorg", "4", "58 min", "4 h", "$6.00"]);
  // The boots of two machines a side.
  expect(cellsOf(text, "boots and waits")?.slice(1)).toEqual(["8 min", "$0.20"]);
  expect(cellsOf(text, "all")?.slice(1)).toEqual(["7.7 h", "$11.60"]);
  expect(text).toContain("about $11.60;");
  expect(cellsOf(text, "twin gmake")).toBeDefined();
  // Nobody runs Linux.
  expect(cellsOf(text, "here")).toBeUndefined();
});

test("where an estimate comes from is said, and so where nobody says it; nothing in it moves a cursor", async () => {
  const text = planText(await reportOf(), 80);
  expect(text).toContain("\nworld: an ?[31mestimate\n");
  expect(text).toContain("\nports: its manifest does not say where its estimate comes from\n");
});

test("published times stand beside the estimates of the same rows", async () => {
  const text = planText(await reportOf(), 80);
  expect(cellsOf(text, "world/buildworld-buildkernel")).toEqual(["world/buildworld-buildkernel", "6 min", "14:09", "6:04:53"]); // prettier-ignore
  expect(text).toContain("published: Colin Percival, FreeBSD on the Graviton 3, 2022-05-23\n");
  expect(text.replaceAll(/\s+/g, " ")).toContain(
    "published:c6g.8xlarge: figures that were published, nothing is launched",
  );
});

test("a suite without an estimate, and a side without a price, leave a dash and never a guess", async () => {
  const text = planText(
    await reportOf([known[0] as [string, SuiteEstimate], ["ports", { cores: 1, amounts: [] }]]),
    80,
  );
  expect(cellsOf(text, "xorg")).toEqual(["xorg", "4", "-", "-", "-"]);
  expect(cellsOf(text, "all")).toBeUndefined();
  const unpriced = planText(await reportOf(known, ["a=1"]), 80);
  expect(cellsOf(unpriced, "xorg")).toEqual(["xorg", "4", "58 min", "4 h", "-"]);
  // With no estimate at all there is no table.
  expect(planText(await reportOf([]), 80)).not.toContain("machine time");
});

test("JSON has the rows and the sources", async () => {
  const parsed = JSON.parse(planJson(await reportOf())) as { rows: object[]; estimates: object };
  expect(parsed.rows.at(-1)).toEqual({
    suite: "ports",
    row: "xorg",
    impl: "make",
    trials: { a: 2, b: 2 },
    trial_s: { a: 3480, b: 3480 },
    machine_s: { a: 7200, b: 7200 },
    usd: 6,
  });
  expect(parsed.estimates).toEqual({ world: "an \u001b[31mestimate" });
});
