// A sweep: finds leftovers, ends those that should be gone, and searches again.

import { defined } from "../domain/defined.ts";
import { type SweepAction, sweepActionFor, type Leftover, type SweepScope } from "../domain/cloud/leftover.ts";
import type { Sweeper } from "../ports/cloud/sweeper.ts";

/** Ending a machine may reveal a volume that outlived it: this is the most passes over all leftovers. */
const passes = 4;

export interface SweepRequest {
  /** Only leftovers of this run, whatever their deadlines. */
  readonly run?: string;
  /** Whether other owners' leftovers are shown, too. */
  readonly allOwners: boolean;
  /**
   * Asks whether to end other owners' leftovers that should be gone. It is called at most once, and only if there are
   * any.
   */
  readonly agrees: (others: readonly Leftover[]) => Promise<boolean>;
  /** Receives the leftovers that are about to be ended. */
  readonly ending: (leftovers: readonly Leftover[]) => void;
  /** Receives what keeps a leftover from ending. */
  readonly say: (text: string) => void;
}

export interface SweepResult {
  readonly region: string;
  readonly owner: string;
  readonly at: Date;
  /** The leftovers that were shown, each with its outcome. */
  readonly found: readonly {
    readonly leftover: Leftover;
    readonly became: "ended" | "left" | "stays" | "no deadline";
  }[];
  /** The number of other owners' leftovers, which were not examined. */
  readonly others: number;
  /** Ids of leftovers that should be gone, and are not or may not be. */
  readonly left: readonly string[];
}

/**
 * Finds and ends leftovers.
 *
 * @throws TimetrialError NO_CREDENTIALS, REGION_UNKNOWN, CLOUD if the account could not be queried at all
 */
export async function sweep(sweeper: Sweeper, request: SweepRequest): Promise<SweepResult> {
  const { owner, region } = sweeper;
  const state: SweepState = { found: new Map(), ended: new Set(), still: new Set(), agreed: undefined };
  let others = 0;
  // The cloud's time is known once it has answered.
  let looked = await sweeper.look();
  const scope: SweepScope = { owner, now: sweeper.now(), ...defined({ run: request.run }) };
  for (let pass = 0; pass < passes; pass++) {
    if (pass > 0) looked = await sweeper.look();
    const all = looked.filter(({ run }) => request.run === undefined || run === request.run);
    const shown = all.filter((leftover) => request.allOwners || leftover.owner === owner);
    if (pass === 0) others = all.length - shown.length;
    for (const leftover of shown) state.found.set(leftover.id, { leftover, fate: sweepActionFor(leftover, scope) });
    if (!(await endDue(sweeper, request, state, shown))) break;
  }
  const found = [...state.found.values()].map((entry) => ({
    leftover: entry.leftover,
    became: outcomeOf(entry, state),
  }));
  const left = found.flatMap(({ leftover, became }) => (["left", "no deadline"].includes(became) ? [leftover.id] : []));
  return { region, owner, at: scope.now, others, found, left };
}

interface SweepState {
  /** By id: the leftovers shown, with what to do with each. */
  readonly found: Map<string, { readonly leftover: Leftover; readonly fate: SweepAction }>;
  /** Ids of the leftovers that the sweep has ended. */
  readonly ended: Set<string>;
  /** Those of `ended` that still exist, or may. */
  readonly still: Set<string>;
  /** Whether other owners' leftovers may be ended; undefined until the user was asked. */
  agreed: boolean | undefined;
}

/**
 * Makes one pass: ends the leftovers in `shown` that should be gone and that no earlier pass ended. Returns whether
 * there were any.
 */
async function endDue(
  sweeper: Sweeper,
  request: SweepRequest,
  state: SweepState,
  shown: readonly Leftover[],
): Promise<boolean> {
  const fateOf = ({ id }: Leftover): SweepAction | undefined => state.found.get(id)?.fate;
  const due = shown.filter(({ id }) => !state.ended.has(id));
  const asked = due.filter((leftover) => fateOf(leftover) === "ask");
  if (asked.length > 0) state.agreed ??= await request.agrees(asked);
  const ending = due.filter(
    (leftover) => fateOf(leftover) === "end" || (fateOf(leftover) === "ask" && state.agreed === true),
  );
  if (ending.length === 0) return false;
  request.ending(ending);
  for (const { id } of ending) state.ended.add(id);
  for (const id of await sweeper.end(ending, request.say)) state.still.add(id);
  return true;
}

function outcomeOf(
  { leftover: { id }, fate }: { readonly leftover: Leftover; readonly fate: SweepAction },
  { ended, still }: SweepState,
): SweepResult["found"][number]["became"] {
  if (still.has(id) || (fate === "ask" && !ended.has(id))) return "left";
  if (ended.has(id)) return "ended";
  return fate === "no deadline" ? fate : "stays";
}
