// `setup`: what an account needs, as commands to read or as JSON. Nothing is created, nobody is asked.

import { machinePolicy, operatorPolicy, setupCommands, trustPolicy } from "../../report/commands/iam-policies.ts";
import { matching } from "../options/option-values.ts";
import { parseChoice } from "../options/option-values.ts";

export interface SetupOptions {
  readonly role: string;
  readonly region?: string;
  readonly account?: string;
  readonly format: string;
}

export function setupCommand(options: SetupOptions): number {
  const format = parseChoice("--format", options.format, ["commands", "json"]);
  const names = {
    role: matching("--role", options.role, /^[\w+=,.@-]{1,64}$/, "a role's name"),
    region: matching("--region", options.region ?? "*", /^(\*|[a-z]{2,4}(-[a-z]+)+-\d)$/, "a region such as us-east-1"),
    account: matching("--account", options.account ?? "*", /^(\*|\d{12})$/, "an account of twelve digits"),
  };
  process.stdout.write(
    format === "commands"
      ? setupCommands(names)
      : `${JSON.stringify({ role: names.role, trust: trustPolicy(), machine: machinePolicy(), operator: operatorPolicy(names) }, null, 2)}\n`,
  );
  return 0;
}
