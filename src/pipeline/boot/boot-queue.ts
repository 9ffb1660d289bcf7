// Which boot comes when. The first of each side is over before any other of it is launched, since it fills caches for
// them; then round by round, each side once, the sides of a round in a seeded order.

import type { BootSide, BootSpec } from "../../domain/boot/boot.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { seededRandom, shuffled } from "../../domain/random.ts";

/** One boot that is to be made. */
export interface BootTask {
  readonly side: BootSide;
  readonly number: number;
  readonly warmup: boolean;
}

/** Ends a run when what is under way is over, where all else that is thrown ends that, too. */
export class StopAfterCurrent extends Error {
  override readonly cause: TimetrialError;

  constructor(cause: TimetrialError) {
    super(cause.message, { cause });
    this.cause = cause;
  }
}

/** All boots in their order: lots of which each is over before the next begins. */
export function bootBatches({ sides, boots, seed }: BootSpec): BootTask[][] {
  const draw = seededRandom(seed);
  const [first = [], ...others] = Array.from({ length: boots }, (_, round) =>
    shuffled(sides, draw).map((side) => ({ side, number: round + 1, warmup: round === 0 && boots > 1 })),
  );
  return [first, others.flat()];
}

/**
 * Does `work` on all of `lots`, `most` at once. The first that fails stops the others; none begins after a Halt.
 *
 * @throws what was thrown first, when all have ended; of a Halt its cause
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
  // A fault of what was under way says more than why no more was begun.
  const fault = faults.find((one) => !(one instanceof StopAfterCurrent)) ?? faults[0];
  if (fault !== undefined) throw fault instanceof StopAfterCurrent ? fault.cause : fault;
}
