// The endpoint: HTTP on 127.0.0.1, EC2's protocol and SSM's on one port, told apart by X-Amz-Target.

import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Account } from "./account.ts";
import { bootOperations } from "./boot-operations.ts";
import { instanceOperations } from "./ec2-instances.ts";
import { offerOperations } from "./ec2-offers.ts";
import { Failure } from "./failure.ts";
import { readJson, writeJson, writeJsonFailure } from "./json-protocol.ts";
import { readQuery } from "./query-input.ts";
import { writeXml, writeXmlFailure } from "./query-output.ts";
import { inputOf, outputOf } from "./schema-names.ts";
import { verifySignature, type Credentials, type ServiceName } from "./signature.ts";
import { commandOperations } from "./ssm-commands.ts";
import { nodeOperations } from "./ssm-nodes.ts";
import { parameterOperations } from "./ssm-parameters.ts";

const operations = {
  ec2: { ...instanceOperations, ...bootOperations, ...offerOperations },
  ssm: { ...commandOperations, ...nodeOperations, ...parameterOperations },
};

const bodyLimit = 1024 * 1024;

export interface Endpoint {
  readonly url: string;
  close(): Promise<void>;
}

export interface EndpointPlan {
  readonly account: Account;
  readonly credentials: Credentials;
  /** Called at the beginning of each request. */
  readonly onRequest: () => void;
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
  const service: ServiceName = request.headers["x-amz-target"] === undefined ? "ec2" : "ssm";
  let reply: Reply;
  try {
    reply = { status: 200, body: await answer(request, { ...plan, service, requestId }) };
  } catch (error) {
    const failure = error instanceof Failure ? error : new Failure("InternalError", String(error), 500);
    const body = service === "ec2" ? writeXmlFailure(failure, requestId) : writeJsonFailure(failure);
    reply = { status: failure.status, body };
    // What is left of a body that was not read would be taken for the next request.
    if (!request.complete) response.setHeader("connection", "close");
  }
  response.writeHead(reply.status, {
    "content-type": service === "ec2" ? "text/xml;charset=UTF-8" : "application/x-amz-json-1.1",
    "content-length": Buffer.byteLength(reply.body),
    "x-amzn-requestid": requestId,
  });
  response.end(reply.body);
}

async function answer(
  request: IncomingMessage,
  plan: EndpointPlan & { service: ServiceName; requestId: string },
): Promise<string> {
  const { service } = plan;
  checkHost(request);
  if (request.method !== "POST" || request.url !== "/")
    throw new Failure("InvalidAction", "the sandbox answers POST / only", 404);
  const body = await bodyOf(request);
  const { headers } = request;
  const regionName = await verifySignature({ method: "POST", path: "/", headers, body, service }, plan.credentials);
  const region = plan.account.region(regionName);

  const form = service === "ec2" ? new URLSearchParams(body.toString("utf8")) : undefined;
  const action = form?.get("Action") ?? String(headers["x-amz-target"] ?? "").replace(/^AmazonSSM\./, "");
  const known = operations[service] as Record<string, (typeof operations.ec2)[string]>;
  const operation = Object.hasOwn(known, action) ? known[action] : undefined;
  if (operation === undefined)
    throw service === "ec2"
      ? new Failure("InvalidAction", `The action ${action} is not valid for this web service.`)
      : new Failure("UnknownOperationException", `the sandbox has no operation ${action}`);
  const schema = inputOf(operation.schema);
  const input = form === undefined ? readJson(body, schema) : readQuery(form, schema);
  const output = operation.answer(input, region);
  return form === undefined ? writeJson(output) : writeXml(action, output, outputOf(operation.schema), plan.requestId);
}

// A page in a browser can be made to reach 127.0.0.1 under a name of its own (DNS rebinding).
function checkHost(request: IncomingMessage): void {
  const port = request.socket.localPort;
  const { host } = request.headers;
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`)
    throw new Failure("InvalidHost", "the sandbox answers to 127.0.0.1 and localhost only", 403);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const tooLarge = new Failure("RequestEntityTooLarge", `a request has at most ${bodyLimit} bytes`, 413);
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
