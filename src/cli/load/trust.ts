// Refuses to continue a run that was not begun here. Such a run executes a stranger's commands, on machines and against
// an endpoint of the stranger's choice.

import { TimetrialError } from "../../domain/errors.ts";
import { LedgerState } from "../../domain/cloud/ledger.ts";
import type { Spec } from "../../domain/plan/plan.ts";
import { shellQuoted } from "../../domain/plan/user-command.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import type { StoredRun } from "../../ports/results.ts";

/**
 * Refuses the run of a stranger unless the user trusts it.
 *
 * @throws TimetrialError REFUSED, which says what the run would do
 */
export function refuseStrangersRun(stored: StoredRun, isTrusted: boolean): void {
  if (isTrusted) return;
  throw new TimetrialError("REFUSED", strangersRunText(stored), {
    hint: `only where you trust whoever made it: timetrial resume ${stored.folder} --trust`,
  });
}

/** Describes for people what the run would do if it were continued. */
export function strangersRunText(stored: StoredRun): string {
  const { spec } = stored.plan;
  return [
    `${stored.folder}: this run was not begun here, or its plan was changed since; going on with it would`,
    `  run: ${commandsOf(spec).join("; ")}`,
    `  on: ${machinesOf(stored).join(", ")}`,
    `  ask: ${endpointOf(spec)}`,
  ].join("\n");
}

function commandsOf({ command, suites }: Spec): string[] {
  const suite = suites.map(({ suite: name, folder }) =>
    folder === undefined ? `suite ${name}` : `suite ${name} in ${quoteForMessage(folder)}`,
  );
  if (command === undefined) return suite;
  const steps = [command.setup, command.prepare, command.check, command.cleanup].filter((step) => step !== undefined);
  // The words themselves are shown, because a title may say something else.
  const timed = command.commands.map(({ words }) => shellQuoted(words));
  const shipped = command.upload === undefined ? [] : [`ship the folder ${quoteForMessage(command.upload)}`];
  return [...[...timed, ...steps].map((text) => quoteForMessage(text)), ...shipped, ...suite];
}

function machinesOf({ plan: { spec }, ledger = [] }: StoredRun): string[] {
  const sides = spec.sides.map((side) => {
    if (side.kind === "local") return "this computer";
    if (side.kind === "ssh") return side.hosts.map(({ host }) => `ssh:${host}`).join(", ");
    return side.kind === "instances" ? side.ids.join(", ") : side.name;
  });
  const launched = LedgerState.of(ledger).launches.flatMap(({ ids }) => ids);
  return [...new Set([...sides, ...launched])];
}

function endpointOf({ cloud, region, endpoint, sides }: Spec): string {
  if (!sides.some(({ kind }) => kind === "ec2" || kind === "instances")) return "no cloud";
  if (endpoint !== undefined) return `${quoteForMessage(endpoint)}, with requests that your credentials sign`;
  return cloud === "sandbox" ? "the sandbox" : `AWS${region === undefined ? "" : `, ${region}`}, with your credentials`;
}
