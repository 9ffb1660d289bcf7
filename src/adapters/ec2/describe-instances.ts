// What EC2 says of our instances: by the run's tag and by the launches' tokens, all pages.

import type { Instance } from "@aws-sdk/client-ec2";
import type { CloudInstance } from "../../domain/cloud/instance.ts";
import type { AwsAccount } from "../aws/account.ts";
import { awsError } from "../aws/errors.ts";
import { runTag } from "./tags.ts";

/** Every instance that EC2 knows of under `filters`, ended ones included. */
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

/** Instances that bear the run's tag. */
export async function instancesOfRun(account: AwsAccount, run: string): Promise<Instance[]> {
  return await describeInstances(account, [{ Name: `tag:${runTag}`, Values: [run] }]);
}

/** Instances that were launched under one of `tokens`; a filter takes at most 200 values. */
export async function instancesByToken(account: AwsAccount, tokens: readonly string[]): Promise<Instance[]> {
  const found: Instance[] = [];
  for (let at = 0; at < tokens.length; at += 200)
    found.push(...(await describeInstances(account, [{ Name: "client-token", Values: tokens.slice(at, at + 200) }])));
  return found;
}

/**
 * The state of one instance as EC2 has it: `running`, `terminated`, or `unknown` where EC2 does not know it.
 *
 * @example
 * import { openAccount, stateOf } from "timetrial/adapters";
 *
 * const account = await openAccount({ region: "us-east-1" });
 * console.log(await stateOf(account, "i-0123456789abcdef0"));
 */
export async function stateOf(account: AwsAccount, id: string): Promise<string> {
  const found = await describeInstances(account, [{ Name: "instance-id", Values: [id] }]);
  return found[0]?.State?.Name ?? "unknown";
}

/** `stateReason` of one instance, asked of EC2. */
export async function stateReasonOf(account: AwsAccount, id: string): Promise<string> {
  const [found] = await describeInstances(account, [{ Name: "instance-id", Values: [id] }]);
  return stateReason(found);
}

export function isTerminated(instance: Instance): boolean {
  return instance.State?.Name === "terminated";
}

/** Whether the machine is pending or running. */
export function isAlive({ State: state }: Instance): boolean {
  return state?.Name === "running" || state?.Name === "pending";
}

/** Whether the machine is ending, stopping, or has done so: it will not run again by itself. */
export function isDying({ State: state }: Instance): boolean {
  return ["shutting-down", "terminated", "stopping", "stopped"].includes(state?.Name ?? "");
}

/** Why EC2 says that it is in the state that it is in: `Server.SpotInstanceTermination: …`; empty where it says nothing. */
export function stateReason(instance: Instance | undefined): string {
  return instance?.StateReason?.Message ?? instance?.StateTransitionReason ?? "";
}

/** `instance` as facts.json and course.ndjson keep it. */
export function describedInstance({ InstanceId, InstanceType, ImageId, Placement }: Instance): CloudInstance {
  const { AvailabilityZone: zone = "", HostId: host } = Placement ?? {};
  const known = { id: InstanceId ?? "", type: InstanceType ?? "", zone, image: ImageId ?? "" };
  return host === undefined ? known : { ...known, host };
}

/** Two answers so far apart must agree that something is gone: EC2's readers lag. Seconds. */
export const agreeing_s = 30;
/** How long a machine may take to end. Seconds. */
export const ending_s = 600;
