// The ports of a boot run.

import type { BootProvisioner } from "../../ports/cloud/boot-provisioner.ts";
import type { BootResults } from "../../ports/boot-results.ts";
import type { Clock } from "../../ports/clock.ts";
import type { PortProbe } from "../../ports/port-probe.ts";
import type { PriceInputs } from "../cost/cost-estimate.ts";

/** The ports of a boot run. */
export interface BootPorts {
  readonly provisioner: BootProvisioner;
  readonly probe: PortProbe;
  readonly results: BootResults;
  readonly clock: Clock;
  /** Absent if no machine costs money. */
  readonly priceInputs?: PriceInputs;
}
