// Launching: the intent is on disk before the call, its outcome after. All sides in one zone, or none.

import { TimetrialError } from "../../domain/errors.ts";
import type { Order } from "../../ports/provisioner.ts";
import type { Account } from "../aws/account.ts";
import { awsCode, awsError } from "../aws/errors.ts";
import { type Keeping, type Launch, runInstancesInput } from "./request.ts";
import { terminate } from "./release.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Ec2Side, Found } from "./wish.ts";

export interface Launched {
  readonly side: Ec2Side;
  readonly id: string;
  readonly zone: string;
  readonly image: string;
}

/** EC2 said no before launching anything: the outcome is known. Any other fault leaves it open. */
const refused =
  /^(Insufficient|Unsupported|Invalid|VcpuLimit|InstanceLimit|MaxSpotInstanceCount|Unauthorized|AuthFailure|Missing|IdempotentParameterMismatch|Unknown|OptIn|VPC|Volume|Blocked|Pending)/;

export async function launchAll(
  account: Account,
  clock: Clock,
  order: Order,
  found: Found,
  keeping: Keeping,
): Promise<Launched[]> {
  let reason = "";
  for (const zone of found.zones) {
    const launched: Launched[] = [];
    try {
      for (const [index, side] of (order.sides as Ec2Side[]).entries()) {
        launched.push(...(await launchSide(account, order, side, index, zone, found, keeping)));
      }
      return launched;
    } catch (error) {
      const sought = awsCode((error as TimetrialError).cause);
      if (sought !== "InsufficientInstanceCapacity" && sought !== "Unsupported") throw error;
      reason = (error as TimetrialError).message;
      order.observe({ what: "zone-without-capacity", zone, reason });
      await terminate(
        account,
        clock,
        order,
        launched.map(({ id }) => id),
      );
    }
  }
  throw new TimetrialError("NO_CAPACITY", reason, {
    hint: `no zone of ${account.region} had all that was asked for: try later, or another region`,
  });
}

async function launchSide(
  account: Account,
  order: Order,
  side: Ec2Side,
  index: number,
  zone: string,
  found: Found,
  keeping: Keeping,
): Promise<Launched[]> {
  const image = found.images.get(side.name);
  if (image === undefined) throw new RangeError(`no image was resolved for ${side.name}`);
  const { plan, ledger, signal } = order;
  const lot = order.lot === undefined ? "" : `l${order.lot.number}-`;
  const token = `${plan.run}-${lot}${index}-${zone}-1`;
  const count = order.lot?.machines ?? plan.spec.machines;
  const launch: Launch = { side: side.name, type: side.type, image, zone, count, token };
  signal.throwIfAborted();
  order.observe({ what: "launching", side: side.name, count: launch.count, type: side.type, zone });
  await ledger.write({ kind: "intent", token, side: side.name, type: side.type, zone, count: launch.count });
  try {
    // Not ended by a signal: its outcome must be known.
    const answer = await account.ec2.send(
      new account.sdk.RunInstancesCommand(runInstancesInput(launch, plan, keeping)),
    );
    const ids = (answer.Instances ?? []).flatMap((instance) => instance.InstanceId ?? []);
    await ledger.write({ kind: "launched", token, ids });
    return ids.map((id) => ({ side, id, zone, image: image.id }));
  } catch (error) {
    if (refused.test(awsCode(error))) await ledger.write({ kind: "not-launched", token, reason: awsCode(error) });
    throw awsError(error, `launching ${launch.count} ${side.type} in ${zone}`);
  }
}
