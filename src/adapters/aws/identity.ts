// Whose account the credentials are of.

import { type AwsAccount, identityClient } from "./account.ts";

/** An answer that takes longer is not waited for. Milliseconds. */
const patience_ms = 15_000;
const known = new WeakMap<AwsAccount, Promise<string | undefined>>();

/**
 * The twelve digits of the account; undefined where nobody says: an endpoint without STS, a network without a way to it.
 * Everybody may ask: it needs no permission.
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
