// Finds and ends what is left of any run in an account's region. It searches EC2 by tag, independent of any ledger.

import type { Instance, SpotInstanceRequest, Tag, Volume } from "@aws-sdk/client-ec2";
import { defined } from "../../../domain/defined.ts";
import type { Leftover } from "../../../domain/cloud/leftover.ts";
import { printable } from "../../../domain/printable.ts";
import { lotsOf } from "../../../domain/lots.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Sweeper } from "../../../ports/cloud/sweeper.ts";
import { type AwsAccount, cloudTime } from "../../aws/account.ts";
import { awsCode, awsError, isTransient } from "../../aws/errors.ts";
import { agreeing_s, describeInstances, ending_s } from "../describe-instances.ts";
import { terminate } from "./release.ts";
import { anyRunFilter, deadlineTag, ownerName, ownerTag, runTag, tagValue } from "../tags.ts";

const poll_s = 2;

/**
 * Returns a sweeper, which finds by tag what runs left in the account, and ends it.
 *
 * @example
 * import { ec2Sweeper, openAccount, systemClock } from "timetrial/adapters";
 *
 * const sweeper = ec2Sweeper(await openAccount({ region: "us-east-1" }), systemClock);
 * for (const { kind, id, run } of await sweeper.look()) console.log(kind, id, run);
 */
export function ec2Sweeper(account: AwsAccount, clock: Clock): Sweeper {
  const look = async (): Promise<Leftover[]> => [
    ...(await machines(account)),
    ...(await volumes(account)),
    ...(await requests(account)),
  ];
  return {
    region: account.region,
    owner: ownerName(),
    now: () => cloudTime(account, clock),
    look,
    end: async (leftovers, say) => {
      const attempt = async (work: () => Promise<unknown>): Promise<void> => {
        try {
          await work();
        } catch (error) {
          say(awsError(error, "ending what is left").message);
        }
      };
      const idsOf = (kind: Leftover["kind"]) =>
        leftovers.flatMap((leftover) => (leftover.kind === kind ? [leftover.id] : []));
      // Spot requests first, so that none of them launches a replacement. An error with one kind does not stop the
      // others.
      await attempt(() => cancel(account, idsOf("spot-request")));
      const ledger = { write: async () => {}, entries: async () => [] };
      await attempt(() => terminate(account, clock, { ledger }, idsOf("instance")));
      for (const id of idsOf("volume")) await attempt(() => deleteVolume(account, id));
      return await findExisting(account, clock, look, new Set(leftovers.map(({ id }) => id)));
    },
  };
}

/** Returns those of `ids` that EC2 still lists after the time that machines get to terminate. */
async function findExisting(
  account: AwsAccount,
  clock: Clock,
  look: () => Promise<readonly Leftover[]>,
  ids: ReadonlySet<string>,
): Promise<string[]> {
  const left = async (): Promise<string[]> => {
    try {
      return (await look()).flatMap(({ id }) => (ids.has(id) ? [id] : []));
    } catch (error) {
      // EC2 cannot be reached now: they may still be there.
      if (isTransient(error)) return [...ids];
      throw error;
    }
  };
  const until_s = clock.monotonic_s() + ending_s * account.timeScale;
  let remaining = await left();
  while (remaining.length > 0 && clock.monotonic_s() < until_s) {
    await clock.sleep(poll_s * account.timeScale);
    remaining = await left();
  }
  if (remaining.length > 0) return remaining;
  await clock.sleep(agreeing_s * account.timeScale);
  return await left();
}

async function machines(account: AwsAccount): Promise<Leftover[]> {
  const states = ["pending", "running", "shutting-down", "stopping", "stopped"];
  const found = await describeInstances(account, [anyRunFilter, { Name: "instance-state-name", Values: states }]);
  return found.map((instance: Instance) => ({
    kind: "instance",
    id: instance.InstanceId ?? "",
    state: instance.State?.Name ?? "unknown",
    market: instance.InstanceLifecycle === "spot" ? "spot" : "on-demand",
    ...defined({ type: instance.InstanceType, zone: instance.Placement?.AvailabilityZone }),
    ...tagged(instance.Tags, instance.LaunchTime),
  }));
}

/** Finds unattached volumes. Attached volumes are deleted with their machines. */
async function volumes(account: AwsAccount): Promise<Leftover[]> {
  const found: Leftover[] = [];
  try {
    const Filters = [anyRunFilter, { Name: "status", Values: ["available", "error"] }];
    for await (const page of account.sdk.paginateDescribeVolumes({ client: account.ec2 }, { Filters }))
      for (const ec2Volume of page.Volumes ?? []) found.push(volume(ec2Volume));
  } catch (error) {
    throw awsError(error, "asking EC2 for volumes");
  }
  return found;
}

function volume(ec2Volume: Volume): Leftover {
  return {
    kind: "volume",
    id: ec2Volume.VolumeId ?? "",
    state: ec2Volume.State ?? "unknown",
    market: "on-demand",
    ...tagged(ec2Volume.Tags, ec2Volume.CreateTime),
  };
}

async function requests(account: AwsAccount): Promise<Leftover[]> {
  const found: Leftover[] = [];
  try {
    const Filters = [anyRunFilter, { Name: "state", Values: ["open", "active"] }];
    for await (const page of account.sdk.paginateDescribeSpotInstanceRequests({ client: account.ec2 }, { Filters }))
      for (const spotRequest of page.SpotInstanceRequests ?? []) found.push(request(spotRequest));
  } catch (error) {
    throw awsError(error, "asking EC2 for spot requests");
  }
  return found;
}

function request(spotRequest: SpotInstanceRequest): Leftover {
  const type = spotRequest.LaunchSpecification?.InstanceType;
  return {
    kind: "spot-request",
    id: spotRequest.SpotInstanceRequestId ?? "",
    state: spotRequest.State ?? "unknown",
    market: "spot",
    ...defined({ type }),
    ...tagged(spotRequest.Tags, spotRequest.CreateTime),
  };
}

/**
 * Reads our tags. Anyone with permission to tag can write anything there: text is made printable, and a time must
 * parse.
 */
function tagged(
  tags: readonly Tag[] | undefined,
  since: Date | undefined,
): Pick<Leftover, "run" | "owner" | "deadline" | "since"> {
  const [owner, deadline] = [tagValue(tags, ownerTag), new Date(tagValue(tags, deadlineTag) ?? "")];
  return {
    run: printable(tagValue(tags, runTag) ?? ""),
    ...(owner === undefined ? {} : { owner: printable(owner) }),
    ...(Number.isNaN(deadline.getTime()) ? {} : { deadline }),
    ...defined({ since }),
  };
}

async function cancel(account: AwsAccount, ids: readonly string[]): Promise<void> {
  for (const SpotInstanceRequestIds of lotsOf(ids, 100)) {
    await account.ec2.send(new account.sdk.CancelSpotInstanceRequestsCommand({ SpotInstanceRequestIds }));
  }
}

async function deleteVolume(account: AwsAccount, id: string): Promise<void> {
  try {
    await account.ec2.send(new account.sdk.DeleteVolumeCommand({ VolumeId: id }));
  } catch (error) {
    // The volume is gone already, as intended.
    if (awsCode(error) !== "InvalidVolume.NotFound") throw error;
  }
}
