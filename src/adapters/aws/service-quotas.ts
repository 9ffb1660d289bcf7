// One question to Service Quotas.

import { TimetrialError } from "../../domain/errors.ts";
import { type AwsAccount, quotasClient } from "./account.ts";

export interface Quota {
  readonly code: string;
  readonly name: string;
  readonly value: number;
}

/** An answer that takes longer is not waited for: the launch would say the same. Milliseconds. */
const patience_ms = 10_000;

/** The quota of EC2 that AWS knows by `code`, in the account's region. Throws what the SDK throws. */
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
