// The spot requests of a run. Each is one-time and ends with its instance, but an open one could still launch another.

import type { SpotInstanceRequest } from "@aws-sdk/client-ec2";
import { lotsOf } from "../../../domain/lots.ts";
import type { AwsAccount } from "../../aws/account.ts";
import { awsCode, awsError } from "../../aws/errors.ts";
import { runTag } from "../tags.ts";

/** Cancels the run's spot requests. Their instances are terminated elsewhere. Safe to repeat. */
export async function cancelSpotRequests(account: AwsAccount, run: string): Promise<void> {
  const ids = (await requestsOf(account, run, ["open", "active"])).flatMap(
    (request) => request.SpotInstanceRequestId ?? [],
  );
  for (const SpotInstanceRequestIds of lotsOf(ids, 100)) {
    try {
      await account.ec2.send(new account.sdk.CancelSpotInstanceRequestsCommand({ SpotInstanceRequestIds }));
    } catch (error) {
      // EC2 found it by its tag but not by its id: not yet consistent. The proof of release checks again.
      if (!awsCode(error).startsWith("InvalidSpotInstanceRequestID")) throw awsError(error, "cancelling spot requests");
    }
  }
}

/** Returns the ids of the run's spot requests that could still launch an instance. */
export async function openSpotRequests(account: AwsAccount, run: string): Promise<string[]> {
  return (await requestsOf(account, run, ["open"])).flatMap((request) => request.SpotInstanceRequestId ?? []);
}

async function requestsOf(account: AwsAccount, run: string, states: string[]): Promise<SpotInstanceRequest[]> {
  const found: SpotInstanceRequest[] = [];
  try {
    for await (const page of account.sdk.paginateDescribeSpotInstanceRequests(
      { client: account.ec2 },
      {
        Filters: [
          { Name: `tag:${runTag}`, Values: [run] },
          { Name: "state", Values: states },
        ],
      },
    )) {
      found.push(...(page.SpotInstanceRequests ?? []));
    }
  } catch (error) {
    throw awsError(error, "asking EC2 for spot requests");
  }
  return found;
}
