// The sandbox's clock. What the cloud takes (boot, registration, consistency, heartbeats, a scheduled shutdown) is
// multiplied by the scale; what a command does on an instance is real work and is never scaled.

export type Cancel = () => void;

export class ScaledClock {
  readonly scale: number;
  readonly #pending = new Set<NodeJS.Timeout>();

  constructor(scale: number) {
    if (!(scale > 0) || !Number.isFinite(scale)) throw new RangeError(`expected a time scale above 0, got ${scale}`);
    this.scale = scale;
  }

  /** Milliseconds of this computer that stand for `cloudSeconds` of the cloud. */
  ms(cloudSeconds: number): number {
    return cloudSeconds * this.scale * 1000;
  }

  /** Calls `act` once, `cloudSeconds` from now, unless cancelled or cleared before. */
  after(cloudSeconds: number, act: () => void): Cancel {
    return this.#schedule(this.ms(cloudSeconds), act);
  }

  /** The same for seconds that are not scaled. */
  afterReal(seconds: number, act: () => void): Cancel {
    return this.#schedule(seconds * 1000, act);
  }

  /** Resolves after `cloudSeconds`; never, once cleared. */
  pause(cloudSeconds: number): Promise<void> {
    return new Promise((resolve) => this.after(cloudSeconds, resolve));
  }

  clear(): void {
    for (const timer of this.#pending) clearTimeout(timer);
    this.#pending.clear();
  }

  // setTimeout takes at most 2^31-1 ms and fires at once beyond it: longer waits go in steps.
  #schedule(ms: number, act: () => void): Cancel {
    let timer: NodeJS.Timeout;
    const step = (left: number): void => {
      const now = Math.min(left, 2 ** 31 - 1);
      timer = setTimeout(() => {
        this.#pending.delete(timer);
        if (left > now) step(left - now);
        else act();
      }, now);
      this.#pending.add(timer);
    };
    step(Math.max(0, ms));
    return () => {
      clearTimeout(timer);
      this.#pending.delete(timer);
    };
  }
}
