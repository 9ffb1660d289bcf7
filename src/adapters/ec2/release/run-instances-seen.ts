// What EC2 shows of a run. A ledger, which may be a stranger's, only says where to look: a machine is the run's where EC2
// itself shows it with the run's tag, or named it as launched to this very process.

import type { Instance } from "@aws-sdk/client-ec2";
import type { LedgerState } from "../../../domain/cloud/ledger.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { AwsAccount } from "../../aws/account.ts";
import { isTransient } from "../../aws/errors.ts";
import { describeInstances, ending_s, instancesByToken, instancesOfRun, isTerminated } from "../describe-instances.ts";
import { runTag, tagValue } from "../tags.ts";

/** EC2 shows a machine for so long after its end: one that is younger and not shown has not ended here. Seconds. */
const remembered_s = 3600;

export interface RunInstancesSeen {
  /** Machines that bear the run's tag, ended ones included. By id. */
  readonly ours: ReadonlyMap<string, Instance>;
  /** Ids of machines that the ledger names, and that do not bear the run's tag; those that have ended are not among them. */
  readonly foreign: readonly string[];
  /** Ids of machines that the ledger has as launched, and that EC2 does not show. */
  readonly unseen: readonly string[];
}

/** Asks for the run's machines by its tag, by its launches' tokens and by the ids in its ledger. @throws TimetrialError */
export async function lookForRun(account: AwsAccount, run: string, state: LedgerState): Promise<RunInstancesSeen> {
  const found = new Map<string, Instance>();
  const add = (instances: readonly Instance[]): void => {
    for (const one of instances) found.set(one.InstanceId ?? "", one);
  };
  add(await instancesOfRun(account, run));
  add(await instancesByToken(account, state.tokens));
  const rest = state.living.filter((id) => !found.has(id));
  for (let at = 0; at < rest.length; at += 200)
    add(await describeInstances(account, [{ Name: "instance-id", Values: rest.slice(at, at + 200) }]));
  const isOurs = ({ Tags: tags }: Instance): boolean => tagValue(tags, runTag) === run;
  return {
    ours: new Map([...found].filter(([, one]) => isOurs(one))),
    foreign: [...found].flatMap(([id, one]) => (isOurs(one) || isTerminated(one) ? [] : [id])),
    unseen: state.living.filter((id) => !found.has(id)),
  };
}

/** Whether EC2 would still show the machine `id`, had it ended here: then not to show it is no proof of its end. */
export function wouldBeShown(id: string, state: LedgerState, { timeScale }: AwsAccount, clock: Clock): boolean {
  const launch = state.launches.find(({ ids }) => ids.includes(id));
  const age_ms = clock.now().getTime() - Date.parse(launch?.intent.at ?? "");
  return !(age_ms > remembered_s * 1000 * timeScale);
}

/** Does `ask` until it is answered: a service or a network that fails for a while is no answer. @throws what is thrown last */
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
