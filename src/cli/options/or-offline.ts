// What an error of a plan's look-ups says: the same plan can be had without asking.

import { type ErrorCode, TimetrialError } from "../../domain/errors.ts";

/** How a plan is had where the account cannot be asked. */
export const offlineAdvice = "a plan that asks no account, at the prices of --price: add --offline";

/** The same where a pattern stands for types, which only the account knows. */
export const noPatternAdvice = "a plan that asks no account, at the prices of --price: write the types, no pattern";

/** Of look-ups that failed. That a type or a quota does not fit is an answer. */
const failures: readonly ErrorCode[] = ["REGION_UNKNOWN", "NO_CREDENTIALS", "CLOUD", "TRANSPORT"];

/** Returns `error`, with `advice` below its hint where it says that the account could not be asked. */
export function withAdvice(error: unknown, advice: string): unknown {
  if (!(error instanceof TimetrialError) || !failures.includes(error.code)) return error;
  const { code, message, hint, cause } = error;
  return new TimetrialError(code, message, { hint: hint === undefined ? advice : `${hint}\n  ${advice}`, cause });
}

/** Returns what `look` returns. @throws what `look` throws, with `advice` where it looks for a plan */
export async function orOffline<T>(isPlan: boolean | undefined, advice: string, look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (error) {
    throw isPlan === true ? withAdvice(error, advice) : error;
  }
}
