// `doctor`: checks what runs need, and prints a line for each check with what to do about it. Creates nothing.

import { print } from "../output/terminal.ts";
import { printableLines } from "../../domain/printable.ts";
import type { DoctorCheck } from "../../domain/doctor-check.ts";
import { parseCloudTarget } from "../options/location-options.ts";
import { checkOption } from "../options/location-options.ts";
import { checkTools, openDoctor, openMicroVmDoctor } from "../wiring.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { parseSide, quoteForMessage } from "../../domain/plan/side.ts";

export interface DoctorOptions {
  readonly cloud: string;
  readonly region?: string;
  readonly endpoint?: string;
  readonly instanceProfile?: string;
  readonly subnet?: string;
}

/** Returns the exit status: 4 where something that is needed is missing. */
export async function doctorCommand(options: DoctorOptions, side?: string): Promise<number> {
  const { instanceProfile: profile, subnet } = options;
  const request = {
    ...(profile === undefined ? {} : { instanceProfile: checkOption("instanceProfile", profile) }),
    ...(subnet === undefined ? {} : { subnet: checkOption("subnet", subnet) }),
  };
  const microVm = side === undefined ? undefined : microVmFile(side);
  const place = parseCloudTarget(options);
  let healthy = true;
  const tell = (check: DoctorCheck): void => {
    if (check.needed && check.state === "missing") healthy = false;
    print(printableLines(`${line(check)}\n`));
  };
  for (const check of await checkTools()) tell(check);
  if (microVm !== undefined) {
    for await (const check of await openMicroVmDoctor(microVm)) tell(check);
    return healthy ? 0 : 4;
  }
  const account = await openDoctor(place);
  for await (const check of account.checks(request)) tell(check);
  return healthy ? 0 : 4;
}

/** Returns the file of the microVM that `text` names. @throws TimetrialError USAGE where `text` is no microVM's side */
function microVmFile(text: string): string {
  const side = parseSide(text);
  if (side.kind === "firecracker") return side.file;
  throw new TimetrialError("USAGE", `doctor: expected firecracker:FILE.toml, got ${quoteForMessage(text)}`, {
    hint: "without a side, the account is checked",
  });
}

function line({ state, name, found, todo }: DoctorCheck): string {
  return `${state.padEnd("unknown".length)}  ${name.padEnd("credentials".length)}  ${found}${todo === undefined ? "" : `; ${todo}`}`;
}
