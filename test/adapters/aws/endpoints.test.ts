// Where questions go: to the user's endpoint, by the rules of the AWS CLI, and nowhere else. Real clients; a server on
// loopback that answers nothing of use.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { openAccount } from "../../../src/adapters/aws/account.ts";
import { callerIdentity } from "../../../src/adapters/aws/identity.ts";
import { awsPrices } from "../../../src/adapters/aws/prices.ts";
import { ec2Quota } from "../../../src/adapters/aws/service-quotas.ts";

describe("a question of an account", () => {
  const before = { ...process.env };
  const folder = mkdtempSync(join(tmpdir(), "timetrial-endpoint-"));
  let asked: string[] = [];
  let elsewhere: string[] = [];
  let endpoint = "";
  const server = createServer((request, response) => {
    asked.push(/Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(request.headers.authorization ?? "")?.[1] ?? "unsigned");
    response.writeHead(400, { "content-type": "text/xml" }).end("<Response><Errors/></Response>");
  });

  beforeAll(async () => {
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    [asked, elsewhere] = [[], []];
    for (const name of Object.keys(process.env)) if (/^AWS_|_PROXY$/i.test(name)) delete process.env[name];
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: "AKIANOBODY",
      AWS_SECRET_ACCESS_KEY: "none",
      AWS_CONFIG_FILE: "/nonexistent",
      AWS_SHARED_CREDENTIALS_FILE: "/nonexistent",
    });
    // Whatever connects to another place is noted, and never leaves this computer.
    // oxlint-disable-next-line typescript/unbound-method -- called with the socket below
    const { connect } = Socket.prototype;
    vi.spyOn(Socket.prototype, "connect").mockImplementation(function (this: Socket, ...words: never[]) {
      const [{ host = "localhost", port } = {}] = words.flat() as { host?: string; port?: number | string }[];
      if (`http://${host}:${port}` === endpoint) return (connect as (...all: unknown[]) => Socket).apply(this, words);
      elsewhere.push(`${host}:${port}`);
      // Once its owner listens for errors.
      setImmediate(() => this.destroy(new Error(`a connection to ${host}:${port}`)));
      return this;
    } as never);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  });

  /** Asks all that a run asks of the account; none of it has an answer. */
  async function askAll(): Promise<void> {
    const account = await openAccount({ region: "us-east-1" });
    await account.ec2.send(new account.sdk.DescribeInstancesCommand({})).catch(() => {});
    await account.ssmOnce.send(new account.sdk.ListCommandsCommand({})).catch(() => {});
    await ec2Quota(account, "L-1216C47A").catch(() => {});
    expect(await callerIdentity(account)).toBe(undefined);
    const { signal } = new AbortController();
    const { unknown } = await awsPrices(async () => account).ask({ types: ["c7g.large"], market: "on-demand", signal });
    expect(unknown).toHaveLength(1);
    expect(account.watch.hostOf("EC2")).toBe(endpoint.slice("http://".length));
  }

  const config = (): string => {
    const path = join(folder, "config");
    const services = ["ec2", "ssm"].map((name) => `${name} =\n  endpoint_url = ${endpoint}\n`).join("");
    writeFileSync(path, `[default]\nservices = here\n[services here]\n${services}`);
    return path;
  };
  const all = ["servicequotas", "pricing", "ec2", "ssm", "sts"];

  test.each([
    ["AWS_ENDPOINT_URL", () => ({ AWS_ENDPOINT_URL: endpoint }), all],
    ["AWS_ENDPOINT_URL_EC2 and _SSM", () => ({ AWS_ENDPOINT_URL_EC2: endpoint, AWS_ENDPOINT_URL_SSM: endpoint }), ["ec2", "ssm"]],
    ["AWS_ENDPOINT_URL_SERVICE_QUOTAS beside them", () => ({ AWS_ENDPOINT_URL_EC2: endpoint, AWS_ENDPOINT_URL_SSM: endpoint, AWS_ENDPOINT_URL_SERVICE_QUOTAS: endpoint }), ["ec2", "ssm", "servicequotas"]],
    ["services in the configuration", () => ({ AWS_CONFIG_FILE: config() }), ["ec2", "ssm"]],
  ])("goes where %s says, and nowhere else", async (_, environment, services) => {
    Object.assign(process.env, environment());
    await askAll();
    expect(elsewhere).toEqual([]);
    expect(new Set(asked)).toEqual(new Set(services));
  }, 60_000); // prettier-ignore

  test("is not looked through for a logger that there is none of", async () => {
    const { ec2, ssm, ssmOnce } = await openAccount({ region: "us-east-1" });
    const parts = [ec2, ssm, ssmOnce].flatMap(({ middlewareStack }) => middlewareStack.identify());
    expect(parts.filter((part) => /logger/i.test(part))).toEqual([]);
    expect(parts.join()).toContain("timetrialRate");
  });

  test("that would go elsewhere is seen: the test can fail", async () => {
    const account = await openAccount({ region: "us-east-1" });
    await account.ssmOnce.send(new account.sdk.ListCommandsCommand({})).catch(() => {});
    expect(elsewhere).toEqual(["ssm.us-east-1.amazonaws.com:443"]);
  }, 60_000);
});
