// A stored run of two rows, two sides and two machines each, whose names and facts a test may choose.

import { buildReportData } from "../../src/report/build-report-data.ts";
import type { Facts } from "../../src/domain/run/machine.ts";
import type { TrialRecord } from "../../src/domain/run/trial-record.ts";
import type { StoredRun } from "../../src/ports/results.ts";
import type { ReportData } from "../../src/report/report-data.ts";
import { aPlan, aRecord, aSuite, someFacts } from "./given.ts";

export interface Chosen {
  readonly sides?: readonly [string, string];
  /** Shown in place of the first row's name. */
  readonly title?: string;
  readonly facts?: (side: string, machine: string) => Partial<Facts>;
  readonly change?: (record: TrialRecord) => TrialRecord;
}

/** md5 takes 2 s on the first side and 1 s on the second, sha1 1 s on both; rounds differ by 1 ms each. */
function aStoredRun({ sides = ["c6g", "c7g"], title, facts, change = (record) => record }: Chosen = {}): StoredRun {
  const rows = ["md5", "sha1"].map((name) => ({
    name,
    impl: "portable-c",
    runs: 8,
    warmup: 1,
    limit_s: 60,
    instructions: ["x86_64:sha_ni"],
    os: ["linux"],
    ...(title === undefined || name !== "md5" ? {} : { title }),
  }));
  const plan = aPlan({
    suites: [aSuite({ rows })],
    spec: { ...aPlan().spec, baseline: sides[0], sides: sides.map((name) => ({ name, kind: "local" })) },
  });
  const machines = sides.flatMap((side) => [1, 2].map((n) => ({ side, machine: `${side}-${n}`, n })));
  const records = machines.flatMap(({ side, machine, n }) =>
    rows.flatMap((row, r) =>
      Array.from({ length: row.runs }, (_, i) => {
        const real_s = (row.name === "md5" && side === sides[0] ? 2 : 1) + (i + n) / 1000;
        const at = new Date(Date.parse("2026-11-24T03:15:00Z") + (i * 2 + r) * 3000);
        return change(
          aRecord({
            row: row.name,
            side,
            machine,
            host_id: machine,
            round: i + 1,
            real_s,
            user_s: real_s / 2,
            system_s: 0,
            started_at: at.toISOString(),
            work_id: "w",
          }),
        );
      }),
    ),
  );
  return {
    folder: "x",
    plan,
    records,
    machines: machines.map(({ side, machine }) => ({
      name: machine,
      facts: someFacts({ host_id: machine, os: "Debian 12", ...facts?.(side, machine) }),
    })),
    sums: "3f9a".repeat(16),
  };
}

export async function told(chosen: Chosen = {}): Promise<ReportData> {
  const stored = aStoredRun(chosen);
  return await buildReportData(stored, stored.plan.spec.baseline);
}
