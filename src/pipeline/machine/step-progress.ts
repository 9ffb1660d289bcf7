// Reports the progress of a long step as events, at most one a minute.

import type { RunEvent } from "../../domain/run/events.ts";
import type { Clock } from "../../ports/clock.ts";

/** Shortest time between two reports. Seconds. */
const apart_s = 60;

export class StepProgress {
  readonly #machine: string;
  readonly #clock: Pick<Clock, "monotonic_s">;
  readonly #observe: (event: RunEvent) => void;
  #lastAt_s = Number.NEGATIVE_INFINITY;
  #last = "";

  constructor(machine: string, clock: Pick<Clock, "monotonic_s">, observe: (event: RunEvent) => void) {
    this.#machine = machine;
    this.#clock = clock;
    this.#observe = observe;
  }

  /** Reports `text` as the progress of `step`, unless it repeats the last report or comes too soon after it. */
  report(step: string, text: string): void {
    const now_s = this.#clock.monotonic_s();
    if (`${step} ${text}` === this.#last || now_s - this.#lastAt_s < apart_s) return;
    this.#last = `${step} ${text}`;
    this.#lastAt_s = now_s;
    this.#observe({ what: "step-progress", machine: this.#machine, step, text });
  }
}
