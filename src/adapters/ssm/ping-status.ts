// Queries SSM for the ping status of agents: Online, ConnectionLost or Inactive.

import { lotsOf } from "../../domain/lots.ts";
import type { AwsAccount } from "../aws/account.ts";
import { awsCode } from "../aws/errors.ts";

/** The most values of a filter, and the largest page. */
const most = 50;

/**
 * Returns the ping status by id, for those of `ids` that SSM manages.
 *
 * @throws what the SDK throws
 */
export async function pingStatuses({ ssm, sdk }: AwsAccount, ids: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const Values of lotsOf(ids, most)) {
    const Filters = [{ Key: "InstanceIds", Values }];
    try {
      const answer = await ssm.send(new sdk.DescribeInstanceInformationCommand({ Filters, MaxResults: most }));
      for (const { InstanceId: id, PingStatus: status } of answer.InstanceInformationList ?? [])
        if (id !== undefined && status !== undefined) found.set(id, status);
    } catch (error) {
      // One terminated instance fails the request for its whole page.
      if (awsCode(error) !== "InvalidInstanceId") throw error;
    }
  }
  return found;
}

/**
 * Returns those of `ids` whose agent is online.
 *
 * @throws what the SDK throws
 */
export async function onlineIds(account: AwsAccount, ids: readonly string[]): Promise<string[]> {
  const statuses = await pingStatuses(account, ids);
  return ids.filter((id) => statuses.get(id) === "Online");
}
