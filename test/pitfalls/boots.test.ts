// The pitfall of timing boots, by its number in the list that the design keeps: false numbers. That questions overlap and
// none is asked again is in test/adapters/ec2/boot/state-watch.test.ts; a filtered port, and what never came, in
// test/e2e/boot.test.ts; how late the event loop was, in `npm run bench:boot`.

import { expect, test } from "vitest";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { tcpProbe } from "../../src/adapters/system/tcp-probe.ts";
import { analyseBoots } from "../../src/analysis/boot/boot-analysis.ts";
import type { BootRecord } from "../../src/domain/boot/boot.ts";
import { runOneBoot } from "../../src/pipeline/boot/one-boot.ts";
import { ServiceError } from "../../src/sandbox/protocol/service-error.ts";
import type { CallInterceptor } from "../../src/sandbox/server.ts";
import { bootDesk } from "../support/boot-desk.ts";

/** Where each of the actions `throttled` is refused for its rate. */
function throttling(throttled: readonly string[]): CallInterceptor {
  return ({ action }) =>
    throttled.includes(action) ? new ServiceError("RequestLimitExceeded", "Request limit exceeded.", 503) : undefined;
}

test("pitfall 20: a launching call that is throttled is made once, and has no time", async () => {
  await using one = await bootDesk({ fails: throttling(["RunInstances"]) });
  const { desk, order, provisioner, side } = one;
  await provisioner.check(order);
  const refusal = await provisioner.launch(order, side, 1);
  expect(refusal).toMatchObject({ refused: { message: expect.stringContaining("RequestLimitExceeded") } });
  expect(refusal).not.toHaveProperty("called_s");
  expect(desk.launches()).toHaveLength(1);
  expect(desk.entries).toMatchObject([
    { kind: "account" },
    { kind: "intent" },
    { kind: "not-launched", reason: "RequestLimitExceeded" },
  ]);
});

test("pitfall 20: what a boot never showed is null with a reason, not the limit of waiting for it", async () => {
  await using one = await bootDesk();
  const { order, provisioner, side } = one;
  await provisioner.check(order);
  const task = { side, number: 2, warmup: false };
  const ports = { provisioner, probe: tcpProbe(systemClock), results: undefined as never, clock: systemClock };
  const record: BootRecord = await runOneBoot(task, ports, order, () => {});
  expect(record).toMatchObject({
    status: "failed",
    open_s: null,
    missing: { open_s: expect.stringMatching(/^port 9 refused .* did not open within 8 s$/) },
  });
  const { sides } = await analyseBoots([record], order.plan.spec, side.name);
  expect(sides[0]?.phases.open).toBeUndefined();
});
