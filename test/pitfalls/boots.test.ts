// The pitfall of timing boots, by its number in the list that the design keeps: false numbers. That questions overlap and
// none is asked again is in test/adapters/ec2/boot-running.test.ts; a filtered port, and what never came, in
// test/e2e/boot.test.ts; how late the event loop was, in `npm run bench:boot`.

import { expect, test } from "vitest";
import { account } from "../../src/adapters/aws/account.ts";
import { systemClock } from "../../src/adapters/clock.ts";
import { tcpProbe } from "../../src/adapters/probe.ts";
import { ec2Booter } from "../../src/adapters/ec2/booter.ts";
import { analyseBoots } from "../../src/analysis/boot-analysis.ts";
import { bootSpecOf } from "../../src/cli/boot-options.ts";
import type { BootRecord } from "../../src/domain/boot.ts";
import { bootOnce } from "../../src/pipeline/boot-once.ts";
import { Failure } from "../../src/sandbox/failure.ts";
import { ec2Desk } from "../adapters/ec2/desk.ts";

const options = {
  boots: "2",
  // Where no machine of this sandbox ever listens.
  port: "9",
  parallel: "1",
  timeout: "8",
  maxHours: "1",
  cloud: "sandbox",
  results: "",
  format: "table",
};
const spec = bootSpecOf(["s2.medium"], options, "pitfall-20");
const plan = { schema: 1, kind: "boot", run: "pitfall-20", tool_version: "0", created_at: "", spec } as const;
const [side] = spec.sides;

async function bootDesk(throttled: readonly string[]) {
  const desk = await ec2Desk(({ action }) =>
    throttled.includes(action) ? new Failure("RequestLimitExceeded", "Request limit exceeded.", 503) : undefined,
  );
  const { endpoint, credentials, region } = desk.rented.sandbox;
  const opened = await account({ endpoint, credentials, region, timeScale: 0.02 });
  const ledger = { write: async () => {}, entries: async () => desk.entries };
  const signal = new AbortController().signal;
  const order = { plan, ledger, observe: () => {}, signal };
  return { desk, order, booter: ec2Booter({ account: opened, clock: systemClock, userData: "#!/bin/sh\n" }) };
}

test("pitfall 20: a launching call that is throttled is made once, and has no time", async () => {
  const { desk, order, booter } = await bootDesk(["RunInstances"]);
  await using _ = desk;
  await booter.check(order);
  await expect(booter.launch(order, side as never, 1)).rejects.toThrow(/RequestLimitExceeded/);
  expect(desk.launches()).toHaveLength(1);
});

test("pitfall 20: what a boot never showed is null with a reason, not the limit of waiting for it", async () => {
  const { desk, order, booter } = await bootDesk([]);
  await using _ = desk;
  await booter.check(order);
  const task = { side: side as never, number: 2, warmup: false };
  const ports = { booter, probe: tcpProbe(systemClock), results: undefined as never, clock: systemClock };
  const record: BootRecord = await bootOnce(task, ports, order, () => {});
  expect(record).toMatchObject({
    status: "failed",
    open_s: null,
    missing: { open_s: expect.stringMatching(/^port 9 refused .* did not open within 8 s$/) },
  });
  const { sides } = await analyseBoots([record], spec, spec.baseline);
  expect(sides[0]?.phases.open).toBeUndefined();
});
