// One question to Service Quotas, signed by the EC2 client's own signer: the SDK's client of that service is not among
// our dependencies, and one JSON request is all that we want of it.

import { TimetrialError } from "../../domain/errors.ts";
import type { AwsAccount } from "./account.ts";

export interface Quota {
  readonly code: string;
  readonly name: string;
  readonly value: number;
}

/** An answer that takes longer is not waited for: the launch would say the same. Milliseconds. */
const patience_ms = 10_000;

/**
 * The quota of EC2 that AWS knows by `code`, in the account's region.
 *
 * Throws an Error named as AWS names it (`AccessDeniedException`, `NoSuchResourceException`), or what fetch throws.
 */
export async function ec2Quota(account: AwsAccount, code: string): Promise<Quota> {
  const url = await endpointOf(account);
  const body = JSON.stringify({ ServiceCode: "ec2", QuotaCode: code });
  const signer = await account.ec2.config.signer();
  const signed = await signer.sign(
    {
      method: "POST",
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port === "" ? {} : { port: Number(url.port) }),
      path: "/",
      query: {},
      headers: {
        host: url.host,
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "ServiceQuotasV20190624.GetServiceQuota",
      },
      body,
    },
    { signingService: "servicequotas", signingRegion: account.region },
  );
  // The client's own handler: it goes by the proxy, if any, by which all requests to AWS go.
  const { requestHandler, streamCollector } = account.ec2.config;
  const { response } = await requestHandler.handle(signed as never, { abortSignal: AbortSignal.timeout(patience_ms) });
  const text = Buffer.from(await streamCollector(response.body)).toString();
  return read(JSON.parse(text) as Answer, code);
}

interface Answer {
  readonly __type?: unknown;
  readonly message?: unknown;
  readonly Message?: unknown;
  readonly Quota?: { readonly QuotaCode?: unknown; readonly QuotaName?: unknown; readonly Value?: unknown };
}

function read({ __type: type, message, Message, Quota: quota }: Answer, code: string): Quota {
  if (quota?.QuotaCode === code && typeof quota.QuotaName === "string" && typeof quota.Value === "number")
    return { code, name: quota.QuotaName, value: quota.Value };
  if (typeof type !== "string")
    throw new TimetrialError("CLOUD", "Service Quotas: expected a quota, got something else");
  const said = [message, Message].find((text) => typeof text === "string");
  const error = new Error(said ?? type);
  // Either `Name` or `namespace#Name`.
  error.name = type.replace(/^.*#/, "");
  throw error;
}

/** EC2's endpoint under the other service's name; where EC2 has one that is not AWS's, that one serves both. */
async function endpointOf({ ec2, region }: AwsAccount): Promise<URL> {
  const { config } = ec2;
  if (config.isCustomEndpoint === true && config.endpoint !== undefined) {
    const { protocol, hostname, port } = await config.endpoint();
    return new URL(`${protocol}//${hostname}${port === undefined ? "" : `:${port}`}/`);
  }
  const { url } = config.endpointProvider({ Region: region });
  return new URL(`https://${url.hostname.replace(/^ec2\./, "servicequotas.")}/`);
}
