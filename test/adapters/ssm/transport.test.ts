import { afterAll, beforeAll, expect, test } from "vitest";
import { openAccount } from "../../../src/adapters/aws/account.ts";
import { systemClock } from "../../../src/adapters/system/clock.ts";
import { stateOf } from "../../../src/adapters/ec2/describe-instances.ts";
import { ssmTransport } from "../../../src/adapters/ssm/transport.ts";
import type { Transport } from "../../../src/ports/transport.ts";
import { transportContract } from "../../support/transport-contract.ts";
import { type Rented, rent } from "../../support/rented-machine.ts";

let rented: Rented;
let transport: Transport;
let instanceId: string;
beforeAll(async () => {
  rented = await rent({ checkWire: true });
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

test("a command is expected at its time: nothing is asked before, and little after", async () => {
  const started_s = systemClock.monotonic_s();
  await transport.exec(address(), "sleep 1", { limit_s: 10, expect_s: 1 });
  expect(systemClock.monotonic_s() - started_s).toBeLessThan(2.5);
});
