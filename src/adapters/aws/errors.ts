// Classifies errors of AWS and the SDK, and translates them for the user.

import { defined } from "../../domain/defined.ts";
import { type ErrorCode, TimetrialError } from "../../domain/errors.ts";
import { printable } from "../../domain/printable.ts";
import { notAwsName } from "./answer-check.ts";

/**
 * Returns the error's code as AWS spells it: `InvalidInstanceType`, `ThrottlingException`; "" if it is not an AWS
 * error.
 */
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
]);
const denied = new Set(["UnauthorizedOperation", "AccessDenied", "AccessDeniedException"]);
const quota = new Set(["VcpuLimitExceeded", "InstanceLimitExceeded", "MaxSpotInstanceCountExceeded"]);

/** Returns whether the credentials are refused or missing, so that a retry cannot help. */
export function isAuthError(error: unknown): boolean {
  const code = awsCode(error);
  return noCredentials.has(code) || refusedCredentials.has(code) || denied.has(code);
}

const transientCodes =
  /^(Throttl|RequestLimitExceeded|RequestThrottled|TooManyRequests|Internal|ServiceUnavailable|Unavailable|Timeout|RequestTimeout|ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN|ENET|EHOST|EADDRNOTAVAIL|NetworkingError)/;
/** Errors of requests to an endpoint that had responded before. */
const transientErrors = new WeakSet<object>();

/** Marks `error` as one of a request to an endpoint that had responded before. */
export function markTransient(error: unknown): void {
  if (typeof error === "object" && error !== null) transientErrors.add(error);
}

/**
 * Returns whether a retry may succeed: the request was throttled, the service or the network failed, or a host name
 * that resolved before does not resolve now.
 */
export function isTransient(error: unknown): boolean {
  if (error instanceof TimetrialError) return isTransient(error.cause);
  if (!(error instanceof Error) || isAuthError(error)) return false;
  const { code, $metadata } = error as Error & { code?: unknown; $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode ?? 0;
  if (error.name === notAwsName) return status < 400 || status >= 500;
  if (code === "ENOTFOUND") return transientErrors.has(error);
  return status >= 500 || transientCodes.test(error.name) || (typeof code === "string" && transientCodes.test(code));
}

const skewCodes = new Set(["RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed"]);
/** Codes that may also mean a bad signature: the message tells which. */
const skewOrSignature = new Set(["AuthFailure", "InvalidSignatureException", "SignatureDoesNotMatch"]);

/**
 * Returns whether a request was, or may have been, refused for the time it was signed with: some services do not say.
 */
export function isClockSkewed(error: unknown): boolean {
  const code = awsCode(error);
  return skewCodes.has(code) || skewOrSignature.has(code);
}

/** EC2 lacks capacity: a definite refusal, though its status is 500. */
const lacksCapacity = /^(Insufficient\w*Capacity\w*|UnfulfillableCapacity)$/;
/**
 * The request was throttled or timed out, or its token was used before: the outcome of an earlier request with the
 * token is open.
 */
const unknownOutcome4xx =
  /^(Throttl\w*|\w*LimitExceededException|RequestLimitExceeded|RequestThrottled\w*|TooManyRequests\w*|RequestTimeout\w*|IdempotentParameterMismatch)$/;

const throttles =
  /^(RequestLimitExceeded|RequestThrottled|Throttl|TooManyRequests|SlowDown|BandwidthLimitExceeded|EC2ThrottledException)/;

/** Returns whether the request was throttled: EC2 did not execute it. */
export function isThrottled(error: unknown): boolean {
  return throttles.test(awsCode(error));
}

/** Returns whether `error` means that a name which led somewhere before leads nowhere for now: nothing was sent. */
export function isNameless(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === "ENOTFOUND" && isTransient(error);
}

/**
 * Returns whether `error`, thrown by a RunInstances call with our token, proves that nothing was launched: EC2 refused
 * the call, or it was never sent for want of credentials. After any other error the launch must be looked up by its
 * token.
 */
export function isRefusedLaunch(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (noCredentials.has(error.name) || lacksCapacity.test(error.name)) return true;
  const { $metadata: { httpStatusCode: status = 0 } = {} } = error as { $metadata?: { httpStatusCode?: number } };
  // A proxy's refusal says nothing about what EC2 did.
  if (error.name === notAwsName) return false;
  return status >= 400 && status < 500 && !unknownOutcome4xx.test(error.name);
}

/** Returns whether `error` means that no credentials were found, so that nothing was sent. */
export function lacksCredentials(error: unknown): boolean {
  return noCredentials.has(awsCode(error));
}

/** Converts `error`, thrown while `doing`, for the user. AWS's own words are kept. */
export function awsError(error: unknown, doing: string): TimetrialError {
  if (error instanceof TimetrialError) return error;
  const code = awsCode(error);
  const message = printable(error instanceof Error ? error.message : String(error)).trim();
  const translated = (kind: ErrorCode, text: string, hint?: string): TimetrialError =>
    new TimetrialError(kind, `${doing}: ${text}`, { cause: error, ...defined({ hint }) });
  if (noCredentials.has(code)) return translated("NO_CREDENTIALS", credentialsText(message), credentialsHint(message));
  if (isImageRefusal(code, message)) return translated("REFUSED", `${message} (${code})`, subscriptionHint(message));
  if (refusedCredentials.has(code))
    return translated("NO_CREDENTIALS", `AWS refused the credentials: ${message} (${code})`, refusalHint(code));
  if (denied.has(code)) {
    const { text, blob } = withoutBlob(message);
    const decode = `to see what forbids it: aws sts decode-authorization-message --encoded-message ${blob ?? ""}`;
    return translated(
      "NO_CREDENTIALS",
      `not allowed for these credentials: ${text} (${code})`,
      blob === undefined ? undefined : decode,
    );
  }
  if (lacksCapacity.test(code)) return translated("NO_CAPACITY", `${message} (${code})`);
  if (quota.has(code))
    return translated("QUOTA", `${message} (${code})`, "ask for a higher quota, or for fewer: --machines 1");
  if (message.includes("ENOTFOUND") && !isTransient(error))
    return translated("REGION_UNKNOWN", `there is no such endpoint (${message})`, "is the region spelled right?");
  const { httpStatusCode: status } = (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata ?? {};
  if (code === "Unknown" || code === "SyntaxError" || message.includes("Deserialization error"))
    return translated("CLOUD", `HTTP ${status ?? "answer"}, which is not AWS's form`, "is there a proxy between?");
  if (code === notAwsName) return translated("CLOUD", message, "is there a proxy or a portal between?");
  return translated("CLOUD", `${message}${code === "" || code === "Error" ? "" : ` (${code})`}`, launchHint(code));
}

/** Returns whether the image's owner or the marketplace refused, so that the credentials are not to blame. */
function isImageRefusal(code: string, message: string): boolean {
  return code === "OptInRequired" || (code === "AuthFailure" && /not authorized for images/i.test(message));
}

function subscriptionHint(message: string): string {
  const address = /https:\/\/\S+/.exec(message)?.[0].replace(/[.,]$/, "");
  return address === undefined
    ? "its owner must share the image with this account, or take another --image"
    : `accept its terms first: ${address}`;
}

function credentialsText(message: string): string {
  const generic = message === "" || /could not load credentials from any providers/i.test(message);
  if (!generic) return `no AWS credentials were found: ${message}`;
  const profile = process.env["AWS_PROFILE"] ?? "";
  // The chain ended without a message. If a profile was named, it holds no credentials: the AWS CLI's message for that.
  return profile === ""
    ? "no AWS credentials were found"
    : `no AWS credentials were found: the config profile (${profile}) could not be found, or holds none`;
}

function credentialsHint(message: string): string {
  const profile = process.env["AWS_PROFILE"];
  const named = profile === undefined || profile === "" ? "" : ` --profile ${profile}`;
  if (/\bSSO\b|token .*expired|sso login/i.test(message)) return `run 'aws sso login${named}'`;
  const silent = named !== "" && (message === "" || /could not load credentials from any providers/i.test(message));
  if (silent || /could not resolve credentials using profile|profile .*(not found|could not be found)/i.test(message))
    return "is AWS_PROFILE spelled right? aws configure list-profiles names those that there are";
  if (/multi-factor|\bMFA\b/i.test(message))
    return "get a session first: aws sts get-session-token --serial-number MFA_ARN --token-code CODE, and put it in the environment";
  if (/credential_process/i.test(message)) return "run the profile's credential_process by itself: what does it print?";
  return "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or try --cloud sandbox";
}

function refusalHint(code: string): string | undefined {
  if (/^(ExpiredToken|RequestExpired)/.test(code)) return "they have expired: get new ones ('aws sso login' for SSO)";
  if (["AuthFailure", "InvalidClientTokenId", "UnrecognizedClientException"].includes(code))
    return "are they of this account, and is the region enabled in it?";
  return undefined;
}

/** Splits off the encoded message, which people cannot read. AWS decodes it for those with permission. */
function withoutBlob(message: string): { readonly text: string; readonly blob?: string } {
  const [, text, blob] = /^(.*?)\s*Encoded authorization failure message:\s*(\S+)\s*$/s.exec(message) ?? [];
  return text === undefined || blob === undefined ? { text: message } : { text: text.trim(), blob };
}

function launchHint(code: string): string | undefined {
  return code === "VPCIdNotSpecified" ? "the account has no default network: name a subnet by --subnet" : undefined;
}
