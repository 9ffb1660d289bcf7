// The endpoint: HTTP on 127.0.0.1, EC2's protocol and the JSON of SSM, Service Quotas and the price list on one port, told
// apart by X-Amz-Target.

import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { SandboxAccount } from "./account.ts";
import { groupOperations } from "./ec2/security-groups.ts";
import { consoleOperations } from "./ec2/console.ts";
import { statusOperations } from "./ec2/instance-status.ts";
import { instanceOperations } from "./ec2/instances.ts";
import { offeringOperations } from "./ec2/offerings.ts";
import { routeOperations } from "./ec2/routes.ts";
import { spotOperations } from "./ec2/spot-requests.ts";
import { tagOperations } from "./ec2/tags.ts";
import { volumeOperations } from "./ec2/volumes.ts";
import { ServiceError } from "./protocol/service-error.ts";
import { readJsonInput, writeJsonOutput, writeJsonFailure } from "./protocol/json-protocol.ts";
import type { Operation } from "./operation.ts";
import { readQuery } from "./protocol/query-input.ts";
import { writeQueryFailure, writeQueryXml, writeXml, writeXmlFailure } from "./protocol/query-output.ts";
import { answerWithFaults, ConnectionDropped } from "./faults/request-faults.ts";
import { priceListOperations, spotPriceOperations } from "./ec2/prices.ts";
import { identityOperations } from "./iam/identity.ts";
import { profileOperations } from "./iam/instance-profiles.ts";
import { quotaOperations } from "./ec2/quotas.ts";
import { inputOf, outputOf } from "./protocol/sdk-schemas.ts";
import type { Exchange } from "./protocol/wire-log.ts";
import { isQuery, queryService, verifySignature, type Credentials, type ServiceName } from "./protocol/signature.ts";
import { commandOperations } from "./ssm/commands.ts";
import { nodeOperations } from "./ssm/managed-nodes.ts";
import { parameterOperations } from "./ssm/parameters.ts";

const operations = {
  ec2: {
    ...instanceOperations,
    ...statusOperations,
    ...volumeOperations,
    ...tagOperations,
    ...consoleOperations,
    ...offeringOperations,
    ...spotOperations,
    ...groupOperations,
    ...routeOperations,
    ...spotPriceOperations,
  },
  ssm: { ...commandOperations, ...nodeOperations, ...parameterOperations },
  servicequotas: quotaOperations,
  pricing: priceListOperations,
  sts: identityOperations,
  iam: profileOperations,
};

/** What stands before the operation's name in X-Amz-Target. */
const targets: readonly (readonly [string, ServiceName])[] = [
  ["AmazonSSM.", "ssm"],
  ["ServiceQuotasV20190624.", "servicequotas"],
  ["AWSPriceListService.", "pricing"],
];

/** A request that was signed well and read by its schema. */
export interface Call {
  readonly service: ServiceName;
  readonly action: string;
  readonly input: Record<string, unknown>;
}

/** Sees every call before it is answered. What it returns happens instead of, or to, the answer. */
export type CallInterceptor = (call: Call) => ServiceError | "lose the answer" | undefined;

class LostAnswer extends Error {}

const bodyLimit = 1024 * 1024;

export interface Endpoint {
  readonly url: string;
  close(): Promise<void>;
}

export interface EndpointPlan {
  readonly account: SandboxAccount;
  readonly credentials: Credentials;
  /** Called with each exchange that was answered. */
  readonly onExchange: ((exchange: Exchange) => void) | undefined;
  /** Called at the beginning of each request. */
  readonly onRequest: () => void;
  readonly witness?: CallInterceptor | undefined;
}

export async function listen(plan: EndpointPlan): Promise<Endpoint> {
  const server = createServer((request, response) => void serve(request, response, plan));
  // Longer than the SDK keeps its sockets: it shall not find one closed under its hand.
  server.keepAliveTimeout = 75_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

interface Reply {
  readonly status: number;
  readonly body: string;
}

async function serve(request: IncomingMessage, response: ServerResponse, plan: EndpointPlan): Promise<void> {
  plan.onRequest();
  const requestId = randomUUID();
  const target = request.headers["x-amz-target"];
  const service = target === undefined ? queryService(request.headers) : (targetOf(String(target))?.[1] ?? "ssm");
  let reply: Reply;
  const asked = { action: "", body: "" };
  try {
    reply = { status: 200, body: await answer(request, asked, { ...plan, service, requestId }) };
  } catch (error) {
    if (error instanceof ConnectionDropped || error instanceof LostAnswer) {
      request.socket.destroy();
      return;
    }
    const failure = error instanceof ServiceError ? error : new ServiceError("InternalError", String(error), 500);
    const body =
      service === "ec2"
        ? writeXmlFailure(failure, requestId)
        : isQuery(service)
          ? writeQueryFailure(failure, requestId)
          : writeJsonFailure(failure);
    reply = { status: failure.status, body };
    // What is left of a body that was not read would be taken for the next request.
    if (!request.complete) response.setHeader("connection", "close");
  }
  if (asked.action !== "")
    plan.onExchange?.({ service, action: asked.action, status: reply.status, request: asked.body, reply: reply.body });
  response.writeHead(reply.status, {
    "content-type": service === "ec2" || isQuery(service) ? "text/xml;charset=UTF-8" : "application/x-amz-json-1.1",
    "content-length": Buffer.byteLength(reply.body),
    "x-amzn-requestid": requestId,
    date: new Date(plan.account.now_ms()).toUTCString(),
  });
  response.end(reply.body);
}

/** Answers; `asked` gets what was asked, once that is known. */
async function answer(
  request: IncomingMessage,
  asked: { action: string; body: string },
  plan: EndpointPlan & { service: ServiceName; requestId: string },
): Promise<string> {
  const { service } = plan;
  checkHost(request);
  if (request.method !== "POST" || request.url !== "/")
    throw new ServiceError("InvalidAction", "the sandbox answers POST / only", 404);
  const body = await bodyOf(request);
  const { headers } = request;
  const regionName = await verifySignature(
    { method: "POST", path: "/", headers, body, service },
    plan.credentials,
    plan.account.now_ms(),
  );
  const region = plan.account.region(regionName);

  const form = service === "ec2" || isQuery(service) ? new URLSearchParams(body.toString("utf8")) : undefined;
  const action = form?.get("Action") ?? operationIn(String(headers["x-amz-target"] ?? ""));
  Object.assign(asked, { action, body: body.toString("utf8") });
  const known: Readonly<Record<string, Operation>> = operations[service];
  const operation = Object.hasOwn(known, action) ? known[action] : undefined;
  if (operation === undefined)
    throw form !== undefined
      ? new ServiceError("InvalidAction", `The action ${action} is not valid for this web service.`)
      : new ServiceError("UnknownOperationException", `the sandbox has no operation ${action}`);
  return await answerWithFaults(plan.account, service, () => {
    const schema = inputOf(operation.schema);
    const input = form === undefined ? readJsonInput(body, schema) : readQuery(form, schema, isQuery(service));
    const verdict = plan.witness?.({ service, action, input });
    if (verdict instanceof ServiceError) throw verdict;
    const output = operation.answer(input, region);
    if (verdict !== undefined) throw new LostAnswer();
    if (form === undefined) return writeJsonOutput(output);
    const write = isQuery(service) ? writeQueryXml : writeXml;
    return write(action, output, outputOf(operation.schema), plan.requestId);
  });
}

function targetOf(header: string): (typeof targets)[number] | undefined {
  return targets.find(([prefix]) => header.startsWith(prefix));
}

function operationIn(header: string): string {
  return header.slice(targetOf(header)?.[0].length ?? 0);
}

// A page in a browser can be made to reach 127.0.0.1 under a name of its own (DNS rebinding).
function checkHost(request: IncomingMessage): void {
  const port = request.socket.localPort;
  const { host } = request.headers;
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`)
    throw new ServiceError("InvalidHost", "the sandbox answers to 127.0.0.1 and localhost only", 403);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const tooLarge = new ServiceError("RequestEntityTooLarge", `a request has at most ${bodyLimit} bytes`, 413);
  // Said before reading where it can be: to stop reading closes the socket, and nothing more is said.
  if (Number(request.headers["content-length"] ?? 0) > bodyLimit) throw tooLarge;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > bodyLimit) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
