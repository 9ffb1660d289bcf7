// How far a long step is, passed on to whoever watches: not for every line of it.

import type { RunEvent } from "../../domain/run/events.ts";
import type { Clock } from "../../ports/clock.ts";

/** A step's progress is passed on so often at most. Seconds. */
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

  /** Passes `text` of `step` on, unless it was, or it is too soon. */
  report(step: string, text: string): void {
    const now_s = this.#clock.monotonic_s();
    if (`${step} ${text}` === this.#last || now_s - this.#lastAt_s < apart_s) return;
    this.#last = `${step} ${text}`;
    this.#lastAt_s = now_s;
    this.#observe({ what: "step-progress", machine: this.#machine, step, text });
  }
}
