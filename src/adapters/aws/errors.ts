// What AWS and the SDK say went wrong, in our words.

import { TimetrialError } from "../../domain/errors.ts";

/** The error's code as AWS spells it: `InvalidInstanceType`, `ThrottlingException`; "" for what is no error of AWS's. */
export function awsCode(error: unknown): string {
  return error instanceof Error && typeof error.name === "string" ? error.name : "";
}

const noCredentials = new Set(["CredentialsProviderError", "TokenProviderError"]);
const refusedCredentials = new Set([
  "AuthFailure",
  "InvalidClientTokenId",
  "UnrecognizedClientException",
  "SignatureDoesNotMatch",
  "InvalidSignatureException",
  "ExpiredToken",
  "ExpiredTokenException",
  "RequestExpired",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "OptInRequired",
]);
const denied = new Set(["UnauthorizedOperation", "AccessDenied", "AccessDeniedException"]);
const quota = new Set(["VcpuLimitExceeded", "InstanceLimitExceeded", "MaxSpotInstanceCountExceeded"]);

/** Whether asking again would never help: nobody let us in. */
export function isAuthError(error: unknown): boolean {
  const code = awsCode(error);
  return noCredentials.has(code) || refusedCredentials.has(code) || denied.has(code);
}

const transientCodes =
  /^(Throttl|RequestLimitExceeded|RequestThrottled|TooManyRequests|Internal|ServiceUnavailable|Unavailable|Timeout|RequestTimeout|ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|NetworkingError)/;

/** Whether the same question may be answered later: the rate was used up, the service or the network failed. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error) || isAuthError(error)) return false;
  const { code, $metadata } = error as Error & { code?: unknown; $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode ?? 0;
  return status >= 500 || transientCodes.test(error.name) || (typeof code === "string" && transientCodes.test(code));
}

/** EC2 has none of it just now: a definite refusal, though its status is 500. */
const lacksCapacity = /^(Insufficient\w*Capacity\w*|UnfulfillableCapacity)$/;
/** The call was not taken for its rate or in its time, or its token was used before: what became of an earlier one is open. */
const openDespite4xx =
  /^(Throttl\w*|\w*LimitExceededException|RequestLimitExceeded|RequestThrottled\w*|TooManyRequests\w*|RequestTimeout\w*|IdempotentParameterMismatch)$/;

const throttles =
  /^(RequestLimitExceeded|RequestThrottled|Throttl|TooManyRequests|SlowDown|BandwidthLimitExceeded|EC2ThrottledException)/;

/** Whether the request was refused for its rate: it was not taken. */
export function isThrottled(error: unknown): boolean {
  return throttles.test(awsCode(error));
}

/**
 * Whether `error`, which RunInstances met under a token of ours, proves that nothing was launched: EC2 refused it, or it
 * was never sent for want of credentials. After any other error the launch must be looked for by its token.
 */
export function isRefusedLaunch(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (noCredentials.has(error.name) || lacksCapacity.test(error.name)) return true;
  const { $metadata: { httpStatusCode: status = 0 } = {} } = error as { $metadata?: { httpStatusCode?: number } };
  return status >= 400 && status < 500 && !openDespite4xx.test(error.name);
}

/** `error`, which `doing` met, as an error for the user. */
export function awsError(error: unknown, doing: string): TimetrialError {
  if (error instanceof TimetrialError) return error;
  const code = awsCode(error);
  const message = error instanceof Error ? error.message : String(error);
  if (noCredentials.has(code)) {
    return new TimetrialError("NO_CREDENTIALS", `${doing}: no AWS credentials were found`, {
      cause: error,
      hint: "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or try --cloud sandbox",
    });
  }
  if (refusedCredentials.has(code)) {
    return new TimetrialError("NO_CREDENTIALS", `${doing}: AWS refused the credentials (${code})`, { cause: error });
  }
  if (denied.has(code)) {
    return new TimetrialError("NO_CREDENTIALS", `${doing}: not allowed for these credentials (${code}: ${message})`, {
      cause: error,
    });
  }
  if (code === "InsufficientInstanceCapacity")
    return new TimetrialError("NO_CAPACITY", `${doing}: ${message} (${code})`, { cause: error });
  if (quota.has(code)) {
    return new TimetrialError("QUOTA", `${doing}: ${message} (${code})`, {
      cause: error,
      hint: "ask for a higher quota, or for fewer: --machines 1",
    });
  }
  if (message.includes("ENOTFOUND")) {
    return new TimetrialError("REGION_UNKNOWN", `${doing}: there is no such endpoint (${message})`, {
      cause: error,
      hint: "is the region spelled right?",
    });
  }
  return new TimetrialError("CLOUD", `${doing}: ${message}${code === "" ? "" : ` (${code})`}`, { cause: error });
}
