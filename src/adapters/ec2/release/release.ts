// Giving back: terminated, asked for again until EC2 says so; then proved, by asking for what should not be there.

import type { Instance } from "@aws-sdk/client-ec2";
import type { ReleaseProof } from "../../../domain/run/events.ts";
import { LedgerState } from "../../../domain/cloud/ledger.ts";
import type { ProvisionOrder } from "../../../ports/cloud/provisioner.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { AwsAccount } from "../../aws/account.ts";
import { awsCode, awsError, isAuthError, isTransient } from "../../aws/errors.ts";
import { agreeing_s, ending_s, instancesOfRun, isAlive, isTerminated } from "../describe-instances.ts";
import { deadlineTag, tagValue } from "../tags.ts";
import { cancelSpotRequests, openSpotRequests } from "./spot-requests.ts";

/** How often a machine that EC2 does not know is asked to end again, in growing steps: about two minutes in all. */
const unknownTries = 8;

/**
 * Ends `ids`, one by one where EC2 does not know one of them. Seconds of NotFound are borne, since a machine just
 * launched may be unknown; one that stays unknown has ended long ago, or was never: to prove that is `provedAbsence`'s.
 */
export async function terminate(
  account: AwsAccount,
  clock: Clock,
  order: Pick<ProvisionOrder, "ledger">,
  ids: readonly string[],
): Promise<void> {
  const waiting = new Set(ids);
  for (let attempt = 0; waiting.size > 0; attempt++) {
    await terminateOnce(account, waiting);
    if (waiting.size === 0 || attempt === unknownTries) break;
    await clock.sleep(account.timeScale * Math.min(15, 2 ** attempt));
  }
  const taken = ids.filter((id) => !waiting.has(id));
  if (taken.length > 0) await order.ledger.write({ kind: "terminated", ids: taken });
}

async function terminateOnce(account: AwsAccount, waiting: Set<string>): Promise<void> {
  // One bad id fails a whole call: after a failure each goes by itself.
  for (const batch of [[...waiting], ...[...waiting].map((id) => [id])]) {
    const left = batch.filter((id) => waiting.has(id));
    if (left.length === 0) continue;
    try {
      await account.ec2.send(new account.sdk.TerminateInstancesCommand({ InstanceIds: left }));
      for (const id of left) waiting.delete(id);
    } catch (error) {
      // The service or the network failed: it is asked again, as for an id that it does not know yet.
      if (isTransient(error)) return;
      if (isAuthError(error)) throw awsError(error, `ending ${left.join(", ")}`);
      if (awsCode(error) !== "InvalidInstanceID.NotFound" && left.length === 1)
        throw awsError(error, `ending ${left.join(", ")}`);
    }
  }
}

/** Ends everything that the run launched, by the ledger and by what its tokens launched without our knowing. */
export async function releaseAll(account: AwsAccount, clock: Clock, order: ProvisionOrder): Promise<void> {
  const known = await launchedIds(account, order);
  // Cancelled first, so that none launches anew what is being ended; what keeps us from that keeps us not from ending.
  const spot = order.plan.spec.spot === true && (await everAsked(order));
  const fault = spot ? await cancelSpotRequests(account, order.plan.run).catch((error: unknown) => error) : undefined;
  if (known.size > 0) {
    order.observe({ what: "releasing", count: known.size });
    await terminate(account, clock, order, [...known]);
  }
  if (fault !== undefined) throw fault;
}

/** Whether any launch was ever asked for: else there is nothing to look for. */
async function everAsked({ ledger }: ProvisionOrder): Promise<boolean> {
  return LedgerState.of(await ledger.entries()).launches.length > 0;
}

/** What is left for a look, on purpose: the run's machines that live, and until when. None of them: undefined. */
export async function keepAlive(account: AwsAccount, order: ProvisionOrder): Promise<ReleaseProof | undefined> {
  await launchedIds(account, order);
  const state = LedgerState.of(await order.ledger.entries());
  const { tokens } = state;
  if (tokens.length === 0) return undefined;
  const alive = (await instancesOfRun(account, order.plan.run, tokens)).filter(isAlive);
  const ids = alive.flatMap((instance) => instance.InstanceId ?? []).sort();
  const until = alive.flatMap(({ Tags: tags = [] }) => tagValue(tags, deadlineTag) ?? []).sort();
  if (ids.length === 0) return undefined;
  return { state: "kept", ids, until: until.at(-1) ?? "their deadline", region: account.region };
}

/** Ids of everything that the run launched; what only its tokens know goes into the ledger, too. */
async function launchedIds(account: AwsAccount, order: ProvisionOrder): Promise<Set<string>> {
  const state = LedgerState.of(await order.ledger.entries());
  // EC2 forgets a machine an hour after its end: one that it took is not ended again, but looked for by proveReleased.
  const known = new Set(state.living);
  const open = state.open.map(({ token }) => token);
  if (open.length > 0) {
    const found = await instancesOfRun(account, order.plan.run, open);
    for (const token of open) {
      const ids = found
        .filter((instance) => instance.ClientToken === token)
        .flatMap((instance) => instance.InstanceId ?? []);
      for (const id of ids) known.add(id);
      if (ids.length > 0) await order.ledger.write({ kind: "launched", token, ids });
    }
  }
  return known;
}

/**
 * The run's instances that are still there, by id. What is open in the ledger gets its outcome, and what EC2 has under
 * the run's tag or tokens beside `known` is ended: its launch was never told to anybody.
 */
export async function recoverInstances(
  account: AwsAccount,
  clock: Clock,
  order: ProvisionOrder,
  known: ReadonlySet<string>,
): Promise<Set<string>> {
  const state = LedgerState.of(await order.ledger.entries());
  const { tokens } = state;
  if (tokens.length === 0) return new Set();
  const first = await instancesOfRun(account, order.plan.run, tokens);
  const launched = new Set(state.launched);
  // Not there once may be EC2's delay; an hour after its end EC2 knows an instance no more.
  const absent = launched.size > first.filter(({ InstanceId = "" }) => launched.has(InstanceId)).length;
  if (absent) await clock.sleep(agreeing_s * account.timeScale, order.signal);
  const all = absent ? await instancesOfRun(account, order.plan.run, tokens) : first;
  const found = all.filter(isAlive);
  const idOf = ({ InstanceId = "" }: Instance): string => InstanceId;
  const rest = new Set(all.filter((instance) => !isTerminated(instance)).map(idOf));
  const gone = [...launched].filter((id) => !rest.has(id));
  if (gone.length > 0) await order.ledger.write({ kind: "terminated", ids: gone });
  for (const { token } of state.open) {
    const ids = found.filter((one) => one.ClientToken === token).map(idOf);
    if (ids.length > 0) await order.ledger.write({ kind: "launched", token, ids });
    else await order.ledger.write({ kind: "not-launched", token, reason: "EC2 has nothing of it" });
  }
  const unknown = found.map(idOf).filter((id) => !known.has(id));
  await terminate(account, clock, order, unknown);
  return new Set(found.map(idOf).filter((id) => known.has(id)));
}

/**
 * Whether anything of the run is left. `none` is said only where every intent has an outcome and EC2, asked by tag and
 * by token, all pages, twice 30 s apart, names nothing that is not terminated.
 */
export async function proveReleased(account: AwsAccount, clock: Clock, order: ProvisionOrder): Promise<ReleaseProof> {
  const state = LedgerState.of(await order.ledger.entries());
  const { tokens } = state;
  if (tokens.length === 0) return { state: "nothing-leased" };
  const ours = new Set(state.launched);
  const left = async (): Promise<string[]> => {
    const found = await instancesOfRun(account, order.plan.run, tokens);
    return found.filter((instance) => !isTerminated(instance)).flatMap((instance) => instance.InstanceId ?? []);
  };

  const deadline_s = clock.monotonic_s() + ending_s * account.timeScale;
  let still = await left();
  // Only what we ended is waited for: what we never launched will not end by waiting.
  while (still.some((id) => ours.has(id)) && clock.monotonic_s() < deadline_s) {
    await clock.sleep(2 * account.timeScale);
    still = await left();
  }
  if (still.length === 0) {
    await clock.sleep(agreeing_s * account.timeScale);
    still = await left();
  }
  const open = LedgerState.of(await order.ledger.entries()).open.map(({ token }) => token);
  if (still.length > 0) return { state: "left", ids: still, reason: "EC2 still has them" };
  const requests = order.plan.spec.spot === true ? await openSpotRequests(account, order.plan.run) : [];
  if (requests.length > 0) return { state: "left", ids: requests, reason: "these spot requests are still open" };
  if (open.length > 0)
    return { state: "left", ids: [], reason: `nobody knows what became of the launch ${open.join(", ")}` };
  return { state: "none" };
}
