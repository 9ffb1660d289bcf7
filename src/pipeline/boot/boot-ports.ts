import type { Booter } from "../../ports/boot-provisioner.ts";
import type { BootResults } from "../../ports/boot-results.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Probe } from "../../ports/port-probe.ts";
import type { Purse } from "../cost/cost-estimate.ts";

export interface BootPorts {
  readonly booter: Booter;
  readonly probe: Probe;
  readonly results: BootResults;
  readonly clock: Clock;
  /** Absent where nobody pays. */
  readonly purse?: Purse;
}
