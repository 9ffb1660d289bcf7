// `doctor`'s checks of an account, in the sandbox: healthy, and with one thing at a time wrong with it.

import { afterEach, beforeEach, expect, test } from "vitest";
import { openAccount } from "../../../../src/adapters/aws/account.ts";
import { ec2Doctor } from "../../../../src/adapters/ec2/doctor/doctor.ts";
import { checkEgress } from "../../../../src/adapters/ec2/doctor/egress.ts";
import { checkCounters, counted } from "../../../../src/adapters/local/counters-check.ts";
import { checkLocalTools } from "../../../../src/adapters/local/tools.ts";
import type { DoctorCheck } from "../../../../src/domain/doctor-check.ts";
import type { DoctorRequest } from "../../../../src/ports/cloud/doctor.ts";
import { zones } from "../../../../src/sandbox/catalogue.ts";
import { ServiceError } from "../../../../src/sandbox/protocol/service-error.ts";
import type { Call, CallInterceptor } from "../../../../src/sandbox/server.ts";
import { type Rented, rent } from "../../../support/rented-machine.ts";

let rented: Rented;
let witness: CallInterceptor;
let calls: Call[];
beforeEach(async () => {
  witness = () => undefined;
  calls = [];
  rented = await rent({
    timeScale: 0.02,
    checkWire: true,
    witness: (call) => {
      calls.push(call);
      return witness(call);
    },
  });
});
afterEach(() => rented[Symbol.asyncDispose]());

async function examined(wish: DoctorRequest = {}, secretAccessKey?: string): Promise<Record<string, DoctorCheck>> {
  const { endpoint, credentials, region } = rented.sandbox;
  const keys = { ...credentials, ...(secretAccessKey === undefined ? {} : { secretAccessKey }) };
  const opened = await openAccount({ region, endpoint, credentials: keys, timeScale: 0.02 });
  const found: Record<string, DoctorCheck> = {};
  for await (const check of ec2Doctor(opened).checks(wish)) found[check.name] = check;
  return found;
}

const denies =
  (...actions: string[]): CallInterceptor =>
  ({ action, service }) =>
    actions.includes(action)
      ? new ServiceError(service === "ec2" ? "UnauthorizedOperation" : "AccessDeniedException", "you may not", 403)
      : undefined;

test("a healthy account lacks nothing; its doctor changes nothing and launches nothing", async () => {
  const found = await examined({ instanceProfile: "timetrial-machine" });
  expect(Object.values(found).filter(({ state }) => state === "missing")).toEqual([]);
  expect(["credentials", "region", "looking", "way out", "launching"].map((name) => found[name]?.state)).toEqual(
    Array(5).fill("ok"),
  );
  const writes = calls.filter(({ action }) => !/^(Describe|Get|List|Simulate)/.test(action));
  expect(writes.map(({ action, input }) => [action, input["DryRun"]])).toEqual([["RunInstances", true]]);
  expect(writes[0]?.input["IamInstanceProfile"]).toEqual({ Name: "timetrial-machine" });
});

test("calls that are not allowed are named, and where the policy is said", async () => {
  witness = denies("DescribeImages", "ListCommands");
  const { looking } = await examined();
  expect(looking).toMatchObject({
    state: "missing",
    found: "not allowed: ec2:DescribeImages, ssm:ListCommands",
    todo: expect.stringContaining("timetrial setup"),
  });
});

test("a launch that is not allowed is found without one", async () => {
  witness = denies("RunInstances");
  expect((await examined())["launching"]).toMatchObject({
    state: "missing",
    needed: true,
    todo: expect.stringContaining("timetrial setup"),
  });
});

test("a profile that there is not is found by the launch's dry run", async () => {
  const message = "Value (nobody) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name";
  witness = ({ action }) =>
    action === "RunInstances" ? new ServiceError("InvalidParameterValue", message) : undefined;
  expect((await examined({ instanceProfile: "nobody" }))["launching"]).toMatchObject({
    state: "missing",
    found: expect.stringContaining("there is no such profile"),
    todo: expect.stringContaining("timetrial setup"),
  });
});

const onlyOurs = ["ec2:CancelSpotInstanceRequests", "ec2:GetConsoleOutput", "ec2:TerminateInstances"];
const never = ["ec2:DeleteVolume", "ec2:GetConsoleScreenshot", "ssm:SendCommand"];

test("what could not be tried is listed, with how it shows", async () => {
  const found = await examined();
  expect(found["ending"]).toMatchObject({
    state: "unknown",
    todo: "look again while a run is under way; the policy of timetrial setup has it",
  });
  expect(found["not tried"]).toMatchObject({
    found: [...onlyOurs, ...never].toSorted().join(", "),
    todo: expect.stringContaining("timetrial run --on c7g.large --machines 1"),
  });
});

test("a spot machine of ours is what all that ends things is tried on, and runs on", async () => {
  const Tags = [{ Key: "timetrial:run", Value: "r1" }];
  const id = await rented.launch({
    InstanceMarketOptions: { MarketType: "spot" },
    TagSpecifications: (["instance", "spot-instances-request"] as const).map((ResourceType) => ({
      ResourceType,
      Tags,
    })),
  });
  await rented.until(id, "running");
  const found = await examined();
  expect(found["ending"]?.state).toBe("ok");
  for (const action of onlyOurs) expect(found["ending"]?.found).toContain(action);
  expect(found["not tried"]?.found).toBe(never.join(", "));
  expect((await examined())["ending"]).toEqual(found["ending"]);
  expect((await rented.describe(id)).State?.Name).toBe("running");
  witness = denies("CancelSpotInstanceRequests");
  expect((await examined())["ending"]).toMatchObject({
    state: "missing",
    found: expect.stringMatching(/^not allowed: ec2:CancelSpotInstanceRequests of sir-/),
    todo: "attach the policy that timetrial setup prints",
  });
});

test("whose the credentials are and where the calls go is said, known or not", async () => {
  expect((await examined())["account"]).toMatchObject({
    state: "ok",
    found: expect.stringMatching(/^account \d{12}, user\/sandbox, us-east-1, endpoint http:/),
  });
  witness = denies("GetCallerIdentity");
  expect((await examined())["account"]).toMatchObject({
    state: "unknown",
    needed: false,
    found: `account unknown, STS did not answer, us-east-1, endpoint ${rented.sandbox.endpoint}`,
  });
});

test.each<[string, string, DoctorCheck["state"], string]>([
  ["lets the agent in", "machine", "ok", "machine is there, its role machine lets the SSM agent in"],
  [
    "has no policy",
    "no-policy",
    "missing",
    "no-policy is there, its role no-policy does not allow ssm:UpdateInstanceInformation, ssmmessages:CreateControlChannel, ",
  ],
  ["is not there", "nobody", "missing", "no instance profile nobody"],
])("a profile whose role %s is told as that", async (_, instanceProfile, state, found) => {
  const { role } = await examined({ instanceProfile });
  expect(role).toMatchObject({ state, found: expect.stringContaining(found) });
  if (state !== "ok") expect(role?.todo).toContain("timetrial setup prints");
});

test.each(["GetInstanceProfile", "SimulatePrincipalPolicy"])(
  "IAM that may not be asked by %s is said, and no obstacle",
  async (action) => {
    witness = denies(action);
    expect((await examined({ instanceProfile: "machine" }))["role"]).toMatchObject({
      state: "unknown",
      found: "what the role of machine allows was not to be read (AccessDeniedException)",
      todo: "attach the policy that timetrial setup prints",
    });
  },
);

test("without a profile it is said how to come by one", async () =>
  expect((await examined())["role"]).toMatchObject({
    state: "unknown",
    todo: expect.stringContaining("as timetrial setup says"),
  }));

test("prices that may not be read are said, with what to do, and are not needed", async () => {
  expect((await examined())["prices"]).toMatchObject({ state: "ok", needed: false });
  witness = denies("GetProducts");
  expect((await examined())["prices"]).toMatchObject({
    state: "missing",
    needed: false,
    todo: "attach the policy that timetrial setup prints, or give prices: --price TYPE=USD",
  });
});

test("each of the calls that only read is found where it is not allowed", async () => {
  for (const action of ["GetParametersByPath", "DescribeSpotPriceHistory"]) {
    witness = denies(action);
    expect((await examined())["looking"]?.found).toMatch(new RegExp(`^not allowed: (ec2|ssm):${action}$`));
  }
});

test.each(["InvalidCommandId", "InvalidInstanceId"])(
  "that a command's outcome may be asked for is proved by %s too: only who may ask is told that there is none",
  async (code) => {
    witness = ({ action }) => (action === "GetCommandInvocation" ? new ServiceError(code, "") : undefined);
    expect((await examined())["looking"]).toMatchObject({
      state: "ok",
      found: expect.stringMatching(/^\d+ calls that only read are allowed$/),
    });
  },
);

test("that a machine may be ended is tried on one of ours, and leaves it running", async () => {
  expect((await examined())["ending"]).toMatchObject({
    state: "unknown",
    todo: expect.stringContaining("while a run is under way"),
  });
  const Tags = [{ Key: "timetrial:run", Value: "r1" }];
  const id = await rented.launch({ TagSpecifications: [{ ResourceType: "instance", Tags }] });
  await rented.until(id, "running");
  expect((await examined())["ending"]).toMatchObject({ state: "ok", found: expect.stringContaining(id) });
  witness = denies("TerminateInstances");
  expect((await examined())["ending"]).toMatchObject({
    state: "missing",
    todo: expect.stringContaining("timetrial setup"),
  });
  expect((await rented.describe(id)).State?.Name).toBe("running");
});

test("credentials that are refused end the examination at the region", async () => {
  const found = await examined({}, "x".repeat(40));
  expect(Object.keys(found)).toEqual(["credentials", "region"]);
  expect(found["region"]).toMatchObject({
    state: "missing",
    found: expect.stringContaining("refused the credentials"),
  });
  expect(JSON.stringify(found)).not.toContain("xxxxx");
});

test("a subnet that there is not is missing", async () => {
  expect((await examined({ subnet: "subnet-00000000" }))["way out"]).toMatchObject({
    state: "missing",
    found: expect.stringContaining("no subnet subnet-00000000 in us-east-1"),
    todo: expect.stringMatching(/name one by --subnet.*aws ec2 create-default-vpc/),
  });
});

const subnet = { SubnetId: zones[0]?.subnetId, VpcId: "vpc-1", MapPublicIpOnLaunch: true };
const route = { DestinationCidrBlock: "0.0.0.0/0", State: "active" as const };

/** The verdict on a network of one route and some endpoints, given as EC2 would: the sandbox has but one network. */
async function verdict(routes: object[], endpoints: string[] = [], hasAddress = true): Promise<DoctorCheck> {
  const sdk = await import("../../../../src/adapters/aws/sdk.ts");
  const VpcEndpoints = endpoints.map((name) => ({
    ServiceName: `com.amazonaws.us-east-1.${name}`,
    State: "Available",
  }));
  const send = async (command: object) =>
    command instanceof sdk.DescribeRouteTablesCommand ? { RouteTables: [{ Routes: routes }] } : { VpcEndpoints };
  const given = { region: "us-east-1", sdk, ec2: { send } } as never;
  return await checkEgress(given, { ...subnet, MapPublicIpOnLaunch: hasAddress });
}

const none = undefined;
/** What opens a way, in this order: a NAT gateway, addresses, endpoints, another subnet. */
const open = /NAT gateway.*public addresses.*endpoints.*--subnet/;

test.each([
  ["ok", "an internet gateway and a public address", [{ ...route, GatewayId: "igw-1" }], [], true, /igw-1/, none],
  ["missing", "an internet gateway without a public address", [{ ...route, GatewayId: "igw-1" }], [], false, /no public address, and no endpoint of ssm and ssmmessages in vpc-1/, open],
  ["ok", "a NAT gateway", [{ ...route, NatGatewayId: "nat-1" }], [], false, /nat-1/, none],
  ["missing", "a NAT gateway that is gone", [{ ...route, NatGatewayId: "nat-1", State: "blackhole" }], [], false, /leads to nat-1, which is gone/, open],
  ["missing", "no route", [], [], true, /no default route, and no endpoint of ssm and ssmmessages in vpc-1/, open],
  ["missing", "one of two endpoints", [], ["ssm"], false, /no endpoint of ssmmessages in vpc-1/, open],
  ["ok", "both endpoints", [], ["ssm", "ssmmessages"], false, /by its endpoints/, /download from the internet fail/],
  ["unknown", "a way through another network", [{ ...route, TransitGatewayId: "tgw-1" }], [], false, /tgw-1/, /TCP 443 to ssm and ssmmessages/],
] as const)("the way out is %s, and what to do is said: %s", async (state, _, routes, endpoints, hasAddress, found, todo) => {
  const check = await verdict([...routes], [...endpoints], hasAddress);
  expect(check).toMatchObject({ state, needed: true, found: expect.stringMatching(found) });
  if (todo === undefined) expect(check.todo).toBeUndefined();
  else expect(check.todo).toMatch(todo);
}); // prettier-ignore

test("a way out by endpoints says what old agents need, unless it is there", async () => {
  const old = "old agents (FreeBSD's images) need ec2messages, too";
  const both = ["ssm", "ssmmessages"];
  expect((await verdict([], ["ssm"])).todo).toBe(
    `give it a NAT gateway or public addresses, or make these endpoints, or name another --subnet; ${old}`,
  );
  expect((await verdict([], both)).todo).toBe(`suites that download from the internet fail there; ${old}`);
  expect((await verdict([], [...both, "ec2messages"])).todo).toBe("suites that download from the internet fail there");
  expect((await verdict([{ ...route, TransitGatewayId: "tgw-1" }])).todo).toContain(old);
});

test("of the tools those are needed that the agent cannot do without, and Node 20 is told until when the SDK supports it", async () => {
  const nothing = checkLocalTools("/nonexistent", "20.20.2");
  expect(nothing.filter(({ needed, state }) => needed && state === "missing").map(({ name }) => name)).toEqual([
    "sh",
    "tar",
    "gzip",
    "sed",
    "awk",
    "grep",
  ]);
  expect(nothing[0]).toMatchObject({ state: "ok", todo: expect.stringContaining("January 2027") });
  expect(checkLocalTools("/usr/bin:/bin", "22.12.0").slice(0, 2)).toMatchObject([
    { name: "node", state: "ok" },
    { name: "sh", state: "ok" },
  ]);
});

test("the processor's counters are named, or the reason why there are none, with what to do", async () => {
  expect(counted("counters=cycles instructions\ncounted=user+kernel\n")).toEqual({
    state: "ok",
    found: "cycles instructions (user+kernel)",
  });
  expect(counted("counters=cycles instructions\ncounted=user\n").todo).toMatch(/perf_event_paranoid/);
  expect(counted("no_counters=kernel.perf_event_paranoid is 3\n")).toMatchObject({
    state: "missing",
    found: "kernel.perf_event_paranoid is 3",
    todo: expect.stringContaining("--why shows the clock and the rest"),
  });
  // This computer, whichever it is: never an obstacle.
  const here = await checkCounters("remote");
  expect([here.name, here.needed]).toEqual(["counters", false]);
  expect(here.found).not.toBe("");
});
