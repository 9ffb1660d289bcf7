// Describes what a client leaves if it exits at once, as far as its run's ledger knows, and how to find it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { microVmId } from "../../domain/microvm/microvm.ts";
import { type LedgerEntry, ledgerSchema, LedgerState } from "../../domain/cloud/ledger.ts";

/** Where the machines of a run are. */
export interface RunLocation {
  readonly run: string;
  readonly cloud: "aws" | "sandbox";
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
}

/**
 * Returns the ids that were launched and that EC2 was not asked to terminate, and the launches whose outcome is
 * unknown.
 */
function leftBehind(folder: string) {
  const { living, open, livingMicroVms } = LedgerState.of(ledgerIn(folder));
  return {
    ids: living,
    microVms: livingMicroVms,
    open: open.map(({ count, type, zone }) => `${count} ${type} in ${zone}`),
  };
}

/** Returns the lines of the ledger that can be read: a torn last line does not hide the others. */
function ledgerIn(folder: string): LedgerEntry[] {
  let text: string;
  try {
    text = readFileSync(join(folder, "ledger.ndjson"), "utf8");
  } catch {
    return [];
  }
  return text.split("\n").flatMap((line) => {
    try {
      const parsed = v.safeParse(ledgerSchema, JSON.parse(line));
      return parsed.success ? [parsed.output] : [];
    } catch {
      return [];
    }
  });
}

/** Describes for people what is left of the run in `folder`, if anything may be. */
export function leftoverText(folder: string, where: RunLocation): string {
  const { ids, open, microVms } = leftBehind(folder);
  const own =
    microVms.length === 0
      ? []
      : [
          `microVMs of this computer, each ended with this process: ${microVms.join(", ")}\n  see by: timetrial sweep --local`,
        ];
  if (own.length > 0 && ids.length === 0 && open.length === 0) return own.join("");
  if (ids.length === 0 && open.length === 0) return "its ledger shows no machine that is left";
  const what = [
    ...(ids.length === 0 ? [] : [`left running, or may be: ${ids.join(", ")}`]),
    ...(open.length === 0 ? [] : [`a launch is under way: ${open.join(", ")}`]),
  ].join("; ");
  return `${what}; each ends itself at its deadline\n${cleanupHints(where, ids)}`;
}

/** Returns how to find, and to end, what is left of a run. */
export function cleanupHints({ run, cloud, region, endpoint }: RunLocation, ids: readonly string[]): string {
  if (ids.length > 0 && ids.every((id) => microVmId.test(id))) return "  end them with: timetrial sweep --local";
  const own = [
    `timetrial sweep --run ${run}`,
    ...(region === undefined ? [] : [`--region ${region}`]),
    ...(cloud === "sandbox" ? ["--cloud sandbox"] : []),
    ...(endpoint === undefined ? [] : [`--endpoint ${endpoint}`]),
  ].join(" ");
  const line = `  end them with: ${own}`;
  // The AWS CLI has no keys of the sandbox, and would call AWS.
  if (cloud === "sandbox" && endpoint === undefined) return line;
  const aws = [
    // Where the run names no region it was that of the user's profile, which the AWS CLI reads too.
    ["aws ec2", ...(region === undefined ? [] : [`--region ${region}`])].join(" "),
    ...(endpoint === undefined ? [] : [`--endpoint-url ${endpoint}`]),
    ids.length === 0
      ? `describe-instances --filters Name=tag:timetrial:run,Values=${run}`
      : `terminate-instances --instance-ids ${ids.join(" ")}`,
  ].join(" ");
  return `${line}\n  or ${ids.length === 0 ? "find" : "end"} them with: ${aws}`;
}
