// Formats the events of a run as plain lines for standard error.

import { displayTitle } from "../../domain/plan/user-command.ts";
import type { RunEvent } from "../../domain/run/events.ts";
import { dollars } from "../../domain/cost/cost-forecast.ts";
import { launchedSides, type Spec } from "../../domain/plan/plan.ts";
import { type Printable, printable, printableLines } from "../../domain/printable.ts";
import { formatDuration } from "../../report/text/duration.ts";

/** Returns the printable line about `event`. Undefined where the event needs no line. */
export function progressLine(event: RunEvent): Printable | undefined {
  const line = lineAbout(event);
  if (line === undefined) return undefined;
  return event.what === "last-words" ? printableLines(line) : printable(line);
}

function lineAbout(event: RunEvent): string | undefined {
  switch (event.what) {
    case "planned":
      return plannedLine(event);
    case "launching":
      return `launching ${event.count} ${event.type} in ${event.zone}`;
    case "zone-without-capacity":
      return `${event.zone}: ${event.reason}; giving back what was launched there, and trying the next zone`;
    case "machine-ready":
      return `${event.machine.name} ${event.machine.address.kind === "ssm" ? "is managed" : "answers"} after ${event.after_s.toFixed(1)} s`;
    case "machine-setup":
      if (event.capture === "simulated") return `${event.machine.name}: simulated: nothing is measured`;
      return `${event.machine.name}: ${event.drivers.length === 0 ? "no row can run here" : event.drivers.join(", ")}; times by ${event.capture}`;
    case "suite-skipped":
      return `${event.machine.name}: ${event.suite} (${event.rows.join(", ")}) is skipped: ${event.reason}`;
    case "step-progress":
      return `${event.machine}: ${event.step}: ${event.text}`;
    case "gone":
    case "doing":
      return undefined;
    case "parameter":
      return `${event.suite}: ${event.name}=${event.value} (${event.reason})`;
    case "round":
      return event.again === undefined
        ? `${event.suite}: round ${event.round} of ${event.of} on ${event.machine}`
        : `${event.suite}: ${againText(event.again)} on ${event.machine}`;
    case "record": {
      const { record, title } = event;
      const orphans = record.status === "completed" && record.tainted.includes("orphans");
      if (record.status === "skipped" || (record.status === "completed" && !orphans)) return undefined;
      const row = title === undefined ? `${record.suite} ${record.row} ${record.impl}` : displayTitle(title);
      if (record.status === "completed")
        return `${record.machine}: ${row}, round ${record.round}: left running, and killed: ${printable(record.orphan_command ?? "a process")}`;
      return `${record.machine}: ${row}, round ${record.round}: ${record.status} (${record.reason})`;
    }
    case "last-words":
      return lastWordsLine(event);
    case "note":
      return event.text;
    case "releasing":
      return `giving back ${event.count} machines`;
    case "released":
      return undefined;
  }
}

/** Returns `3 disturbed trials once more (2 steal, 1 swap)`. */
export function againText({ trials, why }: NonNullable<Extract<RunEvent, { what: "round" }>["again"]>): string {
  return `${trials} disturbed ${trials === 1 ? "trial" : "trials"} once more (${why})`;
}

/** Returns the last lines that a failed step printed, and the path of its whole output below the run's folder. */
function lastWordsLine({ machine, text, log }: Extract<RunEvent, { what: "last-words" }>): string | undefined {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0) return undefined;
  return `${lines
    .slice(-3)
    .map((line) => `${machine}: printed: ${line.slice(0, 300)}`)
    .join("\n")}\n  kept in ${log}`;
}

type PlannedCost = Extract<RunEvent, { what: "planned" }>["costEstimate"];

function plannedLine({ plan, folder, costEstimate }: Extract<RunEvent, { what: "planned" }>): string {
  const { spec } = plan;
  const sides = launchedSides(spec).length;
  // What the sandbox must not run gets no machine of its own.
  const rows = plan.suites.flatMap((suite) => (suite.not_here === undefined ? suite.rows : []));
  const fresh = rows.reduce((sum, row) => sum + (row.fresh === true ? row.runs : 0), 0) * sides;
  const launched = (rows.some((row) => row.fresh !== true) ? sides * spec.machines : 0) + fresh;
  const others = spec.cloud === "aws" && spec.sides.some(({ kind }) => kind === "instances" || kind === "ec2");
  const nothing = others ? "costs nothing more than the machines that run already" : "costs nothing";
  const price = launched === 0 || spec.cloud === "sandbox" ? nothing : costs(costEstimate);
  const { expected, life_h = spec.max_hours } = costEstimate?.forecast ?? {};
  const about = expected === undefined ? "" : ` for about ${formatDuration(expected.whole_s)}`;
  const limit = life_h === spec.max_hours ? `${life_h} h` : `${formatDuration(life_h * 3600)} (the budget's)`;
  const machines =
    launched === 0
      ? noLaunchText(spec)
      : `${launched} machines${fresh === 0 ? "" : ` (${fresh} of them new for one trial each)`}${about}, ended after ${limit} at the latest`;
  return `${machines}; ${price}; results in ${folder}`;
}

/** `$6.74 an hour, about $0.34, at most $13.49`; or why that is not known. */
function costs(costEstimate: PlannedCost): string {
  const { usd_per_hour } = costEstimate?.forecast ?? {};
  return usd_per_hour === undefined
    ? costLine(costEstimate)
    : `${dollars(usd_per_hour)} an hour, ${costLine(costEstimate)}`;
}

/** `about $0.34, at most $13.49`; or why that is not known. */
export function costLine(costEstimate: PlannedCost): string {
  const { expected_usd, worst_usd } = costEstimate?.forecast ?? {};
  if (worst_usd === undefined) {
    const [why] = costEstimate?.list.unknown ?? [];
    return why === undefined ? "price unknown" : `price unknown (${why})`;
  }
  return `${expected_usd === undefined ? "" : `about ${dollars(expected_usd)}, `}at most ${dollars(worst_usd)}`;
}

function noLaunchText({ sides }: Pick<Spec, "sides">): string {
  const count = sides.filter(({ kind }) => kind === "firecracker").length;
  return count === 0
    ? "no machine to launch"
    : `${count} ${count === 1 ? "microVM" : "microVMs"} to boot on this computer`;
}
