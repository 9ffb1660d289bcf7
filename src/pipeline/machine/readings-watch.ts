// Watches what a machine says of its processor's clock and counters over a run.

import type { RunEvent } from "../../domain/run/events.ts";
import type { Facts } from "../../domain/run/machine.ts";
import { soundReadings, widenClockRange } from "../../domain/run/processor-readings.ts";

export class ReadingsWatch {
  readonly #name: string;
  readonly #observe: (event: RunEvent) => void;
  /** The readings that were said to be dropped. */
  readonly #dropped = new Set<string>();

  constructor(name: string, observe: (event: RunEvent) => void) {
    this.#name = name;
    this.#observe = observe;
  }

  /** Returns `facts` with the range of the clock widened by `line`. Says once which readings are dropped, and why. */
  take(facts: Facts, line: Parameters<typeof soundReadings>[0]): Facts {
    const { readings, faults } = soundReadings(line);
    for (const fault of faults) {
      const [what = ""] = fault.split(":");
      if (this.#dropped.has(what)) continue;
      this.#dropped.add(what);
      this.#observe({ what: "note", text: `${this.#name}: dropped: ${fault}` });
    }
    const clock_hz = widenClockRange(facts.clock_hz, readings);
    return clock_hz === undefined ? facts : { ...facts, clock_hz };
  }
}
