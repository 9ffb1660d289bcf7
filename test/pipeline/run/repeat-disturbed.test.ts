// Trials that something disturbed are measured again, by the real agent on this computer. The suite's own check says
// which they are: what disturbs a computer cannot be ordered.

import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { resultFolders } from "../../../src/adapters/folders/results.ts";
import { loadSuite, suiteFolders } from "../../../src/adapters/folders/suites.ts";
import { systemClock } from "../../../src/adapters/system/clock.ts";
import { auditRun } from "../../../src/analysis/audit/run-audit.ts";
import { progressLine } from "../../../src/cli/run/progress-lines.ts";
import type { PlannedRow, PlannedSuite } from "../../../src/domain/plan/plan.ts";
import type { RunEvent } from "../../../src/domain/run/events.ts";
import type { Trial } from "../../../src/domain/run/run-log.ts";
import { RecordColumns } from "../../../src/domain/records/record-columns.ts";
import type { TrialRecord } from "../../../src/domain/run/trial-record.ts";
import type { MachineRunner } from "../../../src/pipeline/machine/machine-runner.ts";
import { nextRepeats } from "../../../src/pipeline/run/repeat-disturbed.ts";
import type { RunContext } from "../../../src/pipeline/run/run-context.ts";
import { run } from "../../../src/pipeline/run/run.ts";
import { measureSuite } from "../../../src/pipeline/run/schedule.ts";
import type { Provisioner } from "../../../src/ports/cloud/provisioner.ts";
import { buildReportData } from "../../../src/report/build-report-data.ts";
import { renderReport } from "../../../src/report/render-report.ts";
import { aPlan, aRecord, aSuite, someFacts } from "../../support/given.ts";
import { localMachine } from "../../support/local-agent.ts";
import { makeSuite } from "../../support/user-suite.ts";

const machine = localMachine();
const { folder, address } = machine;
afterAll(machine.remove);

const provisioner: Provisioner = {
  kinds: ["local"],
  check: async () => {},
  acquire: async () => [{ machine: { name: "local-1", side: "local", address } }],
  recover: async (_, known) => [...known],
  release: async () => {},
  absence: async () => ({ state: "nothing-leased" }),
};

/** Runs a row of `runs` runs, one of them warm-up, whose trials number `disturbed` (a pattern of case) are disturbed. */
async function ran(name: string, runs: number, disturbed: string) {
  makeSuite(join(folder, name), {
    name,
    rows: { one: `runs = ${runs}\nwarmup = 1` },
    files: {
      "run.sh": '#!/bin/sh\necho "${TT_ROW}"\n',
      "check.sh": `#!/bin/sh
[ "$(cat "\${TT_STEP_DIR}/out")" = "\${TT_ROW}" ] || exit 1
n=$(($(cat "\${TT_WORK}/n" 2>/dev/null || echo 0) + 1))
echo "\${n}" >"\${TT_WORK}/n"
case \${n} in ${disturbed}) echo tainted=others-cpu ;; esac
`,
    },
  });
  const results = resultFolders(join(folder, "results"));
  const ports = {
    suites: { ...suiteFolders(), load: () => loadSuite(join(folder, name), `./${name}`) },
    results,
    provisioners: [provisioner],
    transports: { local: machine.transport },
    clock: systemClock,
  };
  const said: (string | undefined)[] = [];
  const observe = (event: RunEvent): unknown => said.push(progressLine(event));
  const spec = { ...aPlan().spec, suites: [{ suite: name }] };
  const identity = { run: name, tool_version: "0", created_at: "2026-11-24T03:15:00.000Z" };
  await run(spec, identity, ports, observe, new AbortController().signal);
  return { stored: await results.load(name), said };
}

test("a disturbed trial is measured again, which is said, and the row keeps as many runs as were planned", async () => {
  // The first is warm-up. Of the others the second is disturbed, and what is measured in its place.
  const { stored, said } = await ran("some", 4, "1 | 3 | 5");
  expect([...stored.records].slice(0, 6).map(({ round, tainted }) => [round, tainted.includes("others-cpu")])).toEqual([
    [1, true],
    [2, false],
    [3, true],
    [4, false],
    [5, true],
    [6, false],
  ]);
  expect(said.join("\n")).toMatch(/^some: 1 disturbed trial once more \(1 [a-z-]+\) on local-1$/m);
  expect(auditRun(stored)).toEqual([]);
  // A computer that is busy enough disturbs others, too: each is measured again.
  const more = stored.records.length - 4;
  const printed = await renderReport(await buildReportData(stored, "local"), "table");
  expect(printed).toContain("3 kept runs each");
  expect(printed).toContain(`${more} disturbed runs were measured again`);
  expect(printed).toContain(`${more} of ${3 + more} runs left out`);
  expect(printed.match(/left out/g)).toHaveLength(1);
});

test("a machine of which nothing is to be repeated is asked once, however many rounds it had", async () => {
  const suite = aSuite({ rows: [{ ...(aSuite().rows[0] as PlannedRow), runs: 1000 }] });
  let asked = 0;
  await measureSuite(
    [{ name: "a-1", facts: someFacts(), has: () => true, expected_s: () => 0, catchUp: async () => {} } as never],
    {
      suite,
      seed: "7",
      sink: { record: async () => {}, log: async () => {} },
      observe: () => {},
      lost: async (_, error) => {
        throw error;
      },
      repeats: async () => void (asked += 1) as undefined,
    },
  );
  expect(asked).toBe(1);
});

describe("of what may disturb a machine", () => {
  const someSuite = aSuite({ rows: [{ ...(aSuite().rows[0] as PlannedRow), runs: 3, warmup: 1 }] });

  /** Measures `suite` on a made-up machine, whose trials of the rounds in `taints` are tainted. Returns their rounds. */
  async function measured(
    taints: Readonly<Record<number, string[]>>,
    { deadline_s, covers = true, name }: { deadline_s?: number; covers?: boolean; name?: string } = {},
  ): Promise<number[]> {
    const records = new RecordColumns<TrialRecord>();
    const suite = name === undefined ? someSuite : { ...someSuite, name };
    const runner = {
      name: "a-1",
      facts: someFacts(),
      has: ({ round }: Trial) => [...records].some((record) => record.round === round),
      expected_s: () => 1,
      catchUp: async () => {},
      measure: async (_: PlannedSuite, trials: readonly Trial[]) => {
        for (const { round } of trials)
          records.push(
            aRecord({ machine: "a-1", suite: suite.name, round, tainted: taints[round] ?? taints[0] ?? [] }),
          );
      },
    } as unknown as MachineRunner;
    const at = new Date(0).toISOString();
    const intent = { kind: "intent" as const, at, token: "t", side: "a", type: "c7g.large", zone: "z", count: 1 };
    const deadline = deadline_s === undefined ? {} : { deadline: new Date(deadline_s * 1000).toISOString() };
    const context = {
      records,
      clock: { now: () => new Date(0) },
      store: { ledger: { entries: async () => [{ ...intent, ...deadline }] } },
      budget: { covers: async () => covers },
    } as unknown as RunContext;
    await measureSuite([runner], {
      suite,
      seed: "7",
      sink: { record: async () => {}, log: async () => {} },
      observe: () => {},
      lost: async (_, error) => {
        throw error;
      },
      repeats: (one) => nextRepeats(context, suite, one),
    });
    return Array.from(records, ({ round }) => round);
  }

  test.each(["steal", "swap", "others-cpu", "rebooted"])("%s is measured again", async (word) =>
    expect(await measured({ 2: [word] })).toEqual([1, 2, 3, 4]),
  );

  test("commands of one's own run as often as was asked, and no more", async () => {
    expect(await measured({ 2: ["steal"] }, { name: "command" })).toEqual([1, 2, 3]);
  });

  test.each([["orphans"], ["fetch"], ["steal", "orphans"]])("%s is the command's own doing", async (...words) =>
    expect(await measured({ 2: words })).toEqual([1, 2, 3]),
  );

  test("nothing in the warm-up is measured again", async () =>
    expect(await measured({ 1: ["steal"] })).toEqual([1, 2, 3]));

  test("what never ceases is measured at most as often again as was planned", async () =>
    expect(await measured({ 0: ["steal"] })).toEqual([1, 2, 3, 4, 5]));

  test("nothing is measured again past the time when the machines end themselves, or for more than the budget", async () => {
    const disturbed = { 2: ["steal"] };
    expect(await measured(disturbed, { deadline_s: 60 })).toEqual([1, 2, 3]);
    expect(await measured(disturbed, { deadline_s: 3600 })).toEqual([1, 2, 3, 4]);
    expect(await measured(disturbed, { covers: false })).toEqual([1, 2, 3]);
  });
});

test("the audit finds rounds past the planned ones that replace nothing", () => {
  const plan = aPlan({ suites: [aSuite({ name: "mine" })] });
  const machines = [{ name: "local-1", facts: someFacts() }];
  const taints = [[], ["steal"], [], []];
  const records = taints.map((tainted, i) => aRecord({ suite: "mine", round: i + 1, tainted }));
  const found = (given: readonly TrialRecord[]): string[] =>
    auditRun({ plan, records: given, machines }).map(({ where, what }) => `${where}: ${what}`);
  expect(found(records)).toEqual([]);
  expect(found(records.map((record) => ({ ...record, tainted: [] })))).toEqual([
    "records.ndjson:4: expected a round up to 3, found 4",
  ]);
});
