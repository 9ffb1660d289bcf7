// Whose the credentials are, and where the calls go.

import { type AwsAccount, identityClient } from "./account.ts";

/** Timeout for the response of STS. Milliseconds. */
const patience_ms = 15_000;

/** The account, and the user or role, that the credentials belong to. */
export interface CallerIdentity {
  /** Twelve digits. */
  readonly account: string;
  /** `user/colin`, `assumed-role/bench/session`, `root`. */
  readonly name: string;
}

const known = new WeakMap<AwsAccount, Promise<CallerIdentity | undefined>>();

/**
 * Returns whose the credentials are; undefined if that cannot be had: the endpoint has no STS, or the network does not
 * lead there. The call needs no permission.
 */
export function callerIdentity(account: AwsAccount): Promise<CallerIdentity | undefined> {
  const asked = known.get(account) ?? ask(account).catch(() => undefined);
  known.set(account, asked);
  return asked;
}

/** Returns `account 123456789012, user/colin, us-east-1, AWS's own endpoints`. */
export async function accountLine(account: AwsAccount): Promise<string> {
  const who = await callerIdentity(account);
  const text = who === undefined ? "account unknown, STS did not answer" : `account ${who.account}, ${who.name}`;
  return `${text}, ${account.region}, ${endpointText(account)}`;
}

/** Returns the endpoint of EC2 where the user names one, as the SDK finds it in options and environment. */
function endpointText({ options, watch }: AwsAccount): string {
  const {
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: ignored = "",
    AWS_ENDPOINT_URL_EC2: own = "",
    AWS_ENDPOINT_URL: all = "",
  } = process.env;
  const configured = ignored.toLowerCase() === "true" ? "" : own || all;
  const named = options.endpoint ?? configured;
  if (named !== "") return `endpoint ${named}`;
  const host = watch.hostOf("EC2");
  return host === undefined ? "AWS's own endpoints" : `endpoint ${host}`;
}

async function ask(account: AwsAccount): Promise<CallerIdentity | undefined> {
  const { GetCallerIdentityCommand } = await import("./account-sdk.ts");
  const client = await identityClient(account);
  const { Account: id, Arn: arn = "" } = await client.send(new GetCallerIdentityCommand({}), {
    abortSignal: AbortSignal.timeout(patience_ms),
  });
  // arn:aws:sts::123456789012:assumed-role/bench/session
  const name = arn.split(":").slice(5).join(":");
  return id !== undefined && /^\d{12}$/.test(id)
    ? { account: id, name: name === "" ? "unknown caller" : name }
    : undefined;
}
