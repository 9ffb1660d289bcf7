// Pitfalls of measuring, by their numbers in the list that the design keeps.

import { afterAll, expect, test } from "vitest";
import { openAccount } from "../../src/adapters/aws/account.ts";
import { preflight } from "../../src/adapters/ec2/launch/preflight.ts";
import { featureDifferences } from "../../src/analysis/notes/cpu-features.ts";
import { plannedRow } from "../../src/domain/plan/plan.ts";
import { parseSides } from "../../src/domain/plan/side.ts";
import { analysed, onlyRow } from "../support/small-table.ts";
import { series } from "../support/records.ts";
import { someFacts, aPlan } from "../support/given.ts";
import { rent } from "../support/rented-machine.ts";
import { localMachine } from "../support/local-agent.ts";
import { tried } from "../support/reached-machine.ts";

const here = localMachine();
afterAll(here.remove);

test("pitfall 15: a burstable type is refused before anything is launched, unless it is asked for", async () => {
  await using rented = await rent({ checkWire: true });
  const { endpoint, credentials, region } = rented.sandbox;
  const opened = await openAccount({ region, endpoint, credentials });
  const sides = parseSides(["t9.medium"]);
  await expect(preflight(opened, aPlan(), sides as never)).rejects.toMatchObject({ code: "REFUSED", exitStatus: 4 });
  expect(
    (await preflight(opened, aPlan({ spec: { ...aPlan().spec, allow_burstable: true } }), sides as never)).zones,
  ).toEqual(["us-east-1b"]);
});

test("pitfall 15: noise is not called a difference, and first runs do not count", async () => {
  const noisy = [1, 1.1, 0.92, 1.04, 0.95, 1.08, 0.9, 1.02];
  const alike = [1.01, 0.93, 1.09, 0.96, 1.05, 0.91, 1.07, 1.0];
  const sides = (a: number[], b: number[]) => [...series(a), ...series(b, { side: "b", machine: "b-1" })];
  expect((await onlyRow(sides(noisy, alike))).speedups["b"]?.real.verdict).toBe("none");
  // A first run ten times as slow, on one side alone, changes nothing where it is the warm-up.
  const warm = await onlyRow(sides([1, ...noisy], [1, ...alike]), { warmup: () => 1 });
  const cold = await onlyRow(sides([10, ...noisy], [1, ...alike]), { warmup: () => 1 });
  expect(cold.speedups["b"]?.real).toEqual(warm.speedups["b"]?.real);
  expect(plannedRow({ name: "r", impl: "i", runs: 10, warmup: 1, fresh: false, limit_s: 1, instructions: [] }, ["linux"]).warmup).toBe(1); // prettier-ignore
});

test("pitfall 17: between architectures nothing is explained by an instruction that one side has", () => {
  const row = { impl: "openssl-evp", instructions: ["x86_64:sha_ni", "aarch64:sha2"] };
  const said = (arch: string, features: string) =>
    someFacts({ arch, suites: { s: { "features.openssl-evp": features } } });
  const between = (a: string, b: string) =>
    featureDifferences(
      { name: "s" },
      row,
      { side: "a", facts: [said(a, "none")] },
      { side: "b", facts: [said(b, "sha_ni")] },
    );
  expect(between("x86_64", "x86_64").length).toBe(1);
  expect(between("aarch64", "x86_64")).toEqual([]);
});

test("pitfall 17: the same row with other work is not paired", async () => {
  const other = series([1, 1, 1], { side: "b", machine: "b-1", work_id: "another commit" });
  const { rows } = await analysed([...series([1, 1, 1]), ...other]);
  expect(rows.length).toBe(2);
  expect(rows.map((row) => row.speedups["b"]?.real.value ?? null)).toEqual([null, null]);
});

test("pitfall 19: CPU time is the step's own by the kernel's account, children included, and fits into its real time", async () => {
  const busy = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done";
  const timed = async (step: string) => {
    const [ended] = await tried(here, step);
    if (ended?.status !== "completed") throw new Error(`the step ended as ${ended?.status}`);
    const { real_s = Number.NaN, user_s = Number.NaN, system_s = Number.NaN } = ended;
    return { real_s, cpu_s: user_s + system_s };
  };
  const working = await timed(`sh -c '${busy}'\n`);
  const sleeping = await timed("sleep 0.4\n");
  const ticks_s = 0.02;
  expect(working.cpu_s).toBeGreaterThan(0.02);
  // One process at a time: its CPU time cannot exceed its real time.
  expect(working.cpu_s).toBeLessThanOrEqual(working.real_s + ticks_s);
  expect(sleeping.real_s).toBeGreaterThanOrEqual(0.4);
  expect(sleeping.cpu_s).toBeLessThan(0.1);
});
