// Machines that are ready while others are still launched: when they are named, and what becomes of them where a later
// launch fails.

import { describe, expect, test } from "vitest";
import type { AcquiredMachine, ProvisionOrder } from "../../../../src/ports/cloud/provisioner.ts";
import { parseSimulation } from "../../../../src/sandbox/simulated/settings.ts";
import { ServiceError } from "../../../../src/sandbox/protocol/service-error.ts";
import type { CallInterceptor } from "../../../../src/sandbox/server.ts";
import { type Ec2Desk, ec2Desk } from "../../../support/ec2-desk.ts";
import { refusalOf } from "../../../support/refusal.ts";
import { until } from "../../../support/until.ts";

const both = ["s1.medium", "s2.medium"];

const deskOf = async (fails?: CallInterceptor): Promise<Ec2Desk> =>
  await ec2Desk(fails, 0.02, { simulation: parseSimulation("step=0.02,setup=0") });

/** Holds the launches of s2.medium until what it returns is called. */
function hold({ account }: Ec2Desk): () => void {
  let letGo = (): void => {};
  const promise = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  account.ec2.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const { InstanceType: type } = args.input as { InstanceType?: string };
        if (commandName === "RunInstancesCommand" && type === "s2.medium") await promise;
        return await next(args);
      },
    { step: "initialize", name: "held" },
  );
  return () => letGo();
}

const watched = (order: ProvisionOrder): { readonly order: ProvisionOrder; readonly ready: string[] } => {
  const ready: string[] = [];
  return { order: { ...order, onReady: ({ machine }: AcquiredMachine) => void ready.push(machine.name) }, ready };
};

const isManaged = (desk: Ec2Desk) => desk.events.some(({ what }) => what === "machine-ready");

const capacity: CallInterceptor = ({ action, input }) =>
  action === "RunInstances" && input["InstanceType"] === "s2.medium"
    ? new ServiceError("InsufficientInstanceCapacity", "We currently do not have sufficient capacity.", 500)
    : undefined;

describe("a machine that is managed while another side is launched", () => {
  test("is ready at once where no other zone is tried, under the name that it keeps", async () => {
    await using desk = await deskOf();
    const letGo = hold(desk);
    const { order, ready } = watched(desk.order(both, { zone: "us-east-1a" }));
    const acquiring = desk.launching.acquire(order);
    await until(() => ready.length > 0);
    expect(ready).toEqual(["s1.medium-1"]);
    letGo();
    const acquired = await acquiring;
    expect(acquired.map(({ machine }) => machine.name)).toEqual(["s1.medium-1", "s2.medium-1"]);
    expect(ready).toEqual(["s1.medium-1", "s2.medium-1"]);
  }, 60_000);

  test("is not ready before the zone has room for all where it may have to be left, and is given back with it then", async () => {
    await using desk = await deskOf((call) =>
      JSON.stringify(call.input["Placement"] ?? "").includes("us-east-1a") ? capacity(call) : undefined,
    );
    const letGo = hold(desk);
    const { order, ready } = watched(desk.order(both));
    const acquiring = desk.launching.acquire(order);
    await until(() => isManaged(desk));
    expect(ready).toEqual([]);
    letGo();
    const acquired = await acquiring;
    expect(acquired.map(({ instance }) => instance?.zone)).toEqual(["us-east-1b", "us-east-1b"]);
    expect(ready.toSorted()).toEqual(["s1.medium-1", "s2.medium-1"]);
    const left = (await desk.instances()).filter(({ State: state }) => state?.Name === "running");
    expect(new Set(left.map(({ InstanceId: id }) => id))).toEqual(
      new Set(acquired.map(({ instance }) => instance?.id)),
    );
  }, 60_000);

  test("is left to the run where the last zone has no room for the other, and the run gives it back", async () => {
    await using desk = await deskOf(capacity);
    const letGo = hold(desk);
    const { order, ready } = watched(desk.order(both, { zone: "us-east-1a" }));
    const refusing = refusalOf(() => desk.launching.acquire(order));
    await until(() => ready.length > 0);
    letGo();
    expect(await refusing).toMatchObject({ code: "NO_CAPACITY", hint: expect.stringContaining("leave out --zone") });
    expect((await desk.instances()).map(({ State: state }) => state?.Name)).toEqual(["running"]);
    await desk.launching.release(order);
    expect(await desk.launching.absence(order)).toEqual({ state: "none" });
  }, 60_000);

  test("ends the launches where it dies, and what a launch under way made is in the ledger before the run is told", async () => {
    await using desk = await deskOf();
    const letGo = hold(desk);
    desk.account.ec2.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        const { Reservations: reservations = [] } = result.output as { Reservations?: { Instances?: object[] }[] };
        // The first is dead before it ever runs.
        for (const instance of reservations.flatMap(({ Instances: instances = [] }) => instances))
          if ("InstanceType" in instance && instance.InstanceType === "s1.medium")
            Object.assign(instance, { State: { Code: 48, Name: "terminated" }, StateReason: { Message: "dead" } });
        return result;
      },
      { step: "initialize", name: "dead" },
    );
    const order = desk.order([...both, "t3=s1.large"], { zone: "us-east-1a" });
    const refusing = refusalOf(() => desk.launching.acquire(order));
    let isTold = false;
    void refusing.then(() => (isTold = true));
    // It was asked for, and is known to be dead by then.
    await until(() => desk.calls.filter(({ action }) => action === "DescribeInstances").length > 1);
    expect(isTold).toBe(false);
    letGo();
    expect((await refusing).code).toBe("MACHINE_LOST");
    expect(desk.launches().map(({ InstanceType: type }) => type)).toEqual(both);
    expect(desk.entries.filter(({ kind }) => kind === "launched")).toHaveLength(2);
    await desk.launching.release(order);
    expect(await desk.launching.absence(order)).toEqual({ state: "none" });
  }, 60_000);
});
