// What --progress ndjson writes of an event.

import { expect, test } from "vitest";
import type { RunEvent } from "../../../src/domain/run/events.ts";
import { progressObject } from "../../../src/cli/run/progress-json.ts";

type Planned = Extract<RunEvent, { what: "planned" }>;
type Ready = Extract<RunEvent, { what: "machine-ready" }>;

test("of a plan the name, the folder, the sides and the cost are written, and no variable of a command", () => {
  const spec = { sides: [{ name: "old" }, { name: "new" }], command: { env: { TOKEN: "hidden" } } };
  const forecast = { expected: { whole_s: 60 }, expected_usd: 0.5, worst_usd: 2, market: "spot" };
  const event = { what: "planned", plan: { run: "R", spec }, folder: "results/R", costEstimate: { forecast } };
  const written = progressObject(event as unknown as Planned);
  expect(written).toEqual({
    what: "planned",
    run: "R",
    folder: "results/R",
    sides: ["old", "new"],
    expected_s: 60,
    expected_usd: 0.5,
    worst_usd: 2,
  });
  expect(JSON.stringify(written)).not.toContain("hidden");
});

test("a machine is written by its name", () => {
  const machine = { name: "c7g.large-1", address: { kind: "ssm", instance: "i-1" } };
  const event = { what: "machine-ready", machine, after_s: 3.5 } as unknown as Ready;
  expect(progressObject(event)).toEqual({ what: "machine-ready", machine: "c7g.large-1", after_s: 3.5 });
});

test("any other event is written as it is", () => {
  const event = { what: "round", suite: "hashes", round: 1, of: 3, machine: "a-1" } as const;
  expect(progressObject(event)).toEqual(event);
});
