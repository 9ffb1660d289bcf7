// Do the soak's judges fire? A desk as a sound run leaves it, and then with one lie planted in each: the lie is named, under
// its invariant and no other.

import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

interface Client {
  words: string[];
  status: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
  isHung: boolean;
  took_s: number;
  hurt?: string;
  alive: string[];
}
interface Evidence {
  plan: { hurts: object[]; faults: string[]; spec: string };
  spending: { usd: number; usd_per_hour: number; bites: boolean };
  isLost: boolean;
  clients: Client[];
  others: Client[];
  unverified: string[] | undefined;
  touched: string[];
  elsewhere: Client;
  rest: {
    alive: string[];
    swept: { status: number; stderr: string } | undefined;
    still: string[];
    lingering: string[];
  };
}
type Verdict = Record<string, string[] | undefined>;

// Plain JavaScript, as the soak runs it: its types are those above.
const modules = ["verdict.mjs", "stored.mjs"].map((name) => import(new URL(name, import.meta.url).href));
const [{ judged, invariants }, { storedRun, timesRun, journalsIn }] = (await Promise.all(modules)) as [
  { judged: (evidence: object) => Verdict; invariants: string[] },
  Record<"storedRun" | "timesRun" | "journalsIn", (path: string) => object>,
];

let desk: string;
beforeEach(() => {
  desk = mkdtempSync(join(tmpdir(), "timetrial-verdict-"));
  soundDesk();
});
afterEach(() => rmSync(desk, { recursive: true, force: true }));

const run = () => join(desk, "results", "r1");
const kept = () => join(desk, "kept");
const journal = () => join(kept(), "i-1a.m0.soak.r1.b1");
const json = (lines: readonly object[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join("");
const rows = { seven: "515544634", eleven: "1485692006" };
const trials = [1, 2, 3].flatMap((round) => Object.entries(rows).map(([row, digest]) => ({ round, row, digest })));
const times = { real_s: 0.05, user_s: 0.04, system_s: 0.01 };
const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

function record({ round, row, digest }: (typeof trials)[number]): object {
  const about = { suite: "soak", row, impl: "awk", machine: "s1.medium-1", round, attempt: 1 };
  return { ...about, status: "completed", ...times, check: "ok", digest };
}

/** One machine, one batch, six trials. */
function soundDesk(): void {
  for (const folder of [run(), kept()]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(run(), "plan.json"), "{}");
  writeFileSync(join(run(), "SHA256SUMS"), "");
  const machine = { name: "s1.medium-1", side: "s1.medium", address: { kind: "ssm", instance_id: "i-1a" } };
  const course = [
    { kind: "machines", machines: [{ machine }] },
    { kind: "read", machine: "s1.medium-1", batch: "soak.r1.b1" },
    { kind: "finished" },
  ];
  writeFileSync(join(run(), "course.ndjson"), json(course));
  const ledger = [
    { kind: "account", account: "123456789012", region: "us-east-1", at: at(0) },
    { kind: "intent", token: "t", at: at(0), deadline: at(20) },
    { kind: "launched", token: "t", ids: ["i-1a"], at: at(1) },
    { kind: "terminated", ids: ["i-1a"], at: at(10) },
    // By a client that went on, once more.
    { kind: "terminated", ids: ["i-1a"], at: at(30) },
  ];
  writeFileSync(join(run(), "ledger.ndjson"), json(ledger));
  writeFileSync(join(run(), "records.ndjson"), json(trials.map(record)));
  const ids = trials.map(({ round, row }) => `soak.r${round}.${row}.awk`);
  const step = (id: string): string => `/d/i-1a/home/runs/r1/batches/m0.soak.r1.b1/begun.${id}.1\n`;
  writeFileSync(join(kept(), "steps.log"), ids.map(step).join(""));
  writeFileSync(journal(), json(ids.flatMap(journalLines)));
}

function journalLines(id: string): object[] {
  const about = { id, kind: "trial", attempt: 1 };
  return [
    { t: "begun", ...about },
    { t: "ended", ...about, status: "completed", ...times },
  ];
}

const client = (words: string[]): Client => ({
  words,
  status: 0,
  signal: null,
  stdout: "0 instances left running",
  stderr: "",
  isHung: false,
  took_s: 5,
  alive: [],
});

function evidence(): Evidence {
  return {
    plan: { hurts: [], faults: ["duplicate"], spec: "seed=x,duplicate=1" },
    spending: { usd: 12, usd_per_hour: 3600, bites: true },
    isLost: false,
    clients: [client(["compare"])],
    others: [client(["verify"])],
    unverified: [],
    touched: [],
    elsewhere: {
      ...client(["resume"]),
      status: 3,
      stdout: "",
      stderr:
        "timetrial: the run was begun in account 123456789012, us-east-1: expected the same, got account 2, us-east-1\n",
    },
    rest: { alive: [], swept: undefined, still: [], lingering: [] },
  };
}

/** What breaks each invariant that is broken, when the desk and `said` are looked at. */
function broken(said: Evidence): Verdict {
  const stored = storedRun(join(desk, "results"));
  const clients = said.clients.map((one) => ({ ...one, stored }));
  const machines = { counts: timesRun(kept()), journals: journalsIn(kept()) };
  const verdict = judged({ ...said, clients, ...machines, ...(said.isLost ? {} : { run: stored }) });
  return Object.fromEntries(Object.entries(verdict).filter(([, found = []]) => found.length > 0));
}

function edit(path: string, from: string | RegExp, to: string): void {
  const text = readFileSync(path, "utf8");
  const changed = text.replace(from, to);
  expect(changed).not.toBe(text);
  writeFileSync(path, changed);
}

const records = () => join(run(), "records.ndjson");
const first = (): Client => client(["compare"]);
const capacity = "launching 1 s2.medium in us-east-1a: none left (InsufficientInstanceCapacity)";
const unfinished = (status: number, stderr: string, faults: string[]): Evidence => {
  edit(join(run(), "course.ndjson"), '{"kind":"finished"}\n', "");
  const one = { ...first(), status, stderr: `timetrial: ${stderr}\n` };
  return { ...evidence(), clients: [one], plan: { hurts: [], faults, spec: "" } };
};

type Plant = readonly [invariant: string, lie: string, named: RegExp, plant: (said: Evidence) => Evidence | void];

const plants: Plant[] = [
  ["nothing left", "EC2 has a machine still", /^EC2 has i-1a running$/, ({ rest }) => void rest.alive.push("i-1a running")],
  ["nothing left", "sweep ends nothing", /^sweep: status 0, EC2 has i-1a/, (said) => {
    said.isLost = true;
    said.rest = { alive: ["i-1a"], swept: { status: 0, stderr: "" }, still: ["i-1a"], lingering: [] };
  }],
  ["nothing left", "a process stays", /^process 7$/, ({ rest }) => void rest.lingering.push("process 7")],
  ["one record or reason", "a trial has two records", /^s1.medium-1 seven 1: 2 records$/, () =>
    appendFileSync(records(), json([{ ...record(trials[0] as never), status: "skipped", reason: "x", real_s: undefined }]))],
  ["one record or reason", "a trial has none", /records for 5 of 6 trials/, () => {
    edit(records(), /.*"row":"eleven".*"round":3.*\n/, "");
    edit(journal(), /.*"t":"ended","id":"soak.r3.eleven.awk".*\n/, "");
  }],
  ["one record or reason", "a trial is skipped and nobody says why", /^s1.medium-1 seven: no reason$/, () => {
    edit(records(), '"status":"completed","real_s":0.05,"user_s":0.04,"system_s":0.01', '"status":"skipped"');
    edit(journal(), /.*"t":"ended","id":"soak.r1.seven.awk".*\n/, "");
  }],
  ["one record or reason", "it ends unfinished, for a reason that no fault explains", /^not finished: status 5/, () =>
    unfinished(5, capacity, ["throttle"])],
  ["one record or reason", "it ends unfinished, with words that only look like a reason", /^not finished: status 5/, () =>
    unfinished(5, "sending a command: something", ["throttle", "drop", "no-capacity"])],
  ["one record or reason", "it ends unfinished, for a budget that it does not have", /^not finished: status 5/, () => ({
    ...unfinished(5, "the budget of $12.00 ends the run: no machine can be launched any more", ["throttle"]),
    spending: { usd: 5, usd_per_hour: 0.36, bites: false },
  })],
  ["no step twice", "a step ran twice", /^i-1a soak.r1.seven.awk 1: ran 2 times$/, () =>
    appendFileSync(join(kept(), "steps.log"), "/d/i-1a/home/runs/r1/batches/b/begun.soak.r1.seven.awk.1\n")],
  ["no step twice", "a record says completed, and nothing ran", /completed, and never ran$/, () =>
    edit(join(kept(), "steps.log"), /.*soak.r1.seven.awk.1\n/, "")],
  ["no step twice", "a journal ends an attempt twice", /^i-1a soak.r1.seven.awk 1 ended: 2 times/, () =>
    edit(journal(), /.*"t":"ended","id":"soak.r1.seven.awk".*\n/, "$&$&")],
  ["journals agree", "a trial of a journal that was read is stored as skipped", /stored 0 times$/, () =>
    edit(records(), '"status":"completed","real_s":0.05,"user_s":0.04,"system_s":0.01', '"status":"skipped","reason":"x"')],
  ["journals agree", "a time is stored that no journal has", /stored 0.5 s, and the machine's journal says 0.05 s$/, () =>
    edit(records(), '"real_s":0.05', '"real_s":0.5')],
  ["journals agree", "a completed record is in no journal", /in no journal of the machine$/, () =>
    edit(journal(), /.*"t":"ended","id":"soak.r1.seven.awk".*\n/, "")],
  ["digest right", "a digest is another", /^s1.medium-1 seven 1: 515544635$/, () => edit(records(), "515544634", "515544635")],
  ["digest right", "what failed has a time", /^s1.medium-1 seven 1/, (said) => {
    edit(records(), '"status":"completed"', '"status":"failed","reason":"x"');
    edit(journal(), '"status":"completed"', '"status":"failed"');
    said.clients = [{ ...first(), status: 1 }];
  }],
  ["exit status", "0 though the budget ended it", /the budget ended it/, (said) => {
    said.clients = [{ ...first(), stderr: "timetrial: the budget of $12.00 ends the run: 2 more trials, 1 s, would go over it\n" }];
  }],
  ["exit status", "1 though nothing failed", /no trial failed, and no budget ended it/, (said) => {
    said.clients = [{ ...first(), status: 1 }];
  }],
  ["exit status", "0 though a machine was lost with its trials", /1 trials were lost/, (said) => {
    edit(records(), '"status":"completed","real_s":0.05,"user_s":0.04,"system_s":0.01', '"status":"skipped","reason":"machine-lost"');
    edit(journal(), '"status":"completed"', '"status":"interrupted"');
    said.clients.push(client(["resume"]));
  }],
  ["exit status", "a status that nobody promised", /no status that was promised/, (said) => {
    said.clients = [{ ...first(), status: 6, stderr: "timetrial: x\n" }];
  }],
  ["exit status", "130 though nobody interrupted it", /nobody interrupted it/, (said) => {
    said.clients = [{ ...first(), status: 130 }];
  }],
  ["exit status", "3 without what is left", /does not say what is left/, (said) => {
    said.clients = [{ ...first(), status: 3, stderr: "timetrial: x\n" }];
  }],
  ["exit status", "5 without a word", /does not say why/, (said) => {
    said.clients = [{ ...first(), status: 5 }];
  }],
  ["exit status", "a signal that nobody sent", /by a signal of its own/, (said) => {
    said.clients = [{ ...first(), status: null, signal: "SIGSEGV" }];
  }],
  ["exit status", "it says that nothing is left, and EC2 has something", /says that nothing is left/, (said) => {
    said.clients = [{ ...first(), alive: ["i-1a running"] }];
  }],
  ["bystanders live", "a machine of another run was ended", /^i-9, none of the run's, is terminated$/, (said) =>
    void (said.touched = ["i-9, none of the run's, is terminated"])],
  ["other account", "it goes on with the credentials of another account", /^resume elsewhere: status 0/, (said) => {
    said.elsewhere = { ...client(["resume"]), status: 0 };
  }],
  ["verifies", "verify complains", /^SHA256SUMS$/, (said) => void (said.unverified = ["SHA256SUMS"])],
  ["no hang or stack", "a client hangs", /^verify hung for 150 s$/, (said) => {
    said.others = [{ ...client(["verify"]), isHung: true, took_s: 150 }];
  }],
  ["no hang or stack", "a client prints a stack", /^verify printed a stack/, (said) => {
    said.others = [{ ...client(["verify"]), stderr: "timetrial: Error: x\n    at f (a.js:1:1)\n" }];
  }],
  ["spent <= budget", "machines lived longer than the budget pays for", /^10.00 USD of 9$/, (said) => void (said.spending.usd = 9)],
  ["spent <= budget", "after a SIGKILL machines had deadlines beyond the budget", /^10.00 USD of 9, to the deadlines$/, (said) => {
    said.spending.usd = 9;
    said.clients = [{ ...first(), status: null, signal: "SIGKILL", hurt: "SIGKILL" }, client(["resume"])];
  }],
  ["spent <= budget", "names led nowhere when machines were to be given back, with deadlines beyond the budget", /^10.00 USD of 9, to the deadlines$/, (said) => {
    said.spending.usd = 9;
    said.plan.faults = ["no-names"];
  }],
  ["work done", "names led nowhere for a while, and a trial was given up for it", /^s1.medium-1 seven 1: skipped \(transport\)$/, (said) => {
    edit(records(), '"status":"completed","real_s":0.05,"user_s":0.04,"system_s":0.01', '"status":"skipped","reason":"transport"');
    edit(journal(), '"status":"completed"', '"status":"interrupted"');
    said.plan.faults = ["no-names"];
    said.spending.bites = false;
  }],
  ["nothing left", "names led nowhere for a while, the run is closed, and its machine stays", /^EC2 has i-1a running$/, (said) => {
    said.plan.faults = ["no-names"];
    said.rest.alive.push("i-1a running");
  }],
  ["other account", "it calls a machine gone that it cannot see", /says that nothing is left/, (said) =>
    void (said.elsewhere = { ...said.elsewhere, stdout: "0 instances left running" })],
  ["bystanders live", "a machine without any tag of ours was ended", /^i-8, none of the run's, is shutting-down$/, (said) =>
    void (said.touched = ["i-8, none of the run's, is shutting-down"])],
  ["work done", "nothing befell it, and a trial was skipped", /^s1.medium-1 seven 1: skipped \(x\)$/, (said) => {
    edit(records(), '"status":"completed","real_s":0.05,"user_s":0.04,"system_s":0.01', '"status":"skipped","reason":"x"');
    edit(journal(), '"status":"completed"', '"status":"interrupted"');
    said.spending.bites = false;
  }],
]; // prettier-ignore

describe("the soak's judges", () => {
  test("find nothing in a sound run, and all but one have looked: work done applies where no budget may end it", () => {
    expect(broken(evidence())).toEqual({});
    const stored = storedRun(join(desk, "results"));
    const said = { ...evidence(), clients: [{ ...client(["compare"]), stored }], run: stored };
    const verdict = judged({ ...said, counts: timesRun(kept()), journals: journalsIn(kept()) });
    expect(invariants.filter((name) => verdict[name] === undefined)).toEqual(["work done"]);
  });

  test.each(plants)("name what breaks %s: %s", (invariant, _, named, plant) => {
    const said = evidence();
    const found = broken(plant(said) ?? said);
    expect(found).toEqual({ [invariant]: expect.arrayContaining([expect.stringMatching(named)]) });
  });

  test("each have a lie planted", () => {
    expect(invariants.filter((name) => !plants.some(([invariant]) => invariant === name))).toEqual([]);
  });

  test("take what is stated and explained: an unfinished run, and one that its budget ended", () => {
    expect(broken(unfinished(5, capacity, ["no-capacity"]))).toEqual({});
    soundDesk();
    const budget = "the budget of $12.00 ends the run: no machine can be launched any more";
    expect(broken(unfinished(1, budget, []))).toEqual({});
  });

  test("take a launch of unknown outcome, where a client was killed in it and the budget paid for no other", () => {
    const stderr =
      "the budget of $12.00 ends the run: a batch took longer than was expected\n" +
      "timetrial: machines may be left running: nobody knows what became of the launch 1-us-east-1a-1";
    const said = unfinished(3, stderr, ["throttle"]);
    expect(broken(said)["one record or reason"]).toEqual([expect.stringMatching(/^not finished: status 3/)]);
    const killed = { ...first(), status: null, signal: "SIGKILL", hurt: "SIGKILL" } as const;
    expect(broken({ ...said, clients: [killed, ...said.clients] })["one record or reason"]).toBe(undefined);
  });

  test("take a name that led nowhere for what it is: no reason where no resolver failed", () => {
    const line = "looking up s1.medium in us-east-1: there is no such endpoint (getaddrinfo ENOTFOUND sandbox.test)";
    const passing = "asking EC2 for instances: getaddrinfo ENOTFOUND sandbox.test";
    for (const [status, said] of [[2, line], [5, passing]] as const) {
      soundDesk();
      expect(broken(unfinished(status, said, ["no-names"]))).toEqual({});
      soundDesk();
      expect(broken(unfinished(status, said, ["throttle"]))).toEqual({
        "one record or reason": [expect.stringMatching(/^not finished: status/)],
      });
    }
  }); // prettier-ignore

  test("take trials that the budget broke off, where there is one", () => {
    edit(records(), '"status":"completed","real_s":0.05,"user_s":0.04,"system_s":0.01', '"status":"skipped","reason":"budget-cut"');
    edit(journal(), /.*"t":"ended","id":"soak.r1.seven.awk".*\n/, "");
    const said = evidence();
    const table = "1 trial had been sent to a machine when the budget\n  ended the run\n0 instances left running";
    said.clients = [{ ...client(["compare"]), status: 1, stdout: table }];
    expect(broken(said)).toEqual({});
    said.spending.bites = false;
    expect(Object.keys(broken(said))).toEqual(expect.arrayContaining(["one record or reason", "exit status"]));
  }); // prettier-ignore

  test("take a table's word for the budget, where the client that met it was killed before it said so", () => {
    const said = evidence();
    const table = "22 trials were not begun: the budget would not have\n  paid for them\n0 instances left running";
    said.clients = [
      { ...first(), status: null, signal: "SIGKILL", hurt: "SIGKILL" },
      { ...client(["resume"]), status: 1, stdout: table },
    ];
    expect(broken(said)).toEqual({});
    said.spending.bites = false;
    expect(broken(said)).toEqual({ "exit status": [expect.stringMatching(/no trial failed/)] });
  });

  test("count a machine that ended itself to its deadline, and deadlines by the cloud's clock", () => {
    const said = evidence();
    const path = join(run(), "ledger.ndjson");
    const ledger = readFileSync(path, "utf8").trimEnd().split("\n");
    const lines = ledger.filter((line) => !line.includes('"terminated"'));
    // Twelve dollars pay for twelve seconds; the deadline is after eleven, by a clock that is 100 s ahead.
    const ahead = lines.map((line) => line.replace(at(20), at(111)));
    writeFileSync(path, `${[...ahead, JSON.stringify({ kind: "absence", state: "none", at: at(40) })].join("\n")}\n`);
    said.plan.spec = "seed=x,clock-skew=100";
    expect(broken(said)).toEqual({});
    said.plan.spec = "seed=x,clock-skew=0";
    expect(broken(said)).toEqual({ "spent <= budget": ["40.00 USD of 12"] });
  });

  test("take status 1 where a row has no run that other work did not taint, and not where one was kept", () => {
    const said = { ...evidence(), clients: [{ ...client(["compare"]), status: 1 }] };
    const lines = readFileSync(records(), "utf8").trimEnd().split("\n");
    const taint = (line: string): string => line.replace(/\}$/, ',"tainted":["others-cpu"]}');
    const isSeven = (line: string): boolean => line.includes('"row":"seven"');
    writeFileSync(records(), lines.map((line) => `${isSeven(line) ? taint(line) : line}\n`).join(""));
    expect(broken(said)).toEqual({});
    const lastSeven = lines.findLastIndex(isSeven);
    writeFileSync(
      records(),
      lines.map((line, i) => `${isSeven(line) && i !== lastSeven ? taint(line) : line}\n`).join(""),
    );
    expect(broken(said)).toEqual({ "exit status": [expect.stringMatching(/no trial failed/)] });
  });
});
