// A sweep: what is left is looked for, what should be gone is ended, and looked for once more.

import { type SweepAction, sweepActionFor, type Leftover, type SweepScope } from "../domain/cloud/leftover.ts";
import type { Sweeper } from "../ports/cloud/sweeper.ts";

/** A machine's end may lay bare a volume that outlived it: so often all is looked at again. */
const passes = 4;

export interface SweepRequest {
  /** All of this run, whatever its deadline. */
  readonly run?: string;
  /** Others' are shown too. */
  readonly allOwners: boolean;
  /** Whether others', which should be gone, are to be ended: asked at most once, and only where there are any. */
  readonly agrees: (others: readonly Leftover[]) => Promise<boolean>;
  readonly now: () => Date;
  /** Told of each leftover that is about to be ended, and of what keeps it from ending. */
  readonly ending: (leftovers: readonly Leftover[]) => void;
  readonly say: (text: string) => void;
}

export interface SweepResult {
  readonly region: string;
  readonly owner: string;
  readonly at: Date;
  /** What was found and is shown, each with what became of it. */
  readonly found: readonly {
    readonly leftover: Leftover;
    readonly became: "ended" | "left" | "stays" | "no deadline";
  }[];
  /** How many of others' were not looked at. */
  readonly others: number;
  /** Ids of those that should be gone, and are not or may not be. */
  readonly left: readonly string[];
}

/** @throws TimetrialError NO_CREDENTIALS, REGION_UNKNOWN, CLOUD where nobody could be asked at all */
export async function sweep(sweeper: Sweeper, wish: SweepRequest): Promise<SweepResult> {
  const { owner, region } = sweeper;
  const order: SweepScope = { owner, now: wish.now(), ...(wish.run === undefined ? {} : { run: wish.run }) };
  const found = new Map<string, { leftover: Leftover; fate: SweepAction }>();
  const ended = new Set<string>();
  let others = 0;
  let agreed: boolean | undefined;
  let still: readonly string[] = [];
  for (let pass = 0; pass < passes; pass++) {
    const all = (await sweeper.look()).filter(({ run }) => wish.run === undefined || run === wish.run);
    const shown = all.filter((one) => wish.allOwners || one.owner === owner);
    if (pass === 0) others = all.length - shown.length;
    for (const leftover of shown) found.set(leftover.id, { leftover, fate: sweepActionFor(leftover, order) });
    const due = shown.filter(({ id }) => !ended.has(id));
    const asked = due.filter((one) => sweepActionFor(one, order) === "ask");
    if (asked.length > 0) agreed ??= await wish.agrees(asked);
    const fates: readonly SweepAction[] = agreed === true ? ["end", "ask"] : ["end"];
    const ending = due.filter((one) => fates.includes(sweepActionFor(one, order)));
    if (ending.length === 0) break;
    wish.ending(ending);
    for (const { id } of ending) ended.add(id);
    still = [...still, ...(await sweeper.end(ending, wish.say))];
  }
  const isLeft = (id: string, fate: SweepAction): boolean => still.includes(id) || (fate === "ask" && !ended.has(id));
  return {
    region,
    owner,
    at: order.now,
    others,
    found: [...found.values()].map(({ leftover, fate }) => ({
      leftover,
      became: isLeft(leftover.id, fate)
        ? "left"
        : ended.has(leftover.id)
          ? "ended"
          : fate === "no deadline"
            ? fate
            : "stays",
    })),
    left: [...found].flatMap(([id, { fate }]) => (isLeft(id, fate) || fate === "no deadline" ? [id] : [])),
  };
}
