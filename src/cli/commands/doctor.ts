// `doctor`: checks what runs need, and prints a line for each check with what to do about it. Creates nothing.

import { print } from "../output/terminal.ts";
import { jsonText, printableLines } from "../../domain/printable.ts";
import type { DoctorCheck } from "../../domain/doctor-check.ts";
import type { DoctorRequest } from "../../ports/cloud/doctor.ts";
import { type CloudTarget, parseCloudTarget } from "../options/location-options.ts";
import { textOrJson } from "../options/choices.ts";
import { parseChoice } from "../options/option-values.ts";
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
  readonly format: string;
}

/** Returns the exit status: 4 where something that is needed is missing. */
export async function doctorCommand(options: DoctorOptions, side?: string): Promise<number> {
  const { instanceProfile: profile, subnet } = options;
  const format = parseChoice("--format", options.format, textOrJson);
  const request = {
    ...(profile === undefined ? {} : { instanceProfile: checkOption("instanceProfile", profile) }),
    ...(subnet === undefined ? {} : { subnet: checkOption("subnet", subnet) }),
  };
  const microVm = side === undefined ? undefined : microVmFile(side);
  const place = parseCloudTarget(options);
  const checks: DoctorCheck[] = [];
  for await (const check of checksOf(microVm, place, request)) {
    checks.push(check);
    if (format === "text") print(printableLines(`${line(check)}\n`));
  }
  const fit = !checks.some(({ needed, state }) => needed && state === "missing");
  if (format === "json") print(printableLines(`${jsonText({ schema: 1, fit, checks }, 2)}\n`));
  return fit ? 0 : 4;
}

/** The checks of this machine's tools, and those of the microVM in the file `microVm`, or of the account. */
async function* checksOf(
  microVm: string | undefined,
  place: CloudTarget,
  request: DoctorRequest,
): AsyncGenerator<DoctorCheck> {
  yield* await checkTools();
  if (microVm !== undefined) yield* await openMicroVmDoctor(microVm);
  else yield* (await openDoctor(place)).checks(request);
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
