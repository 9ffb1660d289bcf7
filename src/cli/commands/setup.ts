// `setup`: prints the role and the policies that an account needs, as commands or as JSON. Creates nothing.

import { machinePolicy, operatorPolicy, setupCommands, trustPolicy } from "../../report/commands/iam-policies.ts";
import { checkOption } from "../options/location-options.ts";
import { matching, parseChoice } from "../options/option-values.ts";

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
    region: options.region === undefined || options.region === "*" ? "*" : checkOption("region", options.region),
    account: matching("--account", options.account ?? "*", /^(\*|\d{12})$/, "an account of twelve digits"),
  };
  process.stdout.write(
    format === "commands"
      ? setupCommands(names)
      : `${JSON.stringify({ role: names.role, trust: trustPolicy(), machine: machinePolicy(), operator: operatorPolicy(names) }, null, 2)}\n`,
  );
  return 0;
}
