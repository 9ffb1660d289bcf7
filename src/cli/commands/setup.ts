// `setup`: prints the role and the policies that an account needs, as commands or as JSON. Creates nothing.

import { print } from "../output/terminal.ts";
import { jsonText, printableLines } from "../../domain/printable.ts";
import { machinePolicy, operatorPolicy, setupCommands, trustPolicy } from "../../report/commands/iam-policies.ts";
import { checkOption } from "../options/location-options.ts";
import { matching, parseChoice } from "../options/option-values.ts";

export interface SetupOptions {
  readonly role: string;
  readonly region?: string;
  readonly account?: string;
  readonly instance?: readonly string[];
  readonly tag?: readonly string[];
  readonly parameter?: readonly string[];
  readonly format: string;
}

export function setupCommand(options: SetupOptions): number {
  const format = parseChoice("--format", options.format, ["commands", "json"]);
  const names = {
    role: matching("--role", options.role, /^[\w+=,.@-]{1,64}$/, "a role's name"),
    region: options.region === undefined || options.region === "*" ? "*" : checkOption("region", options.region),
    account: matching("--account", options.account ?? "*", /^(\*|\d{12})$/, "an account of twelve digits"),
    instances: (options.instance ?? []).map((id) =>
      matching("--instance", id, /^i-[0-9a-f]{8,17}$/, "an id such as i-0123456789abcdef0"),
    ),
    tags: (options.tag ?? []).map(tagOf),
    parameters: (options.parameter ?? []).map((name) =>
      matching("--parameter", name, /^(\/[\w.-]+)+(\/?\*)?$/, "a parameter's name such as /images/mine, or /images/*"),
    ),
  };
  print(
    printableLines(
      format === "commands"
        ? setupCommands(names)
        : `${jsonText({ role: names.role, trust: trustPolicy(names), machine: machinePolicy(), operator: operatorPolicy(names) }, 2)}\n`,
    ),
  );
  return 0;
}

function tagOf(text: string): { key: string; value: string } {
  // A character that a policy could read as a pattern or a variable is refused.
  const tag = matching("--tag", text, /^[\w .:/=+@-]{1,128}=[\w .:/=+@-]{0,256}$/, "KEY=VALUE");
  return { key: tag.slice(0, tag.indexOf("=")), value: tag.slice(tag.indexOf("=") + 1) };
}
