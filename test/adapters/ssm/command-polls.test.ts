// Asking for the commands of many machines, in the sandbox: what it costs in calls, and what goes wrong with it.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openAccount } from "../../../src/adapters/aws/account.ts";
import { ServiceError } from "../../../src/sandbox/protocol/service-error.ts";
import { machines, PolledMachines } from "../../support/polled-machines.ts";

let polled: PolledMachines;
beforeAll(async () => {
  polled = await PolledMachines.rent();
});
afterAll(() => polled[Symbol.asyncDispose]());
afterEach(() => {
  polled.witness = () => undefined;
});

test("commands that end when they are expected cost one call each", async () => {
  const transport = polled.transport();
  const found = await polled.everywhere("true", () => transport, { expect_s: 2 });
  expect([found.gets, found.lists]).toEqual([machines, 0]);
  expect(Math.min(...found.took_s)).toBeGreaterThanOrEqual(2);
});

test("a list that nobody may read ends all that wait, at once, and says why", async () => {
  polled.witness = ({ action }) =>
    action === "ListCommandInvocations" ? new ServiceError("AccessDeniedException", "you may not") : undefined;
  const transport = polled.transport();
  // None ends by itself before all have been given up.
  const released = join(polled.rented.dir, "released");
  const script = `until [ -e '${released}' ]; do sleep 0.1; done`;
  const outcomes = await Promise.allSettled(
    polled.ids.map((instance_id) =>
      transport.exec({ kind: "ssm", instance_id, region: "us-east-1" }, script, { limit_s: 600 }),
    ),
  );
  writeFileSync(released, "");
  expect(new Set(outcomes.map((one) => one.status === "rejected" && (one.reason as { code: string }).code))).toEqual(
    new Set(["NO_CREDENTIALS"]),
  );
});

test("a list that fails for a while costs no command its outcome", async () => {
  let failures = 0;
  polled.witness = ({ action }) =>
    action === "ListCommandInvocations" && ++failures <= 8
      ? new ServiceError("InternalServerError", "later", 500)
      : undefined;
  const transport = polled.transport();
  await polled.everywhere("sleep 2", () => transport);
  expect(failures).toBeGreaterThan(8);
});

test("one that is interrupted ends, and takes no other with it", async () => {
  const transport = polled.transport();
  const stop = new AbortController();
  const [first = "", ...others] = polled.ids;
  const on = (instance_id: string, signal?: AbortSignal) =>
    transport.exec({ kind: "ssm", instance_id, region: "us-east-1" }, "sleep 1.5; echo done", {
      limit_s: 60,
      ...(signal === undefined ? {} : { signal }),
    });
  const running = [on(first, stop.signal), ...others.map((id) => on(id))];
  setTimeout(() => stop.abort(new Error("enough")), 700);
  const outcomes = await Promise.allSettled(running);
  expect(outcomes.map((one) => (one.status === "fulfilled" ? one.value.stdout : String(one.reason)))).toEqual([
    "Error: enough",
    ...others.map(() => "done\n"),
  ]);
});

test("commands that a list of very many has no room for are asked for by calls of their own, at once", async () => {
  const { endpoint, credentials, region } = polled.rented.sandbox;
  const { sdk, ssmOnce } = await openAccount({ region, endpoint, credentials });
  // Somebody else's, before ours: more than the pages that are searched.
  for (let sent = 0; sent < 21; sent++)
    await ssmOnce.send(
      new sdk.SendCommandCommand({
        InstanceIds: [...polled.ids],
        DocumentName: "AWS-RunShellScript",
        Parameters: { commands: ["true"] },
      }),
    );
  const asked: string[] = [];
  polled.witness = ({ action }) => void asked.push(action);
  const transport = polled.transport();
  await Promise.all(
    polled.ids.slice(0, 2).map(async (instance_id, i) => {
      const { stdout } = await transport.exec({ kind: "ssm", instance_id, region: "us-east-1" }, `echo ${i}`, {
        limit_s: 60,
      });
      expect(stdout).toBe(`${i}\n`);
    }),
  );
  const polls = asked.filter((action) => /^(Get|List)CommandInvocation/.test(action));
  expect(polls.indexOf("GetCommandInvocation")).toBeLessThanOrEqual(4);
});
