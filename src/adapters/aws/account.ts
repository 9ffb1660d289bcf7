// One account in one region: the SDK's clients, and what their requests reveal about the endpoint.

import type { EC2Client } from "@aws-sdk/client-ec2";
import type { GetProductsCommand, PricingClient } from "@aws-sdk/client-pricing";
import type { ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import type { SSMClient } from "@aws-sdk/client-ssm";
import type { STSClient } from "@aws-sdk/client-sts";
import { defined } from "../../domain/defined.ts";
import { CallRates } from "../ec2/call-rates.ts";
import { CallWatch } from "./call-watch.ts";
import { agentsOfEnvironment, type EnvironmentAgents } from "./request-agents.ts";

/** Timeout for establishing a connection. Milliseconds. */
const connectionTimeout = 20_000;
/** Timeout for a response; the SDK then sends the request again. Milliseconds. */
const requestTimeout = 60_000;
/**
 * The lower limit of the request timeout when time is scaled: a stand-in's response takes real time on this computer.
 * Milliseconds.
 */
const leastTimeout = 10_000;

/** Selects the account: a region and, if it is not AWS, an endpoint. */
export interface AwsAccountOptions {
  readonly region: string;
  /**
   * An endpoint other than AWS's own, for all services. If absent, the SDK's endpoint rules apply, including the user's
   * AWS_ENDPOINT_URL….
   */
  readonly endpoint?: string;
  /**
   * Only for the sandbox, which generates its own. Otherwise the SDK's default chain finds and refreshes credentials.
   */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Scales all waits on the cloud: 1, or less in a sandbox whose minutes take seconds. */
  readonly timeScale?: number;
  /** Receives what the user should know about the endpoint: that it is silent, or that the clocks differ. */
  readonly say?: (text: string) => void;
}

/** An account in a region, with the SDK's clients for it. */
export interface AwsAccount {
  readonly region: string;
  readonly timeScale: number;
  /** @internal Programs of others need no types of the SDK. */
  readonly sdk: typeof import("./sdk.ts");
  /** @internal */
  readonly ec2: EC2Client;
  /** @internal For reads: retries adaptively. */
  readonly ssm: SSMClient;
  /** @internal For calls that must not be sent twice by the SDK itself: no retries. */
  readonly ssmOnce: SSMClient;
  readonly options: AwsAccountOptions;
  /** Ids of instances that EC2 returned to this process as launched. They belong to the run before EC2 lists them. */
  readonly launched: Set<string>;
  /** What the requests of all its clients reveal about the endpoint. */
  readonly watch: CallWatch;
  /** The rates of its calls to EC2. */
  readonly rates: CallRates;
  /** The agents for all its requests. If absent, the SDK uses its own. */
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
  // The SDK warns about Node 20's end of support in seven lines; `doctor` says it in one.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";
  const sdk = await import("./sdk.ts");
  const { region, credentials, timeScale = 1, say = () => {} } = options;
  // The sandbox runs on this computer, so no proxy is needed to reach it.
  const agents = credentials === undefined ? await agentsOfEnvironment() : undefined;
  const shared = { options, timeScale, ...defined({ agents }) };
  const common = clientOptions(shared);
  const patient = { ...common, retryMode: "adaptive", maxAttempts: 6 };
  const watch = new CallWatch({ timeScale, say });
  const [ec2, ssm] = [new sdk.EC2Client(patient), new sdk.SSMClient(patient)];
  // It sends slower after it was throttled, as the others do.
  const ssmOnce = new sdk.SSMClient({ ...common, retryMode: "adaptive", maxAttempts: 1 });
  // The SDK looks through each answer for what a logger may be told, and there is none: a fifth of what it takes to read one.
  for (const { middlewareStack } of [ec2, ssm, ssmOnce]) middlewareStack.remove("loggerMiddleware");
  watch.attach(ec2, "EC2");
  const rates = new CallRates(timeScale);
  rates.attach(ec2);
  for (const client of [ssm, ssmOnce]) watch.attach(client, "SSM");
  return { region, sdk, ec2, ssm, ssmOnce, watch, rates, launched: new Set(), ...shared };
}

/** Returns the options of every client of the account: endpoint, credentials, agents and timeouts. */
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
    ...defined({ endpoint, credentials }),
  };
}

/** Returns the time by the endpoint's clock, once it has responded; this computer's clock may be wrong. */
export function cloudTime({ watch }: Pick<AwsAccount, "watch">, clock: { now(): Date }): Date {
  return new Date(clock.now().getTime() + watch.offset_ms);
}

/** Returns a client of the price list, in the serving region nearest to the account's. */
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
  account.watch.attach(client, "the price list", "beside");
  return { client, GetProductsCommand: Command };
}

/** Returns a client of Service Quotas. */
export async function quotasClient(account: AwsAccount): Promise<ServiceQuotasClient> {
  const { ServiceQuotasClient: Client } = await import("./account-sdk.ts");
  const client = new Client({ ...clientOptions(account), maxAttempts: 2 });
  account.watch.attach(client, "Service Quotas", "beside");
  return client;
}

/** Returns a client of STS, which tells whose credentials these are. */
export async function identityClient(account: AwsAccount): Promise<STSClient> {
  const { STSClient: Client } = await import("./account-sdk.ts");
  const client = new Client({ ...clientOptions(account), maxAttempts: 3 });
  account.watch.attach(client, "STS", "beside");
  return client;
}
