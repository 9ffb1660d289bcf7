// One account in one region: the SDK's clients, made when first asked for.

import type { EC2Client } from "@aws-sdk/client-ec2";
import type { GetProductsCommand, PricingClient } from "@aws-sdk/client-pricing";
import type { SSMClient } from "@aws-sdk/client-ssm";
import { agentsOfEnvironment, type RequestAgents } from "./request-agents.ts";

export interface AwsAccountOptions {
  readonly region: string;
  /** Another endpoint than AWS's own, for both services. */
  readonly endpoint?: string;
  /** Only for the sandbox, which draws its own; otherwise the SDK's default chain finds and refreshes them. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Shrinks all waits on the cloud: 1, but less in a sandbox whose minutes take seconds. */
  readonly timeScale?: number;
}

export interface AwsAccount {
  readonly region: string;
  readonly timeScale: number;
  readonly sdk: typeof import("./sdk.ts");
  readonly ec2: EC2Client;
  /** For reads: retries adaptively. */
  readonly ssm: SSMClient;
  /** For calls that must not be sent twice by the SDK itself: no retries. */
  readonly ssmOnce: SSMClient;
  readonly options: AwsAccountOptions;
  /** The agents that all its requests go by; absent: the SDK's own. */
  readonly agents?: RequestAgents;
}

/** Loads the SDK and makes its clients. Asks nothing of anybody yet. */
export async function openAccount(options: AwsAccountOptions): Promise<AwsAccount> {
  // The SDK warns of Node 20's end of support in seven lines of its own; `doctor` says it in one.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";
  const sdk = await import("./sdk.ts");
  const { region, endpoint, credentials } = options;
  // The sandbox is this computer: no proxy leads there.
  const agents = credentials === undefined ? await agentsOfEnvironment() : undefined;
  const common = {
    region,
    ...(agents === undefined ? {} : { requestHandler: agents }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  };
  const patient = { ...common, retryMode: "adaptive", maxAttempts: 6 };
  return {
    region,
    timeScale: options.timeScale ?? 1,
    sdk,
    ec2: new sdk.EC2Client(patient),
    ssm: new sdk.SSMClient(patient),
    ssmOnce: new sdk.SSMClient({ ...common, maxAttempts: 1 }),
    options,
    ...(agents === undefined ? {} : { agents }),
  };
}

/** The price list's client, in the region that serves it nearest to the account's. */
export async function pricingClient({
  options: { endpoint, credentials },
  agents,
  region,
}: AwsAccount): Promise<{ client: PricingClient; GetProductsCommand: typeof GetProductsCommand }> {
  const { PricingClient: Client, GetProductsCommand: Command } = await import("./pricing-sdk.ts");
  const client = new Client({
    region: region.startsWith("eu-") ? "eu-central-1" : region.startsWith("ap-") ? "ap-south-1" : "us-east-1",
    maxAttempts: 3,
    ...(agents === undefined ? {} : { requestHandler: agents }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  });
  return { client, GetProductsCommand: Command };
}
