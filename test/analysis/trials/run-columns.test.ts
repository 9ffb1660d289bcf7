import { expect, test } from "vitest";
import type { TrialRecord } from "../../../src/domain/run/trial-record.ts";
import { buildReportData } from "../../../src/report/build-report-data.ts";
import { aRun, reading } from "../../support/timed-run.ts";

/** Rounds of different times and starts, of which some do not count and some have one clock or none. */
function varied(record: TrialRecord): TrialRecord {
  const { round } = record;
  if (round === 5) {
    const {
      real_s: _real,
      user_s: _user,
      system_s: _system,
      ...rest
    } = record as Extract<TrialRecord, { status: "completed" }>;
    return { ...rest, status: "failed", reason: "exit 1" } as TrialRecord;
  }
  const read = round === 6 ? record : reading(false)(record);
  return {
    ...read,
    real_s: 2 + round / 100,
    started_at: `2026-11-24T03:15:${10 + round}Z`,
    ...(round === 7 ? { clock_hz_after: 3.1e9 } : {}),
    ...(round === 4 ? { tainted: ["steal"] } : {}),
    ...(round === 8 ? { check: "failed" } : {}),
  } as TrialRecord;
}

test.each([1, 3])("the runs of a machine are the same one by one and by column, one of %d", async (oneOf) => {
  const run = aRun({ "hashes/md5/c": { c6g: [2, 3], c7g: [1, 1] } }, { warmup: 2, change: varied });
  const { runs } = await buildReportData(run, "c6g");
  for (const [side, machine] of [
    ["c6g", "c6g-2"],
    ["c7g", "c7g-1"],
  ] as const) {
    const each = runs[0]?.of(side, machine).filter((_, k) => k % oneOf === 0) ?? [];
    expect(each.length).toBe(Math.ceil(10 / oneOf));
    const columns = runs[0]?.columns(side, machine, oneOf);
    const known = (numbers: Float64Array = new Float64Array()) =>
      Array.from(numbers, (number) => (Number.isNaN(number) ? null : number));
    expect(known(columns?.rounds)).toEqual(each.map(({ round }) => round));
    expect(known(columns?.starts_ms)).toEqual(
      each.map(({ started_at }) => (started_at === undefined ? null : Date.parse(started_at))),
    );
    expect(known(columns?.real_s)).toEqual(each.map(({ real_s }) => real_s));
    expect(known(columns?.cpu_s)).toEqual(each.map(({ cpu_s }) => cpu_s));
    expect(known(columns?.clock_hz)).toEqual(
      each.map(({ clock_hz_before: before, clock_hz_after: after }) =>
        before === undefined || after === undefined ? null : (before + after) / 2,
      ),
    );
    expect(columns?.left_out).toEqual(each.map(({ left_out }) => left_out));
  }
  expect(runs[0]?.columns("c6g", "c6g-3", oneOf)).toBeUndefined();
});
