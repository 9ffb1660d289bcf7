// What EC2 shows of a run. A ledger may come from a stranger, so it only tells where to look. An instance belongs to
// the run if EC2 shows it with the run's tag, or returned it as launched to this very process.

import type { Instance } from "@aws-sdk/client-ec2";
import type { LedgerState } from "../../../domain/cloud/ledger.ts";
import type { Clock } from "../../../ports/clock.ts";
import { type AwsAccount, cloudTime } from "../../aws/account.ts";
import { isTransient } from "../../aws/errors.ts";
import { ending_s, instancesById, instancesByToken, instancesOfRun, isTerminated } from "../describe-instances.ts";
import { runTag, tagValue } from "../tags.ts";

/**
 * EC2 shows an instance this long after its termination. A younger one that is not shown did not terminate here.
 * Seconds.
 */
const remembered_s = 3600;

export interface RunInstancesSeen {
  /** Instances with the run's tag, terminated ones included. By id. */
  readonly ours: ReadonlyMap<string, Instance>;
  /** Ids of instances that the ledger names but that lack the run's tag. Terminated ones are left out. */
  readonly foreign: readonly string[];
  /** Ids of instances that the ledger has as launched, but that EC2 does not show. */
  readonly unseen: readonly string[];
}

/**
 * Queries EC2 for the run's instances: by its tag, by its launches' client tokens and by the ids in its ledger.
 *
 * @throws TimetrialError
 */
export async function lookForRun(account: AwsAccount, run: string, state: LedgerState): Promise<RunInstancesSeen> {
  const found = new Map<string, Instance>();
  const add = (instances: readonly Instance[]): void => {
    for (const instance of instances) found.set(instance.InstanceId ?? "", instance);
  };
  add(await instancesOfRun(account, run));
  add(await instancesByToken(account, state.tokens));
  const rest = state.living.filter((id) => !found.has(id));
  add(await instancesById(account, rest));
  const isOurs = ({ Tags: tags }: Instance): boolean => tagValue(tags, runTag) === run;
  return {
    ours: new Map([...found].filter(([, instance]) => isOurs(instance))),
    foreign: [...found].flatMap(([id, instance]) => (isOurs(instance) || isTerminated(instance) ? [] : [id])),
    unseen: state.living.filter((id) => !found.has(id)),
  };
}

/** Returns whether EC2 would still show instance `id` had it terminated here. If so, its absence proves nothing. */
export function wouldStillShow(id: string, state: LedgerState, account: AwsAccount, clock: Clock): boolean {
  const intent = state.launches.find(({ ids }) => ids.includes(id))?.intent;
  const age_ms = cloudTime(account, clock).getTime() - Date.parse(intent?.requested_at ?? intent?.at ?? "");
  return !(age_ms > remembered_s * 1000 * account.timeScale);
}

/**
 * Calls `ask`, and retries while the service or the network fails, for as long as an instance may take to terminate.
 *
 * @throws the last error
 */
export async function patiently<T>(
  { timeScale }: AwsAccount,
  clock: Clock,
  ask: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const until_s = clock.monotonic_s() + ending_s * timeScale;
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (!isTransient(error) || clock.monotonic_s() >= until_s) throw error;
      await clock.sleep(timeScale * Math.min(15, 2 ** attempt), signal);
    }
  }
}
