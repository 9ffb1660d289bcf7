// Gives instances back: terminates them, with retries until EC2 accepts, then proves that nothing is left by searching
// for it.

import type { Instance } from "@aws-sdk/client-ec2";
import type { ReleaseProof } from "../../../domain/run/events.ts";
import { LedgerState } from "../../../domain/cloud/ledger.ts";
import { lotsOf } from "../../../domain/lots.ts";
import type { ProvisionOrder } from "../../../ports/cloud/provisioner.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { AwsAccount } from "../../aws/account.ts";
import { awsCode, awsError, isAuthError, isTransient } from "../../aws/errors.ts";
import { agreeing_s, ending_s, instancesOfRun, isAlive, isTerminated } from "../describe-instances.ts";
import { deadlineTag, tagValue } from "../tags.ts";
import { lookForRun, patiently, type RunInstancesSeen, wouldStillShow } from "./run-instances-seen.ts";
import { refuseOtherAccount } from "./run-account.ts";
import { cancelSpotRequests, openSpotRequests } from "./spot-requests.ts";

/**
 * How many times an instance that EC2 does not know is terminated again, with growing pauses: about two minutes in all.
 */
const unknownTries = 8;
/** The most instances that EC2 terminates by one call. */
const mostAtOnce = 1000;

/**
 * Terminates `ids`, one by one if EC2 does not know one of them. It retries after NotFound, since a new instance may be
 * unknown for seconds. One that stays unknown is not recorded as terminated. It retries failures of service and network
 * for as long as an instance may take to terminate.
 *
 * @throws TimetrialError NO_CREDENTIALS, CLOUD
 */
export async function terminate(
  account: AwsAccount,
  clock: Clock,
  order: Pick<ProvisionOrder, "ledger">,
  ids: readonly string[],
): Promise<void> {
  const waiting = new Set(ids);
  const until_s = clock.monotonic_s() + ending_s * account.timeScale;
  for (let [attempt, unknown] = [0, 0]; waiting.size > 0; attempt++) {
    const isAnswered = await terminateOnce(account, waiting);
    if (isAnswered) unknown += 1;
    if (waiting.size === 0 || unknown > unknownTries || clock.monotonic_s() > until_s) break;
    await clock.sleep(account.timeScale * Math.min(15, 2 ** attempt));
  }
  const taken = ids.filter((id) => !waiting.has(id));
  if (taken.length > 0) await order.ledger.write({ kind: "terminated", ids: taken });
}

/** Terminates what EC2 accepts, and removes it from `waiting`. Returns whether EC2 responded. */
async function terminateOnce(account: AwsAccount, waiting: Set<string>): Promise<boolean> {
  const ids = [...waiting];
  // One bad id fails a whole call: after a failure, each id gets its own call.
  for (const batch of [...lotsOf(ids, mostAtOnce), ...ids.map((id) => [id])]) {
    const left = batch.filter((id) => waiting.has(id));
    if (left.length === 0) continue;
    try {
      await account.ec2.send(new account.sdk.TerminateInstancesCommand({ InstanceIds: left }));
      for (const id of left) waiting.delete(id);
    } catch (error) {
      if (isTransient(error)) return false;
      if (isAuthError(error)) throw awsError(error, `ending ${left.join(", ")}`);
      if (awsCode(error) !== "InvalidInstanceID.NotFound" && left.length === 1)
        throw awsError(error, `ending ${left.join(", ")}`);
    }
  }
  return true;
}

/** Terminates all live instances of the run: those that EC2 shows with its tag, and those returned to this process. */
export async function releaseAll(account: AwsAccount, clock: Clock, order: ProvisionOrder): Promise<void> {
  if (!(await anyLaunchRequested(order))) return;
  await refuseOtherAccount(account, await order.ledger.entries());
  const { run, spec } = order.plan;
  // Spot requests are cancelled first, so that none launches a replacement. A failure here must not stop the
  // terminations.
  const fault =
    spec.spot === true ? await cancelSpotRequests(account, run).catch((error: unknown) => error) : undefined;
  const seen = await waitUntilShown(account, clock, order);
  const shown = [...seen.ours.values()].filter((instance) => !isEnding(instance)).map(idOf);
  // EC2 is eventually consistent: it may not yet show an instance that it returned to this process as launched.
  const named = seen.unseen.filter((id) => account.launched.has(id));
  const ids = new Set([...shown, ...named]);
  const launched = new Set([...LedgerState.of(await order.ledger.entries()).launched, ...account.launched]);
  const strange = shown.filter((id) => !launched.has(id));
  if (strange.length > 0)
    order.observe({
      what: "note",
      text: `EC2 shows the run's tag on ${strange.join(", ")}, not launched by it: ended too`,
    });
  if (ids.size > 0) {
    order.observe({ what: "releasing", count: ids.size });
    await terminate(account, clock, order, [...ids]);
  }
  if (fault !== undefined) throw fault;
}

/** Returns whether any launch was ever requested. If not, there is nothing to search for. */
async function anyLaunchRequested({ ledger }: ProvisionOrder): Promise<boolean> {
  return LedgerState.of(await ledger.entries()).launches.length > 0;
}

/**
 * Returns the run's instances, once EC2 shows all that it should. It waits up to two minutes: EC2 is eventually
 * consistent.
 */
async function waitUntilShown(account: AwsAccount, clock: Clock, order: ProvisionOrder): Promise<RunInstancesSeen> {
  for (let attempt = 0; ; attempt++) {
    const seen = await patiently(account, clock, () => resolveOpenIntents(account, order));
    const state = LedgerState.of(await order.ledger.entries());
    const awaited = seen.unseen.filter((id) => !account.launched.has(id) && wouldStillShow(id, state, account, clock));
    if (awaited.length === 0 || attempt === unknownTries) return seen;
    await clock.sleep(account.timeScale * Math.min(15, 2 ** attempt));
  }
}

/**
 * Queries the run's instances. If EC2 shows the instances of a launch with an open outcome, the ledger gets the
 * outcome.
 */
async function resolveOpenIntents(account: AwsAccount, { ledger, plan }: ProvisionOrder): Promise<RunInstancesSeen> {
  const state = LedgerState.of(await ledger.entries());
  const seen = await lookForRun(account, plan.run, state);
  for (const { token } of state.open) {
    const ids = [...seen.ours.values()].filter((instance) => instance.ClientToken === token).map(idOf);
    if (ids.length > 0) await ledger.write({ kind: "launched", token, ids });
  }
  return seen;
}

/** Returns the run's live instances, kept on purpose for inspection, and until when; undefined if there are none. */
export async function keepAlive(account: AwsAccount, order: ProvisionOrder): Promise<ReleaseProof | undefined> {
  if (!(await anyLaunchRequested(order))) return undefined;
  await refuseOtherAccount(account, await order.ledger.entries());
  const alive = [...(await resolveOpenIntents(account, order)).ours.values()].filter(isAlive);
  const ids = alive.map(idOf).sort();
  const until = alive.flatMap(({ Tags: tags }) => tagValue(tags, deadlineTag) ?? []).sort();
  if (ids.length === 0) return undefined;
  return { state: "kept", ids, until: until.at(-1) ?? "their deadline", region: account.region };
}

/**
 * Returns the ids of the run's instances that are still alive. Launches with an open outcome get it in the ledger.
 * Instances with the run's tag that are not in `known` are terminated: no client knows of their launch.
 *
 * @throws TimetrialError LEFT_RUNNING, REFUSED, NO_CREDENTIALS, CLOUD
 */
export async function recoverInstances(
  account: AwsAccount,
  clock: Clock,
  order: ProvisionOrder,
  known: ReadonlySet<string>,
): Promise<Set<string>> {
  const { ledger, plan, signal } = order;
  await refuseOtherAccount(account, await ledger.entries());
  const state = LedgerState.of(await ledger.entries());
  if (state.launches.length === 0) return new Set();
  let seen = await lookForRun(account, plan.run, state);
  // An instance that is missing once may be EC2's delay.
  if (seen.unseen.length > 0 || state.open.length > 0) {
    await clock.sleep(agreeing_s * account.timeScale, signal);
    seen = await lookForRun(account, plan.run, state);
  }
  const all = [...seen.ours.values()];
  const ended = new Set(all.filter(isTerminated).map(idOf));
  const forgotten = seen.unseen.filter((id) => !wouldStillShow(id, state, account, clock));
  const gone = [...state.living.filter((id) => ended.has(id)), ...forgotten];
  if (gone.length > 0) await ledger.write({ kind: "terminated", ids: gone });
  for (const { token } of state.open) {
    const ids = all.filter((instance) => instance.ClientToken === token).map(idOf);
    if (ids.length > 0) await ledger.write({ kind: "launched", token, ids });
    else await ledger.write({ kind: "not-launched", token, reason: "EC2 has nothing of it" });
  }
  const alive = all.filter(isAlive).map(idOf);
  await terminate(account, clock, order, alive.filter((id) => !known.has(id))); // prettier-ignore
  return new Set(alive.filter((id) => known.has(id)));
}

function isEnding({ State: state }: Instance): boolean {
  return state?.Name === "terminated" || state?.Name === "shutting-down";
}

function idOf({ InstanceId = "" }: Instance): string {
  return InstanceId;
}

/**
 * Proves that nothing of the run is left. The state is `none` only if every intent has an outcome and two searches of
 * EC2 30 s apart, by tag, token and id, all pages, show nothing that is not terminated. A service or a network that
 * fails for a while is no response.
 */
export async function proveReleased(account: AwsAccount, clock: Clock, order: ProvisionOrder): Promise<ReleaseProof> {
  if (!(await anyLaunchRequested(order))) return { state: "nothing-leased" };
  await refuseOtherAccount(account, await order.ledger.entries());
  const { run, spec } = order.plan;
  const state = LedgerState.of(await order.ledger.entries());
  const look = (): Promise<RunInstancesSeen> => patiently(account, clock, () => lookForRun(account, run, state));
  const left = ({ ours }: RunInstancesSeen): string[] =>
    [...ours.values()].filter((instance) => !isTerminated(instance)).map(idOf);

  const deadline_s = clock.monotonic_s() + ending_s * account.timeScale;
  let seen = await look();
  // Of instances that still end, the tag tells enough.
  const isAnyShown = async (): Promise<boolean> =>
    (await patiently(account, clock, () => instancesOfRun(account, run))).some((instance) => !isTerminated(instance));
  while (left(seen).length > 0 && clock.monotonic_s() < deadline_s) {
    await clock.sleep(2 * account.timeScale);
    if (!(await isAnyShown()) || clock.monotonic_s() >= deadline_s) seen = await look();
  }
  if (left(seen).length === 0) {
    await clock.sleep(agreeing_s * account.timeScale);
    seen = await look();
  }
  if (left(seen).length > 0) return { state: "left", ids: left(seen), reason: "EC2 still has them" };
  const reason = absenceDoubt(seen, state, (id) => wouldStillShow(id, state, account, clock));
  if (reason !== undefined) return { state: "left", ids: [], reason };
  const requests = spec.spot === true ? await patiently(account, clock, () => openSpotRequests(account, run)) : [];
  if (requests.length > 0) return { state: "left", ids: requests, reason: "these spot requests are still open" };
  return { state: "none" };
}

/** Returns why it is uncertain that nothing is left; undefined if it is certain. */
function absenceDoubt(
  { foreign, unseen }: RunInstancesSeen,
  { open }: LedgerState,
  isYoung: (id: string) => boolean,
): string | undefined {
  if (foreign.length > 0)
    return `the run's ledger names ${foreign.join(", ")}, without the run's tag: not ended, since nothing shows that the run launched it`;
  const young = unseen.filter(isYoung);
  if (young.length > 0)
    return `EC2 does not know ${young.join(", ")}, launched less than an hour ago: it would show it, had it ended in this account and region`;
  if (open.length > 0) return `nobody knows what became of the launch ${open.map(({ token }) => token).join(", ")}`;
  return undefined;
}
