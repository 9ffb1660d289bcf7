// Reads one quota from Service Quotas.

import { TimetrialError } from "../../domain/errors.ts";
import { type AwsAccount, quotasClient } from "./account.ts";

export interface Quota {
  readonly code: string;
  readonly name: string;
  readonly value: number;
}

/** Timeout for a quota: without it, the launch itself reports an exceeded quota. Milliseconds. */
const patience_ms = 10_000;

/**
 * Returns EC2's quota with `code`, in the account's region.
 *
 * @throws what the SDK throws; TimetrialError CLOUD if the response holds no such quota
 */
export async function ec2Quota(account: AwsAccount, code: string): Promise<Quota> {
  const { GetServiceQuotaCommand } = await import("./account-sdk.ts");
  const client = await quotasClient(account);
  const answer = await client.send(new GetServiceQuotaCommand({ ServiceCode: "ec2", QuotaCode: code }), {
    abortSignal: AbortSignal.timeout(patience_ms),
  });
  const { QuotaCode: its, QuotaName: name, Value: value } = answer.Quota ?? {};
  if (its !== code || name === undefined || value === undefined)
    throw new TimetrialError("CLOUD", "Service Quotas: expected a quota, got something else");
  return { code, name, value };
}
