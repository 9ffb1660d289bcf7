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
export async function sweep(sweeper: Sweeper, request: SweepRequest): Promise<SweepResult> {
  const { owner, region } = sweeper;
  const scope: SweepScope = { owner, now: request.now(), ...(request.run === undefined ? {} : { run: request.run }) };
  const state: SweepState = { found: new Map(), ended: new Set(), still: new Set(), agreed: undefined };
  let others = 0;
  for (let pass = 0; pass < passes; pass++) {
    const all = (await sweeper.look()).filter(({ run }) => request.run === undefined || run === request.run);
    const shown = all.filter((one) => request.allOwners || one.owner === owner);
    if (pass === 0) others = all.length - shown.length;
    for (const leftover of shown) state.found.set(leftover.id, { leftover, fate: sweepActionFor(leftover, scope) });
    if (!(await endDue(sweeper, request, state, shown))) break;
  }
  const found = [...state.found.values()].map((one) => ({ leftover: one.leftover, became: outcomeOf(one, state) }));
  const left = found.flatMap(({ leftover, became }) => (["left", "no deadline"].includes(became) ? [leftover.id] : []));
  return { region, owner, at: scope.now, others, found, left };
}

interface SweepState {
  /** By id: all that was shown, with what is to be done with it. */
  readonly found: Map<string, { readonly leftover: Leftover; readonly fate: SweepAction }>;
  /** Ids of what was told to end. */
  readonly ended: Set<string>;
  /** Of those, what is there still, or may be. */
  readonly still: Set<string>;
  /** Whether others' may be ended; undefined while nobody was asked. */
  agreed: boolean | undefined;
}

/** One pass: ends what is due among `shown`, as far as it was not told to end before. Whether there was any. */
async function endDue(
  sweeper: Sweeper,
  request: SweepRequest,
  state: SweepState,
  shown: readonly Leftover[],
): Promise<boolean> {
  const fateOf = ({ id }: Leftover): SweepAction | undefined => state.found.get(id)?.fate;
  const due = shown.filter(({ id }) => !state.ended.has(id));
  const asked = due.filter((one) => fateOf(one) === "ask");
  if (asked.length > 0) state.agreed ??= await request.agrees(asked);
  const ending = due.filter((one) => fateOf(one) === "end" || (fateOf(one) === "ask" && state.agreed === true));
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
