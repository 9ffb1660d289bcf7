// Queries EC2 for our instances: by the run's tag and by client tokens, all pages.

import type { Instance } from "@aws-sdk/client-ec2";
import type { CloudInstance } from "../../domain/cloud/instance.ts";
import type { AwsAccount } from "../aws/account.ts";
import { awsError } from "../aws/errors.ts";
import { filterLots } from "./filter-values.ts";
import { runTag } from "./tags.ts";

/** Returns every instance that matches `filters`, terminated ones included. */
export async function describeInstances(
  account: AwsAccount,
  filters: readonly { Name: string; Values: string[] }[],
): Promise<Instance[]> {
  const found: Instance[] = [];
  try {
    for await (const page of account.sdk.paginateDescribeInstances(
      { client: account.ec2 },
      { Filters: [...filters] },
    )) {
      found.push(...(page.Reservations ?? []).flatMap((reservation) => reservation.Instances ?? []));
    }
  } catch (error) {
    throw awsError(error, "asking EC2 for instances");
  }
  return found;
}

/** Returns the instances with the run's tag. */
export async function instancesOfRun(account: AwsAccount, run: string): Promise<Instance[]> {
  return await describeInstances(account, [{ Name: `tag:${runTag}`, Values: [run] }]);
}

/** Returns the instances that were launched with one of `tokens`. */
export async function instancesByToken(account: AwsAccount, tokens: readonly string[]): Promise<Instance[]> {
  return await instancesWith(account, "client-token", tokens);
}

/** Returns those of `ids` that EC2 knows. By a filter, since one id that it does not know fails a call that names it. */
export async function instancesById(account: AwsAccount, ids: readonly string[]): Promise<Instance[]> {
  return await instancesWith(account, "instance-id", ids);
}

async function instancesWith(account: AwsAccount, Name: string, values: readonly string[]): Promise<Instance[]> {
  const found: Instance[] = [];
  for (const Values of filterLots(values)) found.push(...(await describeInstances(account, [{ Name, Values }])));
  return found;
}

/**
 * Returns EC2's state of one instance: `running`, `terminated`, or `unknown` if EC2 does not know it.
 *
 * @example
 * import { openAccount, stateOf } from "timetrial/adapters";
 *
 * const account = await openAccount({ region: "us-east-1" });
 * console.log(await stateOf(account, "i-0123456789abcdef0"));
 */
export async function stateOf(account: AwsAccount, id: string): Promise<string> {
  const [found] = await instancesById(account, [id]);
  return found?.State?.Name ?? "unknown";
}

/** Queries EC2 for one instance and returns its `stateReason`. */
export async function stateReasonOf(account: AwsAccount, id: string): Promise<string> {
  const [found] = await instancesById(account, [id]);
  return stateReason(found);
}

export function isTerminated(instance: Instance): boolean {
  return instance.State?.Name === "terminated";
}

/** Returns whether the instance is pending or running. */
export function isAlive({ State: state }: Instance): boolean {
  return state?.Name === "running" || state?.Name === "pending";
}

/** Returns whether the instance is stopping, stopped, shutting down or terminated: it will not run again by itself. */
export function isDying({ State: state }: Instance): boolean {
  return ["shutting-down", "terminated", "stopping", "stopped"].includes(state?.Name ?? "");
}

/**
 * Returns EC2's reason for the instance's state, such as `Server.SpotInstanceTermination: …`; empty if it gives none.
 */
export function stateReason(instance: Instance | undefined): string {
  return instance?.StateReason?.Message ?? instance?.StateTransitionReason ?? "";
}

/** Converts `instance` to what facts.json and course.ndjson store. */
export function describedInstance({ InstanceId, InstanceType, ImageId, Placement }: Instance): CloudInstance {
  const { AvailabilityZone: zone = "", HostId: host } = Placement ?? {};
  const known = { id: InstanceId ?? "", type: InstanceType ?? "", zone, image: ImageId ?? "" };
  return host === undefined ? known : { ...known, host };
}

/** Two responses this far apart must agree that something is gone: EC2 is eventually consistent. Seconds. */
export const agreeing_s = 30;
/** The longest that an instance may take to terminate. Seconds. */
export const ending_s = 600;
