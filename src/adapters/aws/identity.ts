// The account that the credentials belong to.

import { type AwsAccount, identityClient } from "./account.ts";

/** Timeout for the response of STS. Milliseconds. */
const patience_ms = 15_000;
const known = new WeakMap<AwsAccount, Promise<string | undefined>>();

/**
 * Returns the twelve digits of the account; undefined if they cannot be had: the endpoint has no STS, or the network
 * does not lead there. The call needs no permission.
 */
export function accountId(account: AwsAccount): Promise<string | undefined> {
  const asked = known.get(account) ?? ask(account).catch(() => undefined);
  known.set(account, asked);
  return asked;
}

async function ask(account: AwsAccount): Promise<string | undefined> {
  const { GetCallerIdentityCommand } = await import("./account-sdk.ts");
  const client = await identityClient(account);
  const { Account: id } = await client.send(new GetCallerIdentityCommand({}), {
    abortSignal: AbortSignal.timeout(patience_ms),
  });
  return /^\d{12}$/.test(id ?? "") ? id : undefined;
}
