// Waits until a machine's SSM agent is online. It polls once a second, since AWS publishes no rate limit for the call.

import type { Clock } from "../../../ports/clock.ts";
import type { AwsAccount } from "../../aws/account.ts";
import { onlineIds } from "../../ssm/ping-status.ts";
import { awsCode, awsError, isAuthError } from "../../aws/errors.ts";

const poll_s = 1;

/**
 * Returns the time of the first response that showed the agent online; undefined if there was none before `until_s`.
 *
 * @throws the signal's reason
 */
export async function waitForSsmOnline(
  account: AwsAccount,
  clock: Clock,
  id: string,
  until_s: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  for (;;) {
    signal.throwIfAborted();
    if (await isSsmOnline(account, id)) return clock.monotonic_s();
    if (clock.monotonic_s() >= until_s) return undefined;
    await clock.sleep(poll_s * Math.max(0.05, account.timeScale), signal);
  }
}

/**
 * Returns whether the SSM agent of `id` is online; false after an AWS error other than refused credentials.
 *
 * @throws TimetrialError NO_CREDENTIALS
 */
export async function isSsmOnline(account: AwsAccount, id: string): Promise<boolean> {
  try {
    return (await onlineIds(account, [id])).length > 0;
  } catch (error) {
    if (isAuthError(error)) throw awsError(error, "asking SSM for the machines that it manages");
    if (awsCode(error) === "") throw error;
    return false;
  }
}
