// Who may call: signatures (SigV4) are recomputed from the secret and compared, not only looked for. Whoever can sign
// may run commands as the user of this computer.

import { createHash, createHmac, timingSafeEqual, type Hash, type Hmac } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { SignatureV4 } from "@smithy/signature-v4";
import { ServiceError } from "./service-error.ts";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export type ServiceName = "ec2" | "ssm" | "servicequotas" | "pricing" | "sts" | "iam";

export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly service: ServiceName;
}

const maxSkewMs = 15 * 60 * 1000;

// The same refusals under the names that each service gives them.
const jsonNames = {
  unsigned: "MissingAuthenticationTokenException",
  unknown: "UnrecognizedClientException",
  mismatch: "InvalidSignatureException",
  expired: "InvalidSignatureException",
};
const names = {
  ec2: {
    unsigned: "MissingAuthenticationToken",
    unknown: "AuthFailure",
    mismatch: "SignatureDoesNotMatch",
    expired: "RequestExpired",
  },
  sts: {
    unsigned: "MissingAuthenticationToken",
    unknown: "InvalidClientTokenId",
    mismatch: "SignatureDoesNotMatch",
    expired: "RequestExpired",
  },
  iam: {
    unsigned: "MissingAuthenticationToken",
    unknown: "InvalidClientTokenId",
    mismatch: "SignatureDoesNotMatch",
    expired: "RequestExpired",
  },
  ssm: jsonNames,
  servicequotas: jsonNames,
  pricing: jsonNames,
} as const;

/**
 * The region that `request` is signed for.
 *
 * @throws Failure where it is not signed with `credentials`, within 15 minutes of `now_ms`, for this service.
 */
export async function verifySignature(
  request: SignedRequest,
  credentials: Credentials,
  now_ms: number = Date.now(),
): Promise<string> {
  const name = names[request.service];
  const claim = claimOf(request.headers.authorization);
  if (claim === undefined) throw new ServiceError(name.unsigned, "Request is missing Authentication Token", 403);
  const { accessKeyId, region, service, signedHeaders, signature } = claim;
  if (accessKeyId !== credentials.accessKeyId)
    throw new ServiceError(name.unknown, "AWS was not able to validate the provided access credentials", 401);
  const mismatch = (why: string): ServiceError =>
    new ServiceError(
      name.mismatch,
      `The request signature we calculated does not match the one you provided: ${why}`,
      403,
    );
  if (service !== request.service) throw mismatch(`credential should be scoped to service ${request.service}`);
  const signedAt = dateOf(request.headers["x-amz-date"]);
  if (signedAt === undefined) throw mismatch("there is no x-amz-date");
  if (Math.abs(now_ms - signedAt.getTime()) > maxSkewMs)
    throw new ServiceError(name.expired, "Signature expired: signed more than 15 minutes from the time here", 403);
  for (const needed of ["host", "x-amz-date", ...("x-amz-target" in request.headers ? ["x-amz-target"] : [])])
    if (!signedHeaders.includes(needed)) throw mismatch(`${needed} is not among the signed headers`);
  const digest = request.headers["x-amz-content-sha256"];
  if (digest !== undefined && digest !== sha256(request.body)) throw mismatch("x-amz-content-sha256 is another body's");

  const expected = await signatureOf(request, credentials, { region, signedHeaders, signedAt });
  if (!equal(expected, signature)) throw mismatch("check your secret access key");
  return region;
}

/** The service that a request without X-Amz-Target is signed for: EC2, STS and IAM have no such header. */
export function queryService({ authorization }: IncomingHttpHeaders): "ec2" | "sts" | "iam" {
  const service = claimOf(authorization)?.service;
  return service === "sts" || service === "iam" ? service : "ec2";
}

/** Whether the service has the Query protocol as it was before EC2's own. */
export function isQuery(service: ServiceName): boolean {
  return service === "sts" || service === "iam";
}

interface Claim {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

function claimOf(authorization: string | undefined): Claim | undefined {
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/, ]+)\/\d{8}\/([^/, ]+)\/([^/, ]+)\/aws4_request, ?SignedHeaders=([^, ]+), ?Signature=([0-9a-f]{64})$/.exec(
      authorization ?? "",
    );
  if (match === null) return undefined;
  const [, accessKeyId = "", region = "", service = "", headers = "", signature = ""] = match;
  return { accessKeyId, region, service, signedHeaders: headers.split(";"), signature };
}

function dateOf(value: string | string[] | undefined): Date | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(value ?? ""));
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

async function signatureOf(
  request: SignedRequest,
  credentials: Credentials,
  how: { region: string; signedHeaders: readonly string[]; signedAt: Date },
): Promise<string> {
  const headers: Record<string, string> = {};
  for (const name of how.signedHeaders) headers[name] = String(request.headers[name] ?? "");
  const signer = new SignatureV4({
    credentials,
    region: how.region,
    service: request.service,
    sha256: Sha256,
    applyChecksum: false,
  });
  const signed = await signer.sign(
    {
      method: request.method,
      protocol: "http:",
      hostname: "127.0.0.1",
      path: request.path,
      query: {},
      headers,
      body: request.body,
    },
    {
      signingDate: how.signedAt,
      signableHeaders: new Set(how.signedHeaders),
      unsignableHeaders: new Set(),
    },
  );
  return claimOf(signed.headers["authorization"])?.signature ?? "";
}

class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: Parameters<typeof createHmac>[1] | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", bytes(secret));
  }

  update(chunk: unknown): void {
    this.#hash.update(bytes(chunk));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }
}

function bytes(value: unknown): Uint8Array | string {
  if (typeof value === "string" || value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw new TypeError("expected a string or bytes");
}

function sha256(body: Buffer): string {
  return createHash("sha256").update(body).digest("hex");
}

function equal(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
