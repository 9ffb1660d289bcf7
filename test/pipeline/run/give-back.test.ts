// Giving back where the disk is full too: what is left running is said, whatever cannot be written.

import { expect, test } from "vitest";
import { TimetrialError } from "../../../src/domain/errors.ts";
import { closeResults, releaseLeases, type Lease } from "../../../src/pipeline/run/give-back.ts";

const full = new TimetrialError("RESULTS_UNWRITABLE", "cannot write results/r1/ledger.ndjson: no space left on device");
const fullLedger = { write: () => Promise.reject(full), entries: async () => [] };
const lease = (change: Partial<Lease>): Lease => ({
  release: async () => {},
  absence: async () => ({ state: "none" }),
  ...change,
});

test("what EC2 still has is the outcome, though the ledger cannot be written", async () => {
  const left = { state: "left", ids: ["i-1"], reason: "EC2 still has them" } as const;
  const given = await releaseLeases([lease({}), lease({ absence: async () => left })], fullLedger);
  expect(given).toEqual({ absence: left, fault: full });
});

test("a release that fails is an outcome too, and keeps no other lease from being given back", async () => {
  let released = 0;
  const others = lease({ release: async () => void (released += 1) });
  const given = await releaseLeases(
    [lease({ release: () => Promise.reject(new Error("no network")) }), others],
    fullLedger,
  );
  expect(given).toEqual({ absence: { state: "left", ids: [], reason: "no network" }, fault: full });
  expect(released).toBe(1);
});

test("results that cannot be closed are told, not thrown", async () => {
  expect(await closeResults({ close: () => Promise.reject(full) })).toBe(full);
});
