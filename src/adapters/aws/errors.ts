// What AWS and the SDK say went wrong, in our words.

import { type ErrorCode, TimetrialError } from "../../domain/errors.ts";
import { printable } from "../../domain/printable.ts";
import { notAwsName } from "./answer-check.ts";

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
]);
const denied = new Set(["UnauthorizedOperation", "AccessDenied", "AccessDeniedException"]);
const quota = new Set(["VcpuLimitExceeded", "InstanceLimitExceeded", "MaxSpotInstanceCountExceeded"]);

/** Whether asking again would never help: nobody let us in. */
export function isAuthError(error: unknown): boolean {
  const code = awsCode(error);
  return noCredentials.has(code) || refusedCredentials.has(code) || denied.has(code);
}

const transientCodes =
  /^(Throttl|RequestLimitExceeded|RequestThrottled|TooManyRequests|Internal|ServiceUnavailable|Unavailable|Timeout|RequestTimeout|ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN|ENET|EHOST|EADDRNOTAVAIL|NetworkingError)/;
/** Errors of a request to an endpoint that has answered before. */
const passing = new WeakSet<object>();

/** Notes that `error` was met by a request to an endpoint that has answered before. */
export function markPassing(error: unknown): void {
  if (typeof error === "object" && error !== null) passing.add(error);
}

/**
 * Whether the same question may be answered later: the rate was used up, the service or the network failed, or a name that
 * led to the endpoint before leads nowhere now.
 */
export function isTransient(error: unknown): boolean {
  if (error instanceof TimetrialError) return isTransient(error.cause);
  if (!(error instanceof Error) || isAuthError(error)) return false;
  const { code, $metadata } = error as Error & { code?: unknown; $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode ?? 0;
  if (error.name === notAwsName) return status < 400 || status >= 500;
  if (code === "ENOTFOUND") return passing.has(error);
  return status >= 500 || transientCodes.test(error.name) || (typeof code === "string" && transientCodes.test(code));
}

const skewCodes = new Set(["RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed"]);
/** Codes that stand for a bad signature, too: there the message says what it is. */
const skewOrSignature = new Set(["AuthFailure", "InvalidSignatureException", "SignatureDoesNotMatch"]);

/** Whether a request was refused for the time that it was signed with, or may have been: some services do not say. */
export function isClockSkewed(error: unknown): boolean {
  const code = awsCode(error);
  return skewCodes.has(code) || skewOrSignature.has(code);
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
  // A proxy's refusal says nothing of what EC2 did.
  if (error.name === notAwsName) return false;
  return status >= 400 && status < 500 && !openDespite4xx.test(error.name);
}

/** `error`, which `doing` met, as an error for the user: AWS's own words are kept. */
export function awsError(error: unknown, doing: string): TimetrialError {
  if (error instanceof TimetrialError) return error;
  const code = awsCode(error);
  const message = printable(error instanceof Error ? error.message : String(error)).trim();
  const told = (kind: ErrorCode, text: string, hint?: string): TimetrialError =>
    new TimetrialError(kind, `${doing}: ${text}`, { cause: error, ...(hint === undefined ? {} : { hint }) });
  if (noCredentials.has(code)) return told("NO_CREDENTIALS", credentialsText(message), credentialsHint(message));
  if (isImageRefusal(code, message)) return told("REFUSED", `${message} (${code})`, subscriptionHint(message));
  if (refusedCredentials.has(code))
    return told("NO_CREDENTIALS", `AWS refused the credentials: ${message} (${code})`, refusalHint(code));
  if (denied.has(code)) {
    const { text, blob } = withoutBlob(message);
    const decode = `what forbids it: aws sts decode-authorization-message --encoded-message ${blob ?? ""}`;
    return told(
      "NO_CREDENTIALS",
      `not allowed for these credentials: ${text} (${code})`,
      blob === undefined ? undefined : decode,
    );
  }
  if (lacksCapacity.test(code)) return told("NO_CAPACITY", `${message} (${code})`);
  if (quota.has(code))
    return told("QUOTA", `${message} (${code})`, "ask for a higher quota, or for fewer: --machines 1");
  if (message.includes("ENOTFOUND") && !isTransient(error))
    return told("REGION_UNKNOWN", `there is no such endpoint (${message})`, "is the region spelled right?");
  const { httpStatusCode: status } = (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata ?? {};
  if (code === "Unknown" || code === "SyntaxError" || message.includes("Deserialization error"))
    return told("CLOUD", `HTTP ${status ?? "answer"}, which is not AWS's form`, "is there a proxy between?");
  if (code === notAwsName) return told("CLOUD", message, "is there a proxy or a portal between?");
  return told("CLOUD", `${message}${code === "" || code === "Error" ? "" : ` (${code})`}`, launchHint(code));
}

/** What an image's owner or the marketplace refuses: the credentials are well. */
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
  // Where the chain ends without a word, a profile that was named held nothing: the AWS CLI's own words for it.
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

/** The encoded message is no word for people; AWS decodes it for those who may ask. */
function withoutBlob(message: string): { readonly text: string; readonly blob?: string } {
  const [, text, blob] = /^(.*?)\s*Encoded authorization failure message:\s*(\S+)\s*$/s.exec(message) ?? [];
  return text === undefined || blob === undefined ? { text: message } : { text: text.trim(), blob };
}

function launchHint(code: string): string | undefined {
  return code === "VPCIdNotSpecified" ? "the account has no default network: name a subnet by --subnet" : undefined;
}
