// The watch for running machines, by a real SDK client over HTTP; the endpoint is a stand-in that throttles, loses and
// delays what the sandbox never would.

import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { openAccount, type AwsAccount } from "../../../../src/adapters/aws/account.ts";
import { systemClock } from "../../../../src/adapters/system/clock.ts";
import { bootClients } from "../../../../src/adapters/ec2/boot/clients.ts";
import { StateWatch } from "../../../../src/adapters/ec2/boot/state-watch.ts";
import type { Clock } from "../../../../src/ports/clock.ts";

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const never = new AbortController().signal;
const wanted = (for_s: number) => ({
  address: "public" as const,
  family: 4 as const,
  until_s: systemClock.monotonic_s() + for_s,
});

type Answer = (response: ServerResponse, question: number, form: URLSearchParams) => void;

/** Connections that the endpoint was asked for. */
let connections = 0;

async function endpoint(answer: Answer): Promise<AwsAccount> {
  let questions = 0;
  connections = 0;
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (bytes: Buffer) => {
      body += bytes.toString();
    });
    request.on("end", () => answer(response, ++questions, new URLSearchParams(body)));
  });
  server.on("connection", () => (connections += 1));
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return await openAccount({
    region: "us-east-1",
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
  });
}

async function watching(answer: Answer, clock: Clock = systemClock): Promise<StateWatch> {
  const opened = await endpoint(answer);
  return new StateWatch(opened, bootClients(opened).describing, clock, 0.05);
}

function say(response: ServerResponse, id: string, state: string, more = ""): void {
  response.setHeader("content-type", "text/xml");
  response.end(
    `<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><reservationSet><item><instancesSet><item><instanceId>${id}</instanceId><instanceState><name>${state}</name></instanceState>${more}</item></instancesSet></item></reservationSet></DescribeInstancesResponse>`,
  );
}

function refuse(response: ServerResponse, code: string, status: number): void {
  response.statusCode = status;
  response.end(`<Response><Errors><Error><Code>${code}</Code><Message>no</Message></Error></Errors></Response>`);
}

const at = "<ipAddress>192.0.2.9</ipAddress>";

test("pitfall 20: running is the first answer with the state and the address; throttled questions are counted, none is repeated", async () => {
  const watch = await watching((response, question) => {
    if (question <= 2) refuse(response, "RequestLimitExceeded", 503);
    else if (question === 3) refuse(response, "InternalError", 500);
    else if (question === 4) say(response, "i-1", "pending");
    else if (question === 5) say(response, "i-1", "running");
    else say(response, "i-1", "running", at);
  });
  const seen = await watch.running("i-1", wanted(10), never);
  expect(seen).toMatchObject({ address: "192.0.2.9", describes: { failed: 3, throttled: 2 } });
  expect(seen.describes.sent).toBeGreaterThanOrEqual(6);
});

test("pitfall 20: a slow answer holds up no other: the questions overlap", async () => {
  const held: ServerResponse[] = [];
  const watch = await watching((response, question) => {
    if (question === 1) held.push(response);
    else say(response, "i-1", "running", at);
  });
  // The first question is not answered before a later one was.
  expect(await watch.running("i-1", wanted(10), never)).toMatchObject({ address: "192.0.2.9" });
  expect(held).toHaveLength(1);
  for (const response of held) say(response, "i-1", "pending");
});

test("several machines are one question", async () => {
  const asked: string[][] = [];
  const watch = await watching((response, question, form) => {
    asked.push([...form].filter(([name]) => name.includes(".Value.")).map(([, value]) => value));
    say(response, question % 2 === 0 ? "i-1" : "i-2", "running", at);
  });
  await Promise.all(["i-1", "i-2"].map((id) => watch.running(id, wanted(10), never)));
  expect(asked).toContainEqual(["i-1", "i-2"]);
});

test("a machine that is ended meanwhile is not waited for, and the cloud's reason is passed on", async () => {
  const why = "<stateReason><message>Server.InsufficientInstanceCapacity</message></stateReason>";
  const watch = await watching((response) => say(response, "i-1", "terminated", why));
  expect(await watch.running("i-1", wanted(30), never)).toMatchObject({
    reason: "it is terminated: Server.InsufficientInstanceCapacity",
  });
});

test("a machine that dies pending tells whether its zone is full, and of Client.InternalError that its key may be why", async () => {
  const dead = async (code: string) => {
    const why = `<stateReason><code>${code}</code><message>${code}: no</message></stateReason>`;
    const watch = await watching((response) => say(response, "i-1", "terminated", why));
    return await watch.running("i-1", wanted(30), never);
  };
  expect(await dead("Server.InsufficientInstanceCapacity")).toMatchObject({ zoneIsFull: true });
  const other = await dead("Client.InternalError");
  expect(other).not.toHaveProperty("zoneIsFull");
  expect(other).toHaveProperty("reason", expect.stringMatching(/^it is terminated: .*KMS key of its disk/));
});

test("a machine that dies later is noticed by whoever mourns it", async () => {
  const watch = await watching((response, question) =>
    question < 3 ? say(response, "i-1", "running", at) : say(response, "i-1", "shutting-down"),
  );
  expect(await watch.dying("i-1", never)).toBe("it is shutting-down");
});

test("an address of another kind than the one asked for is none", async () => {
  const watch = await watching((response) =>
    say(
      response,
      "i-1",
      "running",
      "<ipAddress>evil.example</ipAddress><privateIpAddress>192.0.2.9</privateIpAddress>",
    ),
  );
  expect(await watch.running("i-1", wanted(0.5), never)).toMatchObject({
    reason: "i-1 runs, but never got a public address",
  });
});

test("a machine that runs for a minute without an address gets none: it is not waited for until the boot's own limit", async () => {
  let ahead_s = 0;
  let asked = 0;
  const clock = { ...systemClock, monotonic_s: () => systemClock.monotonic_s() + ahead_s };
  const watch = await watching((response, question) => {
    asked = question;
    // The first answer is at 0; those from the second on come nearly a minute later, those from the tenth on after it.
    ahead_s = question >= 10 ? 61 : question >= 2 ? 55 : 0;
    say(response, "i-1", "running");
  }, clock);
  const seen = await watch.running("i-1", wanted(600), never);
  expect(seen).toMatchObject({ reason: "i-1 runs, but never got a public address" });
  expect(asked).toBeGreaterThanOrEqual(10);
});

test("each launching call connects anew, as the report says; questions keep their connection", async () => {
  const opened = await endpoint((response) => say(response, "i-1", "running"));
  const { launching, describing } = bootClients(opened);
  for (const client of [launching, describing]) {
    const before = connections;
    for (let n = 0; n < 3; n++) await client.send(new opened.sdk.DescribeInstancesCommand({}));
    expect(connections - before).toBe(client === launching ? 3 : 1);
  }
});
