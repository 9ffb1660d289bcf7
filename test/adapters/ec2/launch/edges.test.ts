// Launches at the edges of EC2: zones that are none of the region's own, machines that die as they begin, images that cost
// more, endpoints that are not AWS's.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { openAccount } from "../../../../src/adapters/aws/account.ts";
import { ec2Quota } from "../../../../src/adapters/aws/service-quotas.ts";
import { awsPrices } from "../../../../src/adapters/aws/prices.ts";
import { hostArchitecture } from "../../../../src/sandbox/catalogue.ts";
import { ServiceError } from "../../../../src/sandbox/protocol/service-error.ts";
import { ec2Desk } from "../../../support/ec2-desk.ts";
import { refusalOf } from "../../../support/refusal.ts";

describe("zones", () => {
  test("Local Zones are not tried, though they sort before the region's own", async () => {
    await using desk = await ec2Desk();
    const order = desk.order(["s1.medium"]);
    expect(await desk.launching.zones?.(order)).toEqual(["us-east-1a", "us-east-1b"]);
    const [acquired] = await desk.launching.acquire(order);
    expect(acquired?.instance?.zone).toBe("us-east-1a");
  });

  test("a Local Zone is tried where it is named", async () => {
    await using desk = await ec2Desk();
    expect(await desk.launching.zones?.(desk.order(["s1.medium"], { zone: "us-east-1-bos-1a" }))).toEqual([
      "us-east-1-bos-1a",
    ]);
  });

  test.each(["MissingInput", "InvalidInput", "InsufficientFreeAddressesInSubnet"])(
    "one without a subnet that has room (%s) is a reason to try the next, and what was launched there is given back",
    async (code) => {
      await using desk = await ec2Desk(({ action, input }) => {
        const { Placement: placement, InstanceType: type } = input as { Placement?: object; InstanceType?: string };
        const isHere = action === "RunInstances" && type === "s2.medium";
        return isHere && JSON.stringify(placement).includes("us-east-1a")
          ? new ServiceError(code, "No default subnet for availability zone: 'us-east-1a'.")
          : undefined;
      });
      const acquired = await desk.launching.acquire(desk.order(["s1.medium", "s2.medium"]));
      expect(acquired.map(({ instance }) => instance?.zone)).toEqual(["us-east-1b", "us-east-1b"]);
      expect(desk.events).toContainEqual(
        expect.objectContaining({ what: "zone-without-capacity", zone: "us-east-1a" }),
      );
      const left = (await desk.instances()).filter(({ State: state }) => state?.Name === "running");
      expect(left).toHaveLength(2);
    },
    60_000,
  );
});

describe("a launch that is refused", () => {
  test.each(["TagPolicyViolation", "NetworkInterfaceLimitExceeded", "SomethingOfTomorrow"])(
    "is sent once, and leaves nothing open: %s",
    async (code) => {
      await using desk = await ec2Desk(({ action }) =>
        action === "RunInstances" ? new ServiceError(code, "no", 400) : undefined,
      );
      const order = desk.order(["s1.medium"]);
      await refusalOf(() => desk.launching.acquire(order));
      expect(desk.launches()).toHaveLength(1);
      expect(desk.entries.at(-1)).toMatchObject({ kind: "not-launched", reason: code });
      await desk.launching.release(order);
      expect(await desk.launching.absence(order)).toEqual({ state: "none" });
    },
    60_000,
  );
});

describe("what an image is", () => {
  const suse = `a=s1.medium@resolve:ssm:/aws/service/suse/sles/15-sp6/${hostArchitecture}/latest`;

  test("an image that is billed as more than Linux has no price by its type, and why is said", async () => {
    await using desk = await ec2Desk();
    const unpriced = await desk.launching.unpriced?.(desk.order([suse, "s2.medium"]));
    expect([...(unpriced ?? [])]).toEqual([["a", "the image of a is billed as SUSE Linux (RunInstances:000g)"]]);
  });

  test("Windows is refused before anything is launched", async () => {
    await using desk = await ec2Desk();
    const name = `/aws/service/ami-windows-latest/Windows_Server-2022-English-Core-Base-${hostArchitecture}`;
    const refusal = await refusalOf(() => desk.launching.check(desk.order([`a=s1.medium@resolve:ssm:${name}`])));
    expect(refusal.message).toMatch(/is Windows: suites are POSIX sh/);
    expect(desk.launches()).toEqual([]);
  });
});

test("every question of an account goes to the user's endpoint, that about quotas, prices and identity too", async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(/Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(request.headers.authorization ?? "")?.[1] ?? "unsigned");
    response.writeHead(400, { "content-type": "text/xml" }).end("<Response><Errors/></Response>");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const before = { ...process.env };
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: "AKIANOBODY",
    AWS_SECRET_ACCESS_KEY: "none",
    AWS_CONFIG_FILE: "/nonexistent",
    AWS_SHARED_CREDENTIALS_FILE: "/nonexistent",
    // Whatever is asked elsewhere fails the test: there is no way out but to this computer.
    HTTPS_PROXY: endpoint,
    NO_PROXY: "127.0.0.1",
  });
  try {
    const account = await openAccount({ region: "us-east-1" });
    await ec2Quota(account, "L-1216C47A").catch(() => {});
    const { signal } = new AbortController();
    const { unknown } = await awsPrices(async () => account).ask({ types: ["c7g.large"], market: "on-demand", signal });
    expect(unknown).toHaveLength(1);
    await account.ec2.send(new account.sdk.DescribeInstancesCommand({})).catch(() => {});
    await account.ssmOnce.send(new account.sdk.ListCommandsCommand({})).catch(() => {});
    expect(new Set(asked)).toEqual(new Set(["servicequotas", "pricing", "ec2", "ssm"]));
    expect(account.watch.hostOf("EC2")).toBe(endpoint.slice("http://".length));
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
    server.closeAllConnections();
    server.close();
  }
}, 60_000);
