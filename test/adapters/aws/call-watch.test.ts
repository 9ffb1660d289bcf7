// What requests show of the endpoint: real clients, over HTTP, to servers that are no sandbox, or one whose clock is wrong.

import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { openAccount } from "../../../src/adapters/aws/account.ts";
import { isTransient } from "../../../src/adapters/aws/errors.ts";
import { describeInstances } from "../../../src/adapters/ec2/describe-instances.ts";
import { parseFaults } from "../../../src/sandbox/faults/fault-plan.ts";
import { rent, type Rented } from "../../support/rented-machine.ts";

const credentials = { accessKeyId: "AKIANOBODY", secretAccessKey: "none" };
const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function accountAt(listener: RequestListener, said: string[] = [], timeScale = 0.02) {
  const server = createServer(listener);
  open.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const say = (text: string): void => void said.push(text);
  return await openAccount({ region: "us-east-1", endpoint, credentials, timeScale, say });
}

const noInstances = '<?xml version="1.0"?><DescribeInstancesResponse><reservationSet/></DescribeInstancesResponse>';

describe("an answer that is not AWS's", () => {
  test.each([
    ["a page of HTML", "text/html", "<!DOCTYPE html><html><body>Sign in & be well</body></html>"],
    ["nothing at all", "text/xml", ""],
    ["words", "text/plain", "OK"],
  ])(
    "is no list without instances: %s with status 200",
    async (_what, type, body) => {
      const account = await accountAt((_, response) => response.writeHead(200, { "content-type": type }).end(body));
      await expect(describeInstances(account, [])).rejects.toMatchObject({
        code: "CLOUD",
        message: expect.stringMatching(
          /^asking EC2 for instances: HTTP 200: an (empty answer|answer that is not AWS's)/,
        ),
      });
    },
    30_000,
  );

  test("is told by its status, not by a parser's words", async () => {
    const page = "<html><body>Bad & gateway</body></html>";
    const account = await accountAt((_, response) =>
      response.writeHead(403, { "content-type": "text/html" }).end(page),
    );
    const [ec2, ssm] = await Promise.all([
      describeInstances(account, []).catch((error: unknown) => error),
      account.ssm.send(new account.sdk.ListCommandsCommand({})).catch((error: unknown) => error),
    ]);
    expect(String((ec2 as Error).message)).toContain("HTTP 403");
    expect(String((ssm as Error).message)).toContain("HTTP 403");
  });
});

test("a silent endpoint is told of, and the request ends by its own limit", async () => {
  const said: string[] = [];
  const account = await accountAt(() => {}, said);
  const asked = account.ssmOnce.send(new account.sdk.ListCommandsCommand({}));
  const error: unknown = await asked.catch((fault: unknown) => fault);
  expect(isTransient(error)).toBe(true);
  expect(said).toEqual(["SSM has not answered for 60 s: it is asked again"]);
}, 30_000);

test("an endpoint that answered before may be out of reach for a while: that its name leads nowhere is no answer", async () => {
  const account = await accountAt((_, response) =>
    response.writeHead(200, { "content-type": "text/xml" }).end(noInstances),
  );
  expect(await describeInstances(account, [])).toEqual([]);
  const nowhere = Object.assign(new Error("getaddrinfo ENOTFOUND ec2.us-east-1.amazonaws.com"), { code: "ENOTFOUND" });
  account.ec2.middlewareStack.add(() => () => Promise.reject(nowhere), { step: "finalizeRequest", name: "resolver" });
  const error: unknown = await describeInstances(account, []).catch((fault: unknown) => fault);
  expect(error).toMatchObject({ code: "CLOUD" });
  expect(isTransient(error)).toBe(true);
}, 30_000);

describe("a wrong clock", () => {
  let rented: Rented | undefined;
  afterEach(async () => rented?.[Symbol.asyncDispose]());

  test.each([-400, 400, 10_800, -10_800])(
    "of this computer, the cloud's being %i s ahead, is learned with the first answer and used by all clients",
    async (skew_s) => {
      rented = await rent({ timeScale: 0.02, faults: parseFaults(`clock-skew=${skew_s}`) });
      const { endpoint, credentials: own, region } = rented.sandbox;
      const said: string[] = [];
      const say = (text: string): void => void said.push(text);
      const account = await openAccount({ region, endpoint, credentials: own, timeScale: 0.02, say });
      expect(await describeInstances(account, [])).toEqual([]);
      // The client that never repeats a call has learned it, too.
      await account.ssmOnce.send(new account.sdk.ListCommandsCommand({}));
      expect(Math.abs(account.watch.offset_ms - skew_s * 1000)).toBeLessThan(10_000);
      expect(said).toHaveLength(1);
      expect(said[0]).toMatch(
        new RegExp(`^this computer's clock is \\d+ s ${skew_s < 0 ? "ahead of" : "behind"} that of 127\\.0\\.0\\.1`),
      );
    },
    30_000,
  );

  test("is corrected by the first refusal where nothing was asked before, though the client repeats no call", async () => {
    rented = await rent({ timeScale: 0.02, faults: parseFaults("clock-skew=10800") });
    const { endpoint, credentials: own, region } = rented.sandbox;
    const account = await openAccount({ region, endpoint, credentials: own, timeScale: 0.02 });
    await account.ssmOnce.send(new account.sdk.ListCommandsCommand({}));
    expect(Math.abs(account.watch.offset_ms - 10_800_000)).toBeLessThan(10_000);
  });
});
