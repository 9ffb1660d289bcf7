// `doctor`: whether what runs need is there, a line each, with what to do about it. Creates nothing.

import type { DoctorCheck } from "../../domain/doctor-check.ts";
import { parseCloudTarget } from "../options/run-options.ts";
import { matching } from "../options/option-values.ts";
import { checkTools, openDoctor } from "../wiring.ts";

export interface DoctorOptions {
  readonly cloud: string;
  readonly region?: string;
  readonly endpoint?: string;
  readonly instanceProfile?: string;
  readonly subnet?: string;
}

/** Status 4: something that is needed is missing. */
export async function doctorCommand(options: DoctorOptions): Promise<number> {
  const { instanceProfile: profile, subnet } = options;
  const wish = {
    ...(profile === undefined
      ? {}
      : {
          instanceProfile: matching(
            "--instance-profile",
            profile,
            /^[\w+=,.@-]{1,128}$/,
            "the name of an instance profile",
          ),
        }),
    ...(subnet === undefined
      ? {}
      : { subnet: matching("--subnet", subnet, /^subnet-[0-9a-f]{8,17}$/, "a subnet's id, subnet-…") }),
  };
  const place = parseCloudTarget(options);
  let healthy = true;
  const tell = (check: DoctorCheck): void => {
    if (check.needed && check.state === "missing") healthy = false;
    process.stdout.write(`${line(check)}\n`);
  };
  for (const check of await checkTools()) tell(check);
  const account = await openDoctor(place);
  for await (const check of account.checks(wish)) tell(check);
  return healthy ? 0 : 4;
}

function line({ state, name, found, todo }: DoctorCheck): string {
  return `${state.padEnd("unknown".length)}  ${name.padEnd("credentials".length)}  ${found}${todo === undefined ? "" : `; ${todo}`}`;
}
