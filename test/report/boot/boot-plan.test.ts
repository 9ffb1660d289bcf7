// The plan of a boot run: what is billed, what it costs, and published times beside the same images.

import { expect, test } from "vitest";
import { toEc2Sides, type BootPlan } from "../../../src/domain/boot/boot.ts";
import { parsePrices } from "../../../src/domain/cost/price.ts";
import { readPublishedBoots } from "../../../src/adapters/folders/boot-results.ts";
import { parseBootSpec } from "../../../src/cli/options/boot-options.ts";
import { estimateBootCost } from "../../../src/pipeline/boot/boot-budget.ts";
import { bootPlanJson, bootPlanText } from "../../../src/report/boot/boot-plan.ts";

const options = {
  boots: "10",
  port: "22",
  parallel: "1",
  timeout: "600",
  maxHours: "1",
  cloud: "aws",
  results: "results",
  format: "table",
};

const words = ["debian-10=c5.xlarge@ami-07d02ee1eeb0c996c", "new=c7g.large@debian/12"];

async function planned(prices: readonly string[], format = bootPlanText): Promise<string> {
  const spec = parseBootSpec(words, { ...options, dryRun: true }, "s");
  const plan: BootPlan = { schema: 1, kind: "boot", run: "r", tool_version: "0", created_at: "2026-11-24T00:00:00.000Z", spec }; // prettier-ignore
  const inputs = {
    given: parsePrices(prices, toEc2Sides(spec)),
    prices: { ask: async () => ({ quotes: [], unknown: [] }) },
    vcpus: async () => undefined,
    timeScale: 1,
  };
  const cost = await estimateBootCost(plan, inputs, new AbortController().signal);
  if (cost === undefined) throw new Error("there is no estimate");
  const published = await readPublishedBoots("boot-2021");
  return format({ plan, one_s: 30, whole_s: 600, ...cost, published }, 80);
}

const cellsOf = (text: string, name: string): string[] | undefined =>
  text
    .split("\n")
    .map((line) => line.trim().split(/ {2,}/))
    .find(([first]) => first === name);

test("each boot is billed for a minute, and the sides add up to the cost; only the article's image has its time", async () => {
  const text = await planned(["c5.xlarge=0.6", "new=6"]);
  // Ten minutes at a cent, and at ten.
  expect(cellsOf(text, "debian-10")).toEqual(["debian-10", "10", "10 min", "$0.10", "10.35 s"]);
  expect(cellsOf(text, "new")).toEqual(["new", "10", "10 min", "$1.00", "-"]);
  expect(text).toContain("about $1.10,");
  expect(text).toContain("nothing was asked");
  expect(text).toContain("--security-group");
});

test("a price that is not known leaves the cost unknown", async () => {
  const text = await planned(["c5.xlarge=0.6"]);
  expect(cellsOf(text, "new")).toEqual(["new", "10", "10 min", "-", "-"]);
  expect(text).toContain("price unknown: give it by --price TYPE=USD");
});

test("as JSON it says what the text says: machines, what is billed, cost, and what was not asked", async () => {
  const plan = JSON.parse(await planned(["c5.xlarge=0.6", "new=6"], bootPlanJson)) as Record<string, unknown>;
  expect(plan).toMatchObject({
    plan: { kind: "boot", spec: { boots: 10 } },
    machines: [
      { side: "debian-10", type: "c5.xlarge", count: 10 },
      { side: "new", type: "c7g.large", count: 10 },
    ],
    expected_s: 600,
    billed_s: { "debian-10": 600, new: 600 },
    deadline_h: 1,
    budget_usd: null,
    notes: [expect.stringContaining("nothing was asked")],
  });
  expect(plan["expected_usd"]).toBeCloseTo(1.1, 9);
  expect(plan["published"]).toContainEqual(expect.objectContaining({ ami_id: "ami-07d02ee1eeb0c996c" }));
});
