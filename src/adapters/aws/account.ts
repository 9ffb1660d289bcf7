// One account in one region: the SDK's clients, and what their requests show of the endpoint.

import type { EC2Client } from "@aws-sdk/client-ec2";
import type { GetProductsCommand, PricingClient } from "@aws-sdk/client-pricing";
import type { ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import type { SSMClient } from "@aws-sdk/client-ssm";
import type { STSClient } from "@aws-sdk/client-sts";
import { CallWatch } from "./call-watch.ts";
import { agentsOfEnvironment, type EnvironmentAgents } from "./request-agents.ts";

/** Until a connection stands. Milliseconds. */
const connectionTimeout = 20_000;
/** Until a request is answered, then it is sent again. Milliseconds. */
const requestTimeout = 60_000;
/** The least of it where time is scaled: a stand-in's answer takes what this computer takes. Milliseconds. */
const leastTimeout = 10_000;

/** Which account is meant: a region, and where it is not AWS, an endpoint. */
export interface AwsAccountOptions {
  readonly region: string;
  /** Another endpoint than AWS's own, for all services. Absent: the SDK's endpoint rules, the user's AWS_ENDPOINT_URL… among them. */
  readonly endpoint?: string;
  /** Only for the sandbox, which draws its own; otherwise the SDK's default chain finds and refreshes them. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Shrinks all waits on the cloud: 1, but less in a sandbox whose minutes take seconds. */
  readonly timeScale?: number;
  /** Told what the user should know of the endpoint: that it is silent, that clocks differ. */
  readonly say?: (text: string) => void;
}

/** An account in a region, with the SDK's clients for it. */
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
  /** Ids of machines that EC2 named as launched to this process: they are ours before EC2 shows them to readers. */
  readonly launched: Set<string>;
  /** What the requests of all its clients show of the endpoint. */
  readonly watch: CallWatch;
  /** The agents that all its requests go by; absent: the SDK's own. */
  readonly agents?: EnvironmentAgents;
}

/**
 * Loads the SDK and makes its clients. Sends nothing yet.
 *
 * @example
 * import { openAccount } from "timetrial/adapters";
 *
 * const account = await openAccount({ region: "us-east-1" });
 * console.log(account.region);
 */
export async function openAccount(options: AwsAccountOptions): Promise<AwsAccount> {
  // The SDK warns of Node 20's end of support in seven lines of its own; `doctor` says it in one.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";
  const sdk = await import("./sdk.ts");
  const { region, credentials, timeScale = 1, say = () => {} } = options;
  // The sandbox is this computer: no proxy leads there.
  const agents = credentials === undefined ? await agentsOfEnvironment() : undefined;
  const shared = { options, timeScale, ...(agents === undefined ? {} : { agents }) };
  const common = clientOptions(shared);
  const patient = { ...common, retryMode: "adaptive", maxAttempts: 6 };
  const watch = new CallWatch({ timeScale, say });
  const [ec2, ssm] = [new sdk.EC2Client(patient), new sdk.SSMClient(patient)];
  const ssmOnce = new sdk.SSMClient({ ...common, maxAttempts: 1 });
  watch.attach(ec2, "EC2");
  for (const client of [ssm, ssmOnce]) watch.attach(client, "SSM");
  return { region, sdk, ec2, ssm, ssmOnce, watch, launched: new Set(), ...shared };
}

/** What every client of the account is made with: where it asks, as whom, by which way, and how long it waits. */
export function clientOptions({ options, timeScale, agents }: Pick<AwsAccount, "options" | "timeScale" | "agents">) {
  const { region, endpoint, credentials } = options;
  return {
    region,
    requestHandler: {
      connectionTimeout,
      requestTimeout: Math.max(leastTimeout, requestTimeout * timeScale),
      throwOnRequestTimeout: true,
      ...agents?.kept,
    },
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  };
}

/** The time by the endpoint's clock, as far as it has answered; this computer's may be wrong. */
export function cloudTime({ watch }: Pick<AwsAccount, "watch">, clock: { now(): Date }): Date {
  return new Date(clock.now().getTime() + watch.offset_ms);
}

/** The price list's client, in the region that serves it nearest to the account's. */
export async function pricingClient(
  account: AwsAccount,
): Promise<{ client: PricingClient; GetProductsCommand: typeof GetProductsCommand }> {
  const { PricingClient: Client, GetProductsCommand: Command } = await import("./pricing-sdk.ts");
  const { region } = account;
  const client = new Client({
    ...clientOptions(account),
    region: region.startsWith("eu-") ? "eu-central-1" : region.startsWith("ap-") ? "ap-south-1" : "us-east-1",
    maxAttempts: 3,
  });
  account.watch.attach(client, "the price list");
  return { client, GetProductsCommand: Command };
}

/** The client of Service Quotas. */
export async function quotasClient(account: AwsAccount): Promise<ServiceQuotasClient> {
  const { ServiceQuotasClient: Client } = await import("./account-sdk.ts");
  const client = new Client({ ...clientOptions(account), maxAttempts: 2 });
  account.watch.attach(client, "Service Quotas");
  return client;
}

/** The client of STS, which says whose credentials they are. */
export async function identityClient(account: AwsAccount): Promise<STSClient> {
  const { STSClient: Client } = await import("./account-sdk.ts");
  const client = new Client({ ...clientOptions(account), maxAttempts: 3 });
  account.watch.attach(client, "STS");
  return client;
}
