// Records of one kind: what depends on words alone is found once for each.

import { expect, test } from "vitest";
import { RecordColumns } from "../../../src/domain/records/record-columns.ts";
import { groupsOf } from "../../../src/domain/records/record-groups.ts";
import { completed } from "../../support/records.ts";

test("records are of one kind where all words but the batch agree, whatever their numbers are", () => {
  const own = { machine: "a-1", row: "md5", digest: "d" };
  const records = RecordColumns.from([
    completed({ ...own, round: 1, batch: "b1" }),
    completed({ ...own, round: 1, machine: "a-2" }),
    completed({ ...own, round: 2, batch: "b2" }),
    completed({ ...own, round: 3, digest: "e" }),
    completed({ ...own, round: 4, params: { blocks: "2" } }),
    completed({ ...own, round: 5, tainted: ["steal"] }),
    completed({ ...own, round: 6, machine: "a-2" }),
  ]);
  expect([...records.kinds.of]).toEqual([0, 1, 0, 2, 3, 4, 1]);
  expect(records.kinds.first).toEqual([0, 1, 3, 4, 5]);
  expect(records.kinds.last).toEqual([2, 6, 3, 4, 5]);
});

test("records that are added later get their kinds, and keep them over thousands of kinds", () => {
  const records = RecordColumns.from([completed({ machine: "m0" })]);
  expect([...records.kinds.of]).toEqual([0]);
  const machines = Array.from({ length: 3000 }, (_, i) => `m${i}`);
  for (const machine of machines.slice(1)) records.push(completed({ machine }));
  for (const machine of machines) records.push(completed({ machine }));
  expect(records.kinds.first).toHaveLength(3000);
  expect([...records.kinds.of.subarray(3000)]).toEqual(Array.from(machines.keys()));
  const groups = groupsOf(records, ["suite", "machine"]);
  expect([groups(0), groups(2999), groups(3000), groups(5999)]).toEqual([1, 3000, 1, 3000]);
});
