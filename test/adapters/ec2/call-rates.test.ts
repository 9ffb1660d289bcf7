// The rates of calls to EC2: its buckets by drawn times, and a launch that EC2 throttles, in the sandbox.

import { expect, test } from "vitest";
import { CallRates, TokenBucket } from "../../../src/adapters/ec2/call-rates.ts";
import { ServiceError } from "../../../src/sandbox/protocol/service-error.ts";
import { ec2Desk } from "../../support/ec2-desk.ts";

/** Takes `amount` tokens for each of `calls` calls, one after the other, and returns when each was made. */
function madeAt(bucket: TokenBucket, calls: number, amount = 1): number[] {
  let now_s = 0;
  return Array.from({ length: calls }, () => {
    now_s += bucket.wait_s(amount, now_s);
    bucket.take(amount, now_s);
    return now_s;
  });
}

test("never more than 80 % of a bucket is out, however many calls there are", () => {
  const size = { holds: 5, refills: 2 };
  const made = madeAt(new TokenBucket(size, 0), 50);
  let [out, before_s] = [0, 0];
  for (const at_s of made) {
    out = Math.max(0, out - (at_s - before_s) * size.refills) + 1;
    before_s = at_s;
    expect(out).toBeLessThanOrEqual(4.000_001);
  }
  // Four at once, and then 1.6 a second.
  expect(made.slice(0, 4)).toEqual([0, 0, 0, 0]);
  expect(made.at(-1)).toBeCloseTo(46 / 1.6, 6);
});

test("a call for more than the bucket holds waits until it is full, and not for ever", () => {
  const bucket = new TokenBucket({ holds: 1000, refills: 2 }, 0);
  expect(madeAt(bucket, 2, 1200)).toEqual([0, 1200 / 1.6]);
});

test("calls become rarer where EC2 throttles them, and as many as before once it does not", () => {
  const bucket = new TokenBucket({ holds: 5, refills: 2 }, 0);
  bucket.take(4, 0);
  expect(bucket.wait_s(1, 0)).toBeCloseTo(1 / 1.6, 6);
  bucket.throttled(0);
  bucket.throttled(0);
  expect(bucket.wait_s(1, 0)).toBeCloseTo(4 / 1.6, 6);
  for (let i = 0; i < 20; i++) bucket.served();
  expect(bucket.wait_s(1, 0)).toBeCloseTo(1 / 1.6, 6);
});

test("who waits for a launch can be interrupted", async () => {
  const rates = new CallRates(1000);
  type Middleware = (next: () => Promise<object>, context: object) => (args: object) => Promise<object>;
  const added: Middleware[] = [];
  rates.attach({ middlewareStack: { add: (one: Middleware) => added.push(one) } } as never);
  const call = added[0]?.(async () => ({}), { commandName: "RunInstancesCommand" });
  for (let i = 0; i < 4; i++) await call?.({ input: { MaxCount: 1 } });
  const stop = new AbortController();
  const waiting = rates.untilLaunch(1, stop.signal);
  stop.abort(new Error("interrupted"));
  await expect(waiting).rejects.toThrow("interrupted");
});

test("a launch that EC2 throttles again and again is sent again with its token, and launches once", async () => {
  let throttled = 0;
  await using desk = await ec2Desk(({ action }) =>
    action === "RunInstances" && ++throttled <= 6
      ? new ServiceError("RequestLimitExceeded", "Request limit exceeded.", 503)
      : undefined,
  );
  // The SDK's own retries, which take half a minute, come before these.
  const once = { getRetryToken: () => 1, retryCount: () => 0 };
  const noRetries = {
    acquireInitialRetryToken: async () => once,
    refreshRetryTokenForRetry: async () => {
      throw new Error("no retries");
    },
    recordSuccess: () => {},
  };
  desk.account.ec2.config.retryStrategy = async () => noRetries as never;
  const order = desk.order(["s1.medium"], { machines: 2 });
  const acquired = await desk.launching.acquire(order);
  expect(new Set(desk.launches().map(({ ClientToken }) => ClientToken)).size).toBe(1);
  expect(desk.launches().length).toBe(7);
  const launched = (await desk.instances()).map(({ InstanceId: id }) => id);
  expect(new Set(launched)).toEqual(new Set(acquired.map(({ instance }) => instance?.id)));
  expect(launched).toHaveLength(2);
  expect(desk.entries.map(({ kind }) => kind)).toEqual(["account", "intent", "launched"]);
});
