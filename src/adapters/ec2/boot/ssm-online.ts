// When the SSM agent of a machine is online: asked once a second, since nobody has published how often one may ask.

import type { Clock } from "../../../ports/clock.ts";
import type { AwsAccount } from "../../aws/account.ts";
import { onlineIds } from "../../ssm/ping-status.ts";
import { awsCode, awsError, isAuthError } from "../../aws/errors.ts";

const poll_s = 1;

/** The instant of the first answer that said so; undefined where none did until `until_s`. @throws the signal's reason */
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

/** @throws TimetrialError NO_CREDENTIALS; another fault is an answer of no */
export async function isSsmOnline(account: AwsAccount, id: string): Promise<boolean> {
  try {
    return (await onlineIds(account, [id])).length > 0;
  } catch (error) {
    if (isAuthError(error)) throw awsError(error, "asking SSM for the machines that it manages");
    if (awsCode(error) === "") throw error;
    return false;
  }
}
