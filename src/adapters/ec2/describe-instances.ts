// What EC2 says of our instances: by the run's tag and by the launches' tokens, all pages.

import type { Instance } from "@aws-sdk/client-ec2";
import type { AwsAccount } from "../aws/account.ts";
import { awsError } from "../aws/errors.ts";
import { runTag } from "./launch/launch-request.ts";

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

/** Instances that bear the run's tag, or were launched under one of `tokens`; each once. */
export async function instancesOfRun(account: AwsAccount, run: string, tokens: readonly string[]): Promise<Instance[]> {
  const tagged = await describeInstances(account, [{ Name: `tag:${runTag}`, Values: [run] }]);
  const launched = await instancesByToken(account, tokens);
  const byId = new Map([...tagged, ...launched].map((instance) => [instance.InstanceId ?? "", instance]));
  return [...byId.values()];
}

/** Instances that were launched under one of `tokens`; a filter takes at most 200 values. */
export async function instancesByToken(account: AwsAccount, tokens: readonly string[]): Promise<Instance[]> {
  const found: Instance[] = [];
  for (let at = 0; at < tokens.length; at += 200)
    found.push(...(await describeInstances(account, [{ Name: "client-token", Values: tokens.slice(at, at + 200) }])));
  return found;
}

/** The state of one instance as EC2 has it: `running`, `terminated`, or `unknown` where EC2 does not know it. */
export async function stateOf(account: AwsAccount, id: string): Promise<string> {
  const found = await describeInstances(account, [{ Name: "instance-id", Values: [id] }]);
  return found[0]?.State?.Name ?? "unknown";
}

/** Why EC2 says that the instance is no longer running: `Server.SpotInstanceTermination: …`; empty where it says nothing. */
export async function stateReasonOf(account: AwsAccount, id: string): Promise<string> {
  const [found] = await describeInstances(account, [{ Name: "instance-id", Values: [id] }]);
  return found?.StateReason?.Message ?? found?.StateTransitionReason ?? "";
}

export function isTerminated(instance: Instance): boolean {
  return instance.State?.Name === "terminated";
}
