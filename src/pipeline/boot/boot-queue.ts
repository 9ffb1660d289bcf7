// The order of the boots. The first boot of each side is over before any other boot is launched, since it fills caches
// for them. Then come the rounds: each side once, in a seeded order.

import type { BootSide, BootSpec } from "../../domain/boot/boot.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { seededRandom, shuffled } from "../../domain/random.ts";

/** One boot to make. */
export interface BootTask {
  readonly side: BootSide;
  readonly number: number;
  readonly warmup: boolean;
}

/** Ends a run after the current boots. Any other error ends the current boots, too. */
export class StopAfterCurrent extends Error {
  override readonly cause: TimetrialError;

  constructor(cause: TimetrialError) {
    super(cause.message, { cause });
    this.cause = cause;
  }
}

/** Returns all boots in their order, in lots: each lot is over before the next begins. */
export function bootBatches({ sides, boots, seed }: BootSpec): BootTask[][] {
  const draw = seededRandom(seed);
  const [first = [], ...others] = Array.from({ length: boots }, (_, round) =>
    shuffled(sides, draw).map((side) => ({ side, number: round + 1, warmup: round === 0 && boots > 1 })),
  );
  return [first, others.flat()];
}

/**
 * Calls `work` for all items of `lots`, `most` at once. The first error stops the other calls. After a StopAfterCurrent
 * no new call begins.
 *
 * @throws the first error, once all calls have ended; of a StopAfterCurrent its cause
 */
export async function runQueue<T>(
  lots: readonly (readonly T[])[],
  most: number,
  stop: AbortController,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const faults: unknown[] = [];
  for (const lot of lots) {
    const waiting = [...lot];
    const worker = async (): Promise<void> => {
      for (let item = waiting.shift(); item !== undefined && faults.length === 0; item = waiting.shift()) {
        try {
          await work(item);
        } catch (error) {
          faults.push(error);
          if (!(error instanceof StopAfterCurrent))
            stop.abort(new TimetrialError("CLOUD", "another boot of this run failed", { cause: error }));
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(most, lot.length) }, worker));
  }
  // An error of a call says more than the reason for not beginning another.
  const fault = faults.find((each) => !(each instanceof StopAfterCurrent)) ?? faults[0];
  if (fault !== undefined) throw fault instanceof StopAfterCurrent ? fault.cause : fault;
}
