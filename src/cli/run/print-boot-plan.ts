// `boot --dry-run`, and `plan` of a boot's spec file: what the boots would take and cost. Asks no account.

import { toEc2Sides, type BootPlan } from "../../domain/boot/boot.ts";
import type { PublishedBoots } from "../../domain/published/boots.ts";
import { printableLines } from "../../domain/printable.ts";
import { minimumBilled_s } from "../../domain/cost/bill.ts";
import { estimateBootCost, expectedBoot_s, expectedBootRun_s } from "../../pipeline/boot/boot-budget.ts";
import { bootPlanJson, bootPlanText } from "../../report/boot/boot-plan.ts";
import type { BootOptions } from "../options/boot-options.ts";
import { parseChoice } from "../options/option-values.ts";
import { print, outputColumns } from "../output/terminal.ts";
import { offlinePriceInputs } from "../wiring/run-ports.ts";

/** Prints the plan of the boots of `plan`, at the prices and in the format that the user gives. @throws TimetrialError USAGE, REFUSED */
export async function printBootPlan(
  plan: BootPlan,
  options: Pick<BootOptions, "price" | "format" | "spec">,
  published: PublishedBoots | undefined,
): Promise<void> {
  // The format in a spec file is that of the run's table.
  const asked = options.spec?.isGiven("format") === false ? "table" : options.format;
  const format = parseChoice("--format", asked, ["table", "json"]);
  const { spec } = plan;
  const inputs = await offlinePriceInputs(toEc2Sides(spec), options.price);
  const one_s = expectedBoot_s(spec, inputs);
  const whole_s = expectedBootRun_s(spec, one_s);
  const costEstimate = await estimateBootCost(plan, inputs, new AbortController().signal);
  const { list, forecast } = costEstimate ?? {
    list: { schema: 1 as const, prices: [], unknown: [] },
    forecast: { market: "on-demand" as const, life_h: spec.max_hours, unpriced: [] },
  };
  const least_s = minimumBilled_s;
  const report = { plan, one_s, whole_s, least_s, list, forecast, published };
  print(printableLines(format === "json" ? bootPlanJson(report) : bootPlanText(report, outputColumns())));
}
