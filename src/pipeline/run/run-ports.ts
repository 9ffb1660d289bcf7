// The ports of a run.

import type { Address } from "../../domain/run/machine.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Provisioner } from "../../ports/cloud/provisioner.ts";
import type { Results } from "../../ports/results.ts";
import type { JudgeLook } from "../../ports/stopping-rule.ts";
import type { Suites } from "../../ports/suites.ts";
import type { Transport } from "../../ports/transport.ts";
import type { PriceInputs } from "../cost/cost-estimate.ts";

/**
 * The ports of a run. Each side needs a provisioner of its kind, and a transport for its machines' kind of address.
 *
 * @example
 * import { parseSides, run, type RunPorts, type Spec } from "timetrial";
 * import { localProvisioner, localTransport, resultFolders, suiteFolders, systemClock } from "timetrial/adapters";
 *
 * const spec: Spec = {
 *   sides: parseSides(["local"]),
 *   baseline: "local",
 *   suites: [{ suite: "hashes", row: "sha256" }],
 *   machines: 1,
 *   rounds: 7,
 *   seed: "1",
 *   params: { blocks: "10000" },
 *   cloud: "aws",
 *   max_hours: 1,
 *   allow_burstable: false,
 * };
 * const ports: RunPorts = {
 *   suites: suiteFolders(),
 *   results: resultFolders("results"),
 *   provisioners: [localProvisioner()],
 *   transports: { local: localTransport() },
 *   clock: systemClock,
 * };
 * const identity = { run: "first-run", tool_version: "0.1.0", created_at: new Date().toISOString() };
 * const outcome = await run(spec, identity, ports, (event) => console.error(event.what), new AbortController().signal);
 * console.log(outcome.folder, outcome.absence.state);
 */
export interface RunPorts {
  readonly suites: Suites;
  readonly results: Results;
  readonly provisioners: readonly Provisioner[];
  readonly transports: Partial<Record<Address["kind"], Transport>>;
  readonly clock: Clock;
  /** Sources of prices; absent where the run launches nothing that costs money. */
  readonly priceInputs?: PriceInputs;
  /** Decides at interim looks; required where the spec has `until`. */
  readonly judgeLook?: JudgeLook;
}
