// What the client survives, and what it notices, on a sandbox that fails like AWS.

import { afterEach, describe, expect, test } from "vitest";
import { openAccount } from "../../../src/adapters/aws/account.ts";
import { systemClock } from "../../../src/adapters/system/clock.ts";
import { stateOf } from "../../../src/adapters/ec2/describe-instances.ts";
import { ssmTransport } from "../../../src/adapters/ssm/transport.ts";
import type { Transport } from "../../../src/ports/transport.ts";
import { parseFaults } from "../../../src/sandbox/faults/fault-plan.ts";
import { type Rented, rent } from "../../support/rented-machine.ts";

let rented: Rented | undefined;
afterEach(async () => rented?.[Symbol.asyncDispose]());

/** A machine that is online, and the way to it. */
async function reached(spec: string, timeScale = 0.02, launch: object = {}) {
  rented = await rent({ faults: parseFaults(spec), timeScale, checkWire: true });
  const { endpoint, credentials, region } = rented.sandbox;
  const opened = await openAccount({ region, endpoint, credentials, timeScale });
  const transport: Transport = ssmTransport(opened, systemClock, (id) => stateOf(opened, id));
  const id = await rented.launchOnline(launch);
  const address = { kind: "ssm", instance_id: id, region } as const;
  return { id, exec: (script: string, limit_s = 30) => transport.exec(address, script, { limit_s }) };
}

describe("a command gets through", () => {
  test.each([
    "seed=1,throttle=0.3",
    "seed=2,http5xx=0.3",
    "seed=3,drop=0.3",
    "seed=4,slow=0.5:5s",
    "seed=5,consistency=30s",
    "seed=6,duplicate=1",
    "seed=7,agent-restart=0.5",
    "seed=9,late-result=1",
    "seed=8,throttle=0.15,http5xx=0.1,drop=0.1,slow=0.1:2s,consistency=5s,duplicate=0.2,agent-restart=0.2",
  ])("%s", async (spec) => {
    const { exec } = await reached(spec);
    for (const word of ["one", "two", "three"])
      expect(await exec(`sleep 0.1; echo ${word}`)).toMatchObject({ status: 0, stdout: `${word}\n` });
  });
});

describe("the death of a machine is noticed", () => {
  test.each([
    ["kill-machine=1", "terminated", "Server.InternalError", {}],
    ["stop-machine=1", "stopped", "Client.UserInitiatedShutdown", {}],
    [
      "spot-interrupt=1",
      "terminated",
      "Server.SpotInstanceTermination",
      { InstanceMarketOptions: { MarketType: "spot" } },
    ],
  ])("by EC2's word, within a minute: %s", async (spec, state, reason, launch) => {
    const timeScale = 0.05;
    const { id, exec } = await reached(spec, timeScale, launch);
    const started_s = systemClock.monotonic_s();
    const error = await exec("sleep 60", 60).catch((cause: unknown) => cause);
    // The fault comes within 0.6 s; a minute of the cloud's is 3 s here. The rest is what the computer is busy with.
    expect(systemClock.monotonic_s() - started_s).toBeLessThan(0.6 + 60 * timeScale + 15);
    expect(error).toMatchObject({ code: "MACHINE_LOST", exitStatus: 5 });
    expect(String(error)).toMatch(
      new RegExp(`${id} is (${state}|shutting-down|stopping), in the middle of its work \\(${reason}`),
    );
    expect(String(error)).toContain("its console ends with:\n");
  });

  test("by its agent's pulse, within six: the machine runs on, the agent is gone", async () => {
    const timeScale = 0.01;
    const { id, exec } = await reached("agent-lost=1", timeScale);
    const started_s = systemClock.monotonic_s();
    const error = await exec("sleep 60", 60).catch((cause: unknown) => cause);
    expect(systemClock.monotonic_s() - started_s).toBeLessThan(0.6 + 380 * timeScale + 15);
    expect(error).toMatchObject({ code: "MACHINE_LOST" });
    expect(String(error)).toContain(`${id} has lost its SSM agent (ConnectionLost)`);
    expect(String(error)).toContain("amazon-ssm-agent: killed by out-of-memory");
  });
});

test("no exit status with a meaning of SSM's own reaches us, and none reboots the machine", async () => {
  const { exec } = await reached("seed=1");
  for (const end of [
    "exit 137",
    "exit 168",
    "exit 169",
    "exit 194",
    "kill -KILL $(sh -c 'echo $PPID')",
    "set -e; false; true",
  ])
    expect(await exec(`echo out; echo err >&2; ${end}`)).toMatchObject({ status: 1, stdout: "out\n" });
  // All of it killed, as by a machine out of memory: that is no answer of the script's.
  await expect(exec("kill -KILL $$; sleep 1")).rejects.toMatchObject({ code: "TRANSPORT" });
  expect(await exec("echo still here; [ 1 = 1 ]")).toMatchObject({ status: 0, stdout: "still here\n" });
});
