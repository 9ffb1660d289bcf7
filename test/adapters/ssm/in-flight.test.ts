// How many requests are under way at once.

import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { InFlight } from "../../../src/adapters/ssm/in-flight.ts";

test("so many are under way at once, each has its turn, and one that fails gives up its place", async () => {
  const gate = new InFlight(3);
  let [underWay, most] = [0, 0];
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, (_, i) =>
      gate.run(async () => {
        most = Math.max(most, ++underWay);
        await turn();
        underWay -= 1;
        if (i % 5 === 0) throw new Error(`${i}`);
        return i;
      }),
    ),
  );
  expect(most).toBe(3);
  expect(outcomes.map((one) => (one.status === "fulfilled" ? one.value : (one.reason as Error).message))).toEqual(
    Array.from({ length: 20 }, (_, i) => (i % 5 === 0 ? `${i}` : i)),
  );
});
