import type { BootProvisioner } from "../../ports/cloud/boot-provisioner.ts";
import type { BootResults } from "../../ports/boot-results.ts";
import type { Clock } from "../../ports/clock.ts";
import type { PortProbe } from "../../ports/port-probe.ts";
import type { PriceInputs } from "../cost/cost-estimate.ts";

/** What a boot run asks of the outside. */
export interface BootPorts {
  readonly booter: BootProvisioner;
  readonly probe: PortProbe;
  readonly results: BootResults;
  readonly clock: Clock;
  /** Absent where nobody pays. */
  readonly purse?: PriceInputs;
}
