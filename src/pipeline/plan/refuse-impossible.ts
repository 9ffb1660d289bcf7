// Refuses runs that cannot have a result, before anything is launched: suites that run on none of the machines, sides
// that have no row in common with the baseline, and work that takes longer than the machines live.

import {
  assumedBoot_s,
  dependsOnCpuCount,
  expectedDuration,
  type RunDuration,
} from "../../domain/cost/duration-estimate.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { osOfImage } from "../../domain/plan/image.ts";
import { launchedSides, type Plan, type PlannedSuite, type Spec } from "../../domain/plan/plan.ts";
import type { Side } from "../../domain/plan/side.ts";
import type { PreparedPlan } from "./make-plan.ts";

/**
 * Refuses a plan whose sides cannot be compared. `this_os`: this computer's `process.platform`.
 *
 * @throws TimetrialError REFUSED
 */
export function refuseImpossiblePlan(plan: Plan, this_os: string): void {
  const sides = plan.spec.sides.filter(({ kind }) => kind !== "published");
  const systemOf = (side: Side): string | undefined => knownSystem(side, plan.spec, this_os);
  const canRun = (suite: PlannedSuite): boolean =>
    suite.not_here === undefined && sides.some((side) => rowsOn(suite, systemOf(side)).length > 0);
  // The sandbox runs what it can: the images that are named there may have another system than this computer.
  const isRehearsal = plan.spec.cloud === "sandbox" && plan.suites.some(canRun);
  for (const suite of isRehearsal ? [] : plan.suites) {
    if (sides.length === 0 || sides.some((side) => rowsOn(suite, systemOf(side)).length > 0)) continue;
    const wanted = [...new Set(suite.rows.flatMap(({ os }) => os))];
    throw new TimetrialError(
      "REFUSED",
      `suite ${suite.name} runs on ${wanted.join(" or ")} only, and ${sides.map((side) => `${side.name} runs ${systemOf(side)}`).join(", ")}`,
      { hint: hintFor(wanted, sides, plan.spec) },
    );
  }
  refuseNothingShared(plan, sides, systemOf);
}

function refuseNothingShared(plan: Plan, sides: readonly Side[], systemOf: (side: Side) => string | undefined): void {
  const keys = (side: Side): string[] =>
    plan.suites.flatMap((suite) =>
      rowsOn(suite, systemOf(side)).map(({ name, impl }) => `${suite.name}/${name}/${impl}`),
    );
  const base = sides.find(({ name }) => name === plan.spec.baseline);
  if (base === undefined) return;
  const baselineKeys = new Set(keys(base));
  const lonely = sides.find((side) => side !== base && !keys(side).some((key) => baselineKeys.has(key)));
  if (lonely === undefined) return;
  throw new TimetrialError(
    "REFUSED",
    `${lonely.name} (${systemOf(lonely)}) and ${base.name} (${systemOf(base)}) have no row in common, so there is nothing to compare`,
    { hint: `choose a suite that runs on both systems, or images of one system: ${lonely.name}@freebsd/14.3` },
  );
}

function rowsOn(suite: PlannedSuite, os: string | undefined): PlannedSuite["rows"] {
  return os === undefined ? suite.rows : suite.rows.filter((row) => row.os.includes(os));
}

/**
 * Returns the side's system, undefined where only the machine knows it. All machines of the sandbox are this computer.
 */
function knownSystem(side: Side, spec: Spec, this_os: string): string | undefined {
  const isCloud = side.kind === "ec2" || side.kind === "instances";
  if (side.kind === "local" || (isCloud && spec.cloud === "sandbox" && spec.endpoint === undefined)) return this_os;
  return side.kind === "ec2" && spec.tags === undefined ? osOfImage(side.image) : undefined;
}

function hintFor(wanted: readonly string[], sides: readonly Side[], spec: Spec): string {
  const [first] = sides.filter((side) => side.kind === "ec2");
  if (spec.cloud === "sandbox" || first?.kind !== "ec2")
    return `timetrial list suites names the suites; this one wants machines that run ${wanted.join(" or ")}`;
  const image = wanted.includes("freebsd") ? "freebsd/14.3" : "debian/12";
  return `name an image: ${first.type}@${image}, or --image ${image} for all sides`;
}

/**
 * Refuses a run that takes longer than its machines live. A run with --until ends by itself. Where a suite's time
 * depends on the number of CPUs, the check needs `expected`, the duration that the cost was estimated from.
 *
 * @throws TimetrialError REFUSED
 */
export function refuseOutlivingMachines(planned: PreparedPlan, expected: RunDuration | undefined): void {
  const { plan, estimates } = planned;
  const { spec } = plan;
  if (launchedSides(spec).length === 0 || spec.until !== undefined) return;
  const known = [...estimates.values()].some(dependsOnCpuCount)
    ? expected
    : (expected ??
      expectedDuration(plan, {
        estimates,
        vcpus: () => undefined,
        boot_s: spec.cloud === "sandbox" ? 0 : assumedBoot_s,
      }));
  const longest_s = known?.longest_machine_s;
  if (longest_s === undefined || longest_s <= spec.max_hours * 3600) return;
  const hours = Math.ceil((longest_s * 1.1) / 3600);
  throw new TimetrialError(
    "REFUSED",
    `the run takes about ${Number((longest_s / 3600).toPrecision(2))} h, and its machines end themselves ${spec.max_hours} h after their launch`,
    {
      hint:
        hours <= 720
          ? `--max-hours ${hours} lets them live as long; fewer --rounds take less`
          : "fewer --rounds take less",
    },
  );
}
