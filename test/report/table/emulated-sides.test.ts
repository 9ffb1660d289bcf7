// What every report says of a machine that is a program.

import { expect, test } from "vitest";
import { buildReportData } from "../../../src/report/build-report-data.ts";
import { json } from "../../../src/report/formats/json.ts";
import { table } from "../../../src/report/table/terminal-table.ts";
import { buildTableView } from "../../../src/report/table/build-view.ts";
import { aPlan, aRecord, someFacts } from "../../support/given.ts";

async function printed(emulated: readonly string[]): Promise<{ text: string; notes: string[] }> {
  const sides = ["a", "b"];
  const plan = aPlan({
    spec: { ...aPlan().spec, baseline: "a", sides: sides.map((name) => ({ name, kind: "local" })) },
  });
  const records = sides.flatMap((side) =>
    [1, 2, 3].map((round) => aRecord({ side, machine: `${side}-1`, host_id: side, round })),
  );
  const machines = sides.map((side) => ({
    name: `${side}-1`,
    facts: someFacts({ machine_env: emulated.includes(side) ? { TIMETRIAL_EMULATED: "qemu-tcg" } : {} }),
  }));
  const told = await buildReportData({ plan, records, machines }, "a");
  const { notes } = JSON.parse(json(told)) as { notes: string[] };
  return { text: table(buildTableView(told), 80).replaceAll(/\s+/g, " "), notes };
}

test("a table of emulated machines says in its header, and below, that its times are not performance", async () => {
  const { text, notes } = await printed(["a", "b"]);
  expect(text.match(/emulated \(qemu-tcg\): times are not performance/g)).toHaveLength(2);
  expect(notes).toContain("emulated (qemu-tcg): times are not performance");
});

test("where one side is emulated, it is named", async () => {
  const { text, notes } = await printed(["b"]);
  expect(text).toContain("· b: emulated (qemu-tcg): times are not performance");
  expect(notes).toContain("b: emulated (qemu-tcg): times are not performance");
});

test("where none is, nothing is said", async () => {
  expect((await printed([])).text).not.toContain("emulated");
});
