// `list suites` as JSON: the same times and numbers that the text has.

import { expect, test } from "vitest";
import { suiteFolders } from "../../../src/adapters/folders/suites.ts";
import { listedSuitesJson } from "../../../src/report/commands/list-json.ts";

test("a suite has its needs in bytes, its rows, and its time for each number of vCPUs in seconds", async () => {
  const { manifest } = await suiteFolders().load("hashes");
  const doubled = { ...manifest, estimate: { cpu_s: 10, cores: 4 }, os: ["linux" as const] };
  const rows = doubled.rows.slice(0, 1).map((row) => ({ ...row, os: undefined, cpu_s: undefined, cores: undefined }));
  const { schema, suites } = JSON.parse(listedSuitesJson([{ ...doubled, rows }], [1, 4])) as {
    schema: number;
    suites: Record<string, unknown>[];
  };
  expect(schema).toBe(1);
  const [first] = rows;
  if (first === undefined) throw new Error("the suite has no row");
  const { runs, warmup } = first;
  expect(suites).toEqual([
    expect.objectContaining({
      name: "hashes",
      least_kept_runs: runs - warmup,
      times: [
        { vcpus: 1, real_s: runs * 10 },
        { vcpus: 4, real_s: (runs * 10) / 4 },
      ],
    }),
  ]);
  expect(suites[0]?.["needs"]).toMatchObject({ memory_bytes: manifest.needs.memory_bytes });
});

test("a suite that does not say how long it takes has null as its time", async () => {
  const { manifest } = await suiteFolders().load("hashes");
  const silent = { ...manifest, estimate: {}, rows: manifest.rows.map((row) => ({ ...row, cpu_s: undefined })) };
  const { suites } = JSON.parse(listedSuitesJson([silent], [8])) as { suites: { times: unknown }[] };
  expect(suites[0]?.times).toEqual([{ vcpus: 8, real_s: null }]);
});
