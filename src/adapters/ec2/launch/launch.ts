// Launches instances. The intent is on disk before the call, its outcome after. All sides are in one zone.

import { createHash } from "node:crypto";
import type { Instance, RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import type { CloudInstance } from "../../../domain/cloud/instance.ts";
import { LedgerState } from "../../../domain/cloud/ledger.ts";
import { TimetrialError } from "../../../domain/errors.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Ledger } from "../../../ports/cloud/ledger.ts";
import type { ProvisionOrder } from "../../../ports/cloud/provisioner.ts";
import { type AwsAccount, cloudTime } from "../../aws/account.ts";
import { awsCode, isRefusedLaunch, isThrottled } from "../../aws/errors.ts";
import { describedInstance, instancesByToken } from "../describe-instances.ts";
import { explainLaunchError } from "./vcpu-quota.ts";
import { type LaunchSafeguards, type LaunchRequest, runInstancesInput, volumeGiB } from "./launch-request.ts";
import type { Preflight } from "./preflight.ts";
import type { Ec2Side } from "./ec2-side.ts";

export interface Launched {
  readonly side: Ec2Side;
  readonly instance: CloudInstance;
}

/** Codes for no capacity or no subnet with a free address in this zone; another zone may have it. */
const noCapacityCodes =
  /^(Server\.)?(Insufficient(InstanceCapacity|HostCapacity|CapacityOnHost|ReservedInstanceCapacity|FreeAddressesInSubnet)|UnfulfillableCapacity|Unsupported|MissingInput|InvalidInput)$/;

/** Returns whether `code`, of a refusal or of an instance's state, is a reason to try the next zone. */
export function isZoneFullCode(code: string): boolean {
  return noCapacityCodes.test(code);
}

/** Returns whether `error`, thrown by a launch, is a reason to try the next zone. */
export function lacksZoneCapacity(error: unknown): boolean {
  return isZoneFullCode(awsCode(error)) || (error instanceof TimetrialError && isZoneFullCode(awsCode(error.cause)));
}

/** The pauses between retries: EC2 may not know a new instance profile for some seconds. Seconds. */
const profilePauses_s = [2, 4, 8, 15, 15];
/**
 * The pauses after a lost response, before the launch is looked up by its token and then sent again with it. Seconds.
 */
const lostPauses_s = [1, 3, 8, 15];
/** How long a throttled launch is sent again, beyond these pauses. Seconds. */
const throttledFor_s = 300;

export interface LaunchContext {
  readonly account: AwsAccount;
  readonly clock: Clock;
  readonly order: ProvisionOrder;
  readonly found: Preflight;
  readonly keeping: LaunchSafeguards;
}

/** Launches all sides in `zone`. Adds the machines to `launched` as EC2 names them, also where a later side fails. */
export async function launchInZone(context: LaunchContext, zone: string, launched: Launched[]): Promise<void> {
  for (const [index, side] of (context.order.sides as Ec2Side[]).entries())
    launched.push(...(await launchSide(context, side, index, zone)));
}

/** Returns the error where no zone has room for all sides; `reason`: the last zone's refusal. */
export function noCapacity({ account, order, found }: LaunchContext, reason: string): TimetrialError {
  return new TimetrialError("NO_CAPACITY", reason, { hint: capacityHint(account, order, found) });
}

function capacityHint(account: AwsAccount, order: ProvisionOrder, found: Preflight): string {
  const { subnet, zone } = order.plan.spec;
  if (found.zones.length === 1 && (subnet ?? zone) !== undefined)
    return `leave out ${subnet === undefined ? "--zone" : "--subnet"}, so that any zone of ${account.region} may serve, or try later`;
  return `no zone of ${account.region} had all that was asked for: try later, or another region`;
}

async function launchSide(context: LaunchContext, side: Ec2Side, index: number, zone: string): Promise<Launched[]> {
  const { clock, account, order, found } = context;
  const image = found.images.get(side.name);
  if (image === undefined) throw new RangeError(`no image was resolved for ${side.name}`);
  const { plan, signal, observe } = order;
  const count = order.missing === undefined ? plan.spec.machines : (order.missing.get(side.name)?.count ?? 0);
  if (count === 0) return [];
  const size = volumeGiB(found.images.values(), plan);
  observe({ what: "launching", side: side.name, count, type: side.type, zone });
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    await account.rates.untilLaunch(count, signal);
    const token = tokenOf(`${plan.run}-${index}-${zone}-${(await launchesAt(order, side, zone)) + 1}`);
    try {
      return await launchOnce(context, side, {
        side: side.name,
        type: side.type,
        image,
        zone,
        count,
        volumeGiB: size,
        token,
      });
    } catch (error) {
      const pause_s = profilePauses_s[attempt - 1];
      const doing = `launching ${count} ${side.type} in ${zone}`;
      if (!isUnknownProfile(error))
        throw await explainLaunchError(account, error, { type: side.type, spot: plan.spec.spot === true, doing });
      if (pause_s === undefined) {
        throw new TimetrialError("REFUSED", `${doing}: ${(error as Error).message} (${awsCode(error)})`, {
          cause: error,
          hint: "is there such a profile? It is made once, ahead of the first run",
        });
      }
      if (attempt === 1) observe({ what: "note", text: `EC2 does not know the instance profile yet: asking again` });
      await clock.sleep(pause_s * account.timeScale, signal);
    }
  }
}

/** Counts the launches of `side` in `zone` so far: each has its own token. */
async function launchesAt({ ledger }: ProvisionOrder, side: Ec2Side, zone: string): Promise<number> {
  const { launches } = LedgerState.of(await ledger.entries());
  return launches.filter(({ intent }) => intent.side === side.name && intent.zone === zone).length;
}

/** Returns a client token of at most 64 characters. */
function tokenOf(text: string): string {
  return text.length <= 64 ? text : createHash("sha256").update(text).digest("hex");
}

function isUnknownProfile(error: unknown): boolean {
  return awsCode(error) === "InvalidParameterValue" && /iam ?instance ?profile/i.test((error as Error).message);
}

/**
 * Launches once, with one token.
 *
 * @throws what EC2 or the connection to it reports
 */
async function launchOnce(
  { account, clock, order, keeping }: LaunchContext,
  side: Ec2Side,
  launch: LaunchRequest,
): Promise<Launched[]> {
  const { ledger, plan } = order;
  const input = runInstancesInput(launch, plan, keeping);
  const times = { requested: cloudTime(account, clock), deadline: keeping.deadline };
  const instances = await recordLaunch(account, ledger, launch, times, () =>
    sendUntilKnown({ account, clock, signal: order.signal }, input, launch.token),
  );
  return instances.map((instance) => ({ side, instance: describedInstance(instance) }));
}

/** By the cloud's clock. */
interface LaunchTimes {
  readonly requested: Date;
  /** When the machines end themselves at the latest. */
  readonly deadline: Date;
}

/**
 * Launches by `send`, and writes the intent to `ledger` before it and the outcome after it.
 *
 * @throws what `send` throws. The ledger says "not-launched" if `isRefused` says that the error proves that nothing was
 * launched; otherwise the launch stays open in it.
 */
export async function recordLaunch(
  account: AwsAccount,
  ledger: Ledger,
  { token, side, type, zone, count, image }: LaunchRequest,
  times: LaunchTimes,
  send: () => Promise<readonly Instance[]>,
  isRefused: (error: unknown) => boolean = isRefusedLaunch,
): Promise<readonly Instance[]> {
  const requested_at = times.requested.toISOString();
  const deadline = times.deadline.toISOString();
  await ledger.write({ kind: "intent", token, side, type, zone, count, image: image.id, requested_at, deadline });
  try {
    const instances = await send();
    const ids = instances.flatMap(({ InstanceId: id }) => id ?? []);
    // Nothing was refused and no instance named: the outcome must be looked up.
    if (ids.length === 0) throw new TimetrialError("CLOUD", `launching ${type} in ${zone}: EC2 named no instance`);
    for (const id of ids) account.launched.add(id);
    await ledger.write({ kind: "launched", token, ids });
    return instances;
  } catch (error) {
    if (isRefused(error)) await ledger.write({ kind: "not-launched", token, reason: awsCode(error) });
    throw error;
  }
}

/**
 * Sends `input` until its outcome is known. After a lost response it looks up the launch by its token. If EC2 has none, it
 * sends the same request with the same token again, which never launches twice. No signal ends that; it only keeps a
 * launch that is throttled from being sent for minutes.
 */
async function sendUntilKnown(
  { account, clock, signal }: Pick<LaunchContext, "account" | "clock"> & { readonly signal: AbortSignal },
  input: RunInstancesCommandInput,
  token: string,
): Promise<readonly Instance[]> {
  const since_s = clock.monotonic_s();
  const isPatient = (error: unknown): boolean =>
    isThrottled(error) && !signal.aborted && clock.monotonic_s() - since_s < throttledFor_s * account.timeScale;
  for (let attempt = 0; ; attempt++) {
    try {
      const answer = await account.ec2.send(new account.sdk.RunInstancesCommand(input));
      return answer.Instances ?? [];
    } catch (error) {
      const pause_s = lostPauses_s[attempt] ?? (isPatient(error) ? lostPauses_s.at(-1) : undefined);
      if (isRefusedLaunch(error) || pause_s === undefined) throw error;
      await clock.sleep(pause_s * account.timeScale);
      const found = await instancesByToken(account, [token]).catch(() => []);
      // Fewer than requested: EC2 does not show all of them yet.
      if (found.length >= (input.MinCount ?? 1)) return found;
    }
  }
}
