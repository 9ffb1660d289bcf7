// SSM Run Command as a transport, in the sandbox: the contract of every transport, and what SSM refuses for a moment.

import { TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openAccount } from "../../../src/adapters/aws/account.ts";
import { systemClock } from "../../../src/adapters/system/clock.ts";
import { stateOf } from "../../../src/adapters/ec2/describe-instances.ts";
import { ssmTransport } from "../../../src/adapters/ssm/transport.ts";
import type { Transport } from "../../../src/ports/transport.ts";
import { ServiceError } from "../../../src/sandbox/protocol/service-error.ts";
import type { CallInterceptor } from "../../../src/sandbox/server.ts";
import { transportContract } from "../../support/transport-contract.ts";
import { type Rented, rent } from "../../support/rented-machine.ts";

let rented: Rented;
let transport: Transport;
let instanceId: string;
let witness: CallInterceptor | undefined;
afterEach(() => (witness = undefined));
beforeAll(async () => {
  rented = await rent({ checkWire: true, witness: (call) => witness?.(call) });
  const { endpoint, credentials, region } = rented.sandbox;
  const opened = await openAccount({ region, endpoint, credentials, timeScale: 0.05 });
  transport = ssmTransport(opened, systemClock, (id) => stateOf(opened, id));
  instanceId = await rented.launchOnline();
});
afterAll(() => rented[Symbol.asyncDispose]());

const address = () => ({ kind: "ssm", instance_id: instanceId, region: "us-east-1" }) as const;

transportContract("SSM Run Command, in the sandbox", () => ({ transport, address: address() }));

test("a script in which Parameter Store would read a name is never sent", async () => {
  await expect(transport.exec(address(), "echo '{{ssm:/secret}}'", { limit_s: 10 })).rejects.toThrow(RangeError);
});

test("an instance that SSM does not manage is an error, not a wait", async () => {
  const unknown = { ...address(), instance_id: "i-0123456789abcdef0" };
  await expect(transport.exec(unknown, "true", { limit_s: 10 })).rejects.toMatchObject({ exitStatus: 5 });
});

/** Refuses the first `count` commands, as SSM does where it has lost sight of an instance. Counts all. */
function refusing(count: number): { sent: number } {
  const seen = { sent: 0 };
  witness = ({ action }) => {
    if (action !== "SendCommand") return undefined;
    seen.sent += 1;
    return seen.sent <= count ? new ServiceError("InvalidInstanceId", "Instances not in a valid state") : undefined;
  };
  return seen;
}

test("a command that SSM refuses as for an invalid instance is sent again while EC2 shows it running", async () => {
  const seen = refusing(2);
  expect(await transport.exec(address(), "echo here", { limit_s: 10 })).toMatchObject({ status: 0, stdout: "here\n" });
  expect(seen.sent).toBe(3);
});

test("it is sent again for a minute at most, and the refusal has SSM's own words", async () => {
  const seen = refusing(Infinity);
  await expect(transport.exec(address(), "true", { limit_s: 10 })).rejects.toMatchObject({
    exitStatus: 5,
    message: expect.stringMatching(
      /^sending a command to i-\w+: Instances not in a valid state \(InvalidInstanceId\)$/,
    ),
  });
  expect(seen.sent).toBeGreaterThan(1);
});

test("it is not sent again where EC2 shows the instance gone: then the machine is lost, and why is said", async () => {
  const id = await rented.launchOnline();
  await rented.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  await rented.until(id, "terminated");
  const seen = refusing(Infinity);
  await expect(transport.exec({ ...address(), instance_id: id }, "true", { limit_s: 10 })).rejects.toMatchObject({
    code: "MACHINE_LOST",
    message: expect.stringContaining("is terminated"),
  });
  expect(seen.sent).toBe(1);
});

test("a command is expected at its time: nothing is asked before, and little after", async () => {
  const started_s = systemClock.monotonic_s();
  await transport.exec(address(), "sleep 1", { limit_s: 10, expect_s: 1 });
  expect(systemClock.monotonic_s() - started_s).toBeLessThan(6);
});
