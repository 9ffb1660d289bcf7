import type { Address } from "../../domain/run/machine.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Provisioner } from "../../ports/cloud/provisioner.ts";
import type { Results } from "../../ports/results.ts";
import type { JudgeLook } from "../../ports/stopping-rule.ts";
import type { Suites } from "../../ports/suites.ts";
import type { Transport } from "../../ports/transport.ts";
import type { PriceInputs } from "../cost/cost-estimate.ts";

export interface RunPorts {
  readonly suites: Suites;
  readonly results: Results;
  readonly provisioners: readonly Provisioner[];
  readonly transports: Partial<Record<Address["kind"], Transport>>;
  readonly clock: Clock;
  /** Absent where nothing is launched that anybody pays for. */
  readonly purse?: PriceInputs;
  /** Needed where the spec says `until`. */
  readonly enough?: JudgeLook;
}
