// What a client that ends at once leaves, as far as its run's ledger knows, and how to find it.

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

/** Ids that were launched and that EC2 was not told to end, and launches of which nobody knows what became. */
function leftBehind(folder: string) {
  const { living, open, livingMicroVms } = LedgerState.of(ledgerIn(folder));
  return {
    ids: living,
    microVms: livingMicroVms,
    open: open.map(({ count, type, zone }) => `${count} ${type} in ${zone}`),
  };
}

/** The lines of it that can be read: a torn tail is no reason to say nothing. */
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

/** For people: what is left of the run in `folder`, if anything may be. */
export function leftoverText(folder: string, where: RunLocation): string {
  const { ids, open, microVms } = leftBehind(folder);
  const own =
    microVms.length === 0
      ? []
      : [
          `microVMs of this computer, each ended with this process: ${microVms.join(", ")}\n  see by: timetrial sweep --local`,
        ];
  if (own.length > 0 && ids.length === 0 && open.length === 0) return own.join("");
  if (ids.length === 0 && open.length === 0) return "by its ledger no machine is left";
  const what = [
    ...(ids.length === 0 ? [] : [`left running, or may be: ${ids.join(", ")}`]),
    ...(open.length === 0 ? [] : [`a launch is under way: ${open.join(", ")}`]),
  ].join("; ");
  return `${what}; each ends itself at its deadline\n${cleanupHints(where, ids)}`;
}

/** How to find, and to end, what is left of a run. */
export function cleanupHints({ run, cloud, region, endpoint }: RunLocation, ids: readonly string[]): string {
  if (ids.length > 0 && ids.every((id) => microVmId.test(id))) return "  end them with: timetrial sweep --local";
  const own = [
    `timetrial sweep --run ${run}`,
    ...(region === undefined ? [] : [`--region ${region}`]),
    ...(cloud === "sandbox" ? ["--cloud sandbox"] : []),
    ...(endpoint === undefined ? [] : [`--endpoint ${endpoint}`]),
  ].join(" ");
  const line = `  end them with: ${own}`;
  // AWS's own tool has no keys of the sandbox's, and asks AWS.
  if (cloud === "sandbox" && endpoint === undefined) return line;
  const aws = [
    // What runs are launched in where nothing names a region.
    `aws ec2 --region ${region ?? "us-east-1"}`,
    ...(endpoint === undefined ? [] : [`--endpoint-url ${endpoint}`]),
    ids.length === 0
      ? `describe-instances --filters Name=tag:timetrial:run,Values=${run}`
      : `terminate-instances --instance-ids ${ids.join(" ")}`,
  ].join(" ");
  return `${line}\n  or ${ids.length === 0 ? "find" : "end"} them with: ${aws}`;
}
