// Money as a user meets it: what is said before launching, what is refused, and what a budget ends.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cost_usd, billedMachines } from "../../src/domain/cost/bill.ts";
import type { Exchange } from "../../src/sandbox/protocol/wire-log.ts";
import { Desk } from "../support/cli.ts";
import { makeSuite } from "../support/user-suite.ts";
import { until } from "../support/until.ts";

let desk: Desk;
beforeAll(async () => {
  desk = new Desk(0.02);
  await desk.sandbox(["--idle-s", "10000"]);
});
afterAll(() => desk.clear());

/** The sandbox, taken for AWS: its made-up prices then count as real ones. */
function asAws(): { words: string[]; env: Record<string, string> } {
  const { endpoint = "", access_key_id = "", secret_access_key = "" } = desk.address() ?? {};
  return {
    words: ["--endpoint", endpoint],
    env: {
      AWS_ACCESS_KEY_ID: access_key_id,
      AWS_SECRET_ACCESS_KEY: secret_access_key,
      AWS_REGION: "us-east-1",
    },
  };
}

const launched = async (): Promise<number> => (await desk.instances()).length;

const oneLine = (text: string): string => text.replace(/\s+/g, " ");
const runIn = (results: string): string => desk.runName(results);
const linesOf = (results: string, name: string): Record<string, unknown>[] => desk.lines(name, results);

describe("a plan", () => {
  test("says machines, zones, rounds, time, interval, cost and deadline, and launches and writes nothing", async () => {
    const { words, env } = asAws();
    const asked = ["s1.medium", "s2.medium", ...words, "--rounds", "5", "--spread", "1%"];
    const ended = await desk.run(["plan", ...asked], env);
    expect([ended.status, ended.stderr]).toEqual([0, ""]);
    const said = oneLine(ended.stdout);
    expect(said).toContain("machines 3 s1.medium, al2023 3 s2.medium, al2023 zone us-east-1a, else us-east-1b");
    expect(said).toMatch(/hashes: \d+ rows, 5 rounds, \d+ trials a machine/);
    expect(said).toContain("±2.3 % of a speedup with 3 machines a side, if those of one type differ by 1 % (--spread)");
    expect(said).toMatch(/s1\.medium: \$0\.1 an hour on demand \(http:\S+ price list for us-east-1, 2026-11-01\)/);
    // Six machines for two hours.
    expect(said).toMatch(
      /cost about \$0\.\d\d; \$0\.90 an hour for all machines.* bound \$1\.80: every machine alive until its deadline/,
    );
    expect(said).toContain("each machine ends itself 2 h after its launch");
    expect((await desk.runHere(["compare", ...asked, "--dry-run"], env)).stdout).toBe(ended.stdout);
    expect(await launched()).toBe(0);
    expect(existsSync(join(desk.folder, "results"))).toBe(false);
  });

  test("is the same for programs, with the prices that are paid on spot", async () => {
    const { words, env } = asAws();
    const asked = ["s1.medium", "s2.medium", ...words, "--spot", "--zone", "us-east-1b", "--format", "json"];
    const plan = JSON.parse((await desk.runHere(["plan", ...asked, "--budget", "0.9"], env)).stdout) as object;
    expect(plan).toMatchObject({
      market: "spot",
      zones: ["us-east-1b"],
      // A quarter of $0.1 and of $0.2, three machines each.
      usd_per_hour: expect.closeTo(0.225, 9),
      worst_usd: expect.closeTo(0.45, 9),
      budget_usd: 0.9,
      deadline_h: 2,
      prices: [
        { side: "s1.medium", usd_per_hour: 0.025, zone: "us-east-1b", date: "2026-11-20" },
        { side: "s2.medium", usd_per_hour: 0.05, zone: "us-east-1b", date: "2026-11-20" },
      ],
    });
  });

  test("of a local run says that nothing is launched", async () => {
    expect((await desk.runHere(["plan", "local"])).stdout).toContain("cost      nothing is launched\n");
  });
});

describe("a budget is refused before anything is launched", () => {
  test.each([
    [
      4,
      "expected a run of at most $0.01, and this one will cost about $0.",
      ["s1.medium", "s2.medium", "--budget", "0.01"],
    ],
    [4, "--price t9.medium=USD", ["t9.medium", "s2.medium", "--allow-burstable", "--budget", "5"]],
    [2, '--budget: expected dollars above 0, such as 5 or 0.50, got "five"', ["s1.medium", "--budget", "five"]],
    [4, "t9.medium is burstable", ["t9.medium", "s2.medium", "--budget", "5"]],
  ])("with %d: %s", async (status, said, sides) => {
    const { words, env } = asAws();
    const ended = await desk.runHere(["compare", ...sides, ...words, "--results", "refused"], env);
    expect(ended.stderr).toContain(said);
    expect(ended.status).toBe(status);
    expect(await launched()).toBe(0);
    expect(existsSync(join(desk.folder, "refused"))).toBe(false);
  });

  test("with 4 where nothing is launched", async () => {
    expect((await desk.run(["compare", "local", "b=local", "--budget", "5"])).status).toBe(4);
  });
});

// These mostly wait, for a budget to be spent or for two looks at the cloud half a minute apart: all at once.
describe.concurrent("a run that is paid for", () => {
  test("a budget ends the run before it is exceeded, keeps what was measured, and says what is missing", async () => {
    const prices = ["--price", "s1.medium=3600", "--price", "s2.medium=3600"];
    const words = ["compare", "s1.medium", "s2.medium", "--cloud", "sandbox", "--machines", "1", "--rounds", "300"];
    const ended = await desk.run([...words, ...prices, "--budget", "40", "--results", "ended", "--", "sleep", "0.1"]);
    expect(ended.stderr).toContain("ended after 20 s (the budget's) at the latest");
    // Once, though two machines met it.
    expect(ended.stderr.split("the budget of $40.00 ends the run: ")).toHaveLength(2);
    expect(ended.status).toBe(1);
    const records = linesOf("ended", "records.ndjson");
    const kept = records.filter(({ status }) => status === "completed").length;
    const unpaid = records.filter(({ status, reason }) => status === "skipped" && reason === "budget").length;
    const cut = records.filter(({ status, reason }) => status === "skipped" && reason === "budget-cut").length;
    expect(kept).toBeGreaterThan(4);
    expect(kept + unpaid + cut).toBe(600);
    const said = oneLine(ended.stdout);
    expect(said).toContain(`${unpaid} trials were not begun: the budget would not have paid for them`);
    expect(said).toContain("0 instances left running costs nothing");
    // What the budget did not pay for is none of them, nor is a machine's warm-up; what this computer disturbed may be.
    expect(said).toMatch(new RegExp(`\\b\\d+ of ${kept - 2} runs left out (?!\\((?!\\d+ (steal|swap|oom)\\)))`));
    const usd =
      cost_usd(billedMachines(linesOf("ended", "ledger.ndjson") as never) ?? [], () => 3600, Infinity, 1.2) ?? 0;
    expect(usd).toBeGreaterThan(20);
    expect(usd).toBeLessThanOrEqual(40);

    const verified = await desk.runHere(["verify", runIn("ended"), "--results", "ended"]);
    expect([verified.status, verified.stdout]).toEqual([0, expect.stringContaining("verified\n")]);
    expect((await desk.runHere(["resume", runIn("ended"), "--results", "ended"])).stderr).toContain("is finished");
  });

  test("a batch that takes longer than was expected is left before the budget is exceeded", async () => {
    // Half a minute of two machines: a busy computer may take many seconds to set them up.
    const prices = ["--price", "s1.medium=3600", "--price", "s2.medium=3600"];
    const words = ["compare", "s1.medium", "s2.medium", "--cloud", "sandbox", "--machines", "1", "--rounds", "3"];
    const rest = ["--keep-on-failure", "--budget", "60", "--results", "overrun", "--", "sleep", "600"];
    const ended = await desk.run([...words, ...prices, ...rest]);
    expect(ended.stderr).toContain("the budget of $60.00 ends the run: a batch took longer than was expected");
    const records = linesOf("overrun", "records.ndjson").map(({ status, reason }) => [status, reason]);
    expect([ended.status, ended.stderr, records]).toEqual([1, expect.any(String), expect.any(Array)]);
    // The machines of one host take turns: one trial was under way, and no other was ever sent.
    expect(records.map(([, reason]) => String(reason)).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
      ...Array.from({ length: 5 }, () => "budget"),
      "budget-cut",
    ]);
    expect(records.map(([status]) => status)).toEqual(Array.from({ length: 6 }, () => "skipped"));
    const said = oneLine(ended.stdout);
    expect(said).toContain("5 trials were not begun: the budget would not have paid for them");
    expect(said).toContain("1 trial had been sent to a machine when the budget ended the run");
    expect(ended.stdout).toContain("0 instances left running");
    const usd =
      cost_usd(billedMachines(linesOf("overrun", "ledger.ndjson") as never) ?? [], () => 3600, Infinity, 1.2) ?? 0;
    expect(usd).toBeLessThanOrEqual(60);
  });

  test("a budget shortens the deadline that the machines themselves are launched with", async () => {
    const words = ["run", "--on", "s1.medium", "--cloud", "sandbox", "--machines", "1", "--rounds", "1"];
    const rest = ["--price", "s1.medium=3600", "--budget", "90", "--results", "shortened", "--", "true"];
    const ended = await desk.run([...words, ...rest]);
    expect([ended.status, ended.stderr]).toEqual([0, expect.any(String)]);
    const exchanges = readFileSync(join(desk.folder, "record.ndjson"), "utf8").split("\n").slice(0, -1);
    const launches = exchanges
      .map((line) => JSON.parse(line) as Exchange)
      .filter((one) => one.action === "RunInstances");
    const own = launches.filter(({ request }) =>
      [...new URLSearchParams(request).values()].includes(runIn("shortened")),
    );
    const form = new URLSearchParams(own.at(-1)?.request);
    // A dollar a second: a minute and a half, not the two hours of --max-hours.
    const script = Buffer.from(form.get("UserData") ?? "", "base64").toString();
    const [, life_s] = /^life_s=(\d+)$/m.exec(script) ?? [];
    expect(Number(life_s)).toBe(90);
    const [, until_s] = /^deadline_epoch=(\d+)$/m.exec(script) ?? [];
    const left_s = Number(until_s) - Date.now() / 1000;
    expect(left_s).toBeGreaterThan(0);
    expect(left_s).toBeLessThanOrEqual(90);
    const [tag = ""] = [...form].find(([, value]) => value === "timetrial:deadline") ?? [];
    const told = form.get(tag.replace(/Key$/, "Value")) ?? "";
    expect(Math.floor(Date.parse(told) / 1000)).toBe(Number(until_s));
  });

  test("machines for a fresh row's trials are launched as far as the budget goes", async () => {
    makeSuite(join(desk.folder, "new"), { name: "new", rows: { first: "fresh = true\nruns = 30" } });
    const words = ["run", "./new", "--on", "s1.medium", "--cloud", "sandbox", "--machines", "1", "--results", "fresh"];
    const ended = await desk.run([...words, "--price", "s1.medium=3600", "--budget", "15"]);
    expect(ended.stderr).toContain("the budget of $15.00 ends the run");
    expect(ended.status).toBe(1);
    const records = linesOf("fresh", "records.ndjson");
    const kept = records.filter(({ status }) => status === "completed").length;
    expect(kept).toBeGreaterThan(0);
    // The last machine may have had its trial when the budget ended the run.
    const others = records.filter(({ status, reason }) => status !== "completed" && reason !== "budget");
    expect([[], ["budget-cut"]]).toContainEqual(others.map(({ reason }) => reason));
    expect(records).toHaveLength(30);
    const usd =
      cost_usd(billedMachines(linesOf("fresh", "ledger.ndjson") as never) ?? [], () => 3600, Infinity, 1.2) ?? 0;
    expect(usd).toBeLessThanOrEqual(15);
    expect((await desk.runHere(["verify", runIn("fresh"), "--results", "fresh"])).status).toBe(0);
  });

  test("what a run spent before its client was killed counts when it is resumed", async () => {
    const prices = ["--price", "s1.medium=3600"];
    const words = [
      "run",
      "--on",
      "s1.medium",
      "--cloud",
      "sandbox",
      "--machines",
      "1",
      "--rounds",
      "300",
      // Half a minute: its client is killed and resumed within it, however busy the computer is.
      "--budget",
      "30",
    ];
    const running = desk.start([...words, ...prices, "--results", "killed", "--", "sleep", "0.1"]);
    await until(() => linesOf("killed", "records.ndjson").length > 3);
    running.child.kill("SIGKILL");
    await running.ended;
    const ended = await desk.run(["resume", runIn("killed"), "--results", "killed"]);
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain("the budget of $30.00 ends the run");
    // On a busy computer the budget may be gone before the machine is asked again; then the rest stays to be measured.
    if (!ended.stderr.includes("no machine can be launched any more"))
      expect([linesOf("killed", "records.ndjson").length, ended.stderr]).toEqual([300, expect.any(String)]);
    const usd =
      cost_usd(billedMachines(linesOf("killed", "ledger.ndjson") as never) ?? [], () => 3600, Infinity, 1.2) ?? 0;
    expect(usd).toBeLessThanOrEqual(30);
  });
});

describe.concurrent("what a run cost", () => {
  const quick = ["--machines", "1", "--suite", "hashes/sha256/openssl-evp", "--set", "blocks=10000", "--rounds", "2"];

  test("is in its footer, its prices are kept with it and in its report, and --price goes before them", async () => {
    const { words, env } = asAws();
    const asked = [
      "compare",
      "s1.medium",
      "s2.medium",
      ...words,
      "--instance-profile",
      "machine",
      ...quick,
      "--results",
      "paid",
    ];
    const ended = await desk.run(asked, env);
    expect(ended.stderr).toMatch(/\naccount \d{12}, user\/sandbox, us-east-1, endpoint http:\S+\nlaunching /);
    expect(ended.stderr).toMatch(
      /2 machines for about 2 min, ended after 2 h at the latest; \$0\.30 an hour, about \$0\.01, at most \$0\.60; /,
    );
    expect(ended.status).toBe(0);
    expect(oneLine(ended.stdout)).toMatch(/0 instances left running \$0\.0\d+ sums [0-9a-f]{12} /);
    expect(oneLine(ended.stdout)).toMatch(
      /on-demand, an hour: s1\.medium \$0\.1, s2\.medium \$0\.2 \(http:\S+ price list for us-east-1 of 2026-11-01\)/,
    );
    expect(readFileSync(join(desk.folder, "paid", runIn("paid"), "SHA256SUMS"), "utf8")).toContain("  prices.json\n");
    const report = ["report", runIn("paid"), "--results", "paid"];
    expect((await desk.runHere(report)).stdout).toBe(ended.stdout);
    const other = oneLine((await desk.runHere([...report, "--price", "s1.medium=0.5"])).stdout);
    expect(other).toMatch(/s1\.medium \$0\.5, s2\.medium \$0\.2 \(as given by --price on 20\d\d-\d\d-\d\d and http:/);
    for (const [format, said] of [
      ["markdown", /^\| \$ a \w+ jobs, on-demand \| s1\.medium \| s2\.medium \| jobs for the same money \|$/m],
      ["csv", /,baseline_on_demand_usd_per_job,.*\r\n.*,0\.5,as given by --price on /],
      ["json", /"usd_per_hour": 0\.5/],
      ["html", /<section id="prices">/],
    ] as const) {
      expect((await desk.runHere([...report, "--price", "s1.medium=0.5", "--format", format])).stdout).toMatch(said);
    }
    const refused = await desk.runHere([...report, "--price", "s1.medium=0.5", "--format", "svg"]);
    expect(refused).toMatchObject({ status: 2, stdout: "" });
    expect(refused.stderr).toContain("--price: expected --format table, markdown, csv, json, html, got svg");
  });

  test("of boots is told before the first, and what it came to in the footer, as for any run", async () => {
    const { words, env } = asAws();
    const asked = ["boot", "s2.medium", "--boots", "2", ...words, "--port", "2222", "--results", "booted"];
    const ended = await desk.run([...asked, "--security-group", "sg-0000000000000000b", "--budget", "0.5"], env);
    // Of each a minute is billed at least: 2/60 of $0.2. The budget is the most, below two machines for two hours.
    expect(ended.stderr).toMatch(/^account \d{12}, user\/sandbox, us-east-1, endpoint http:\S+$/m);
    expect(ended.stderr).toMatch(/2 machines, 1 at a time, .*, about 60 s in all; about \$0\.0067, at most \$0\.50; /);
    expect(ended.status).toBe(0);
    expect(oneLine(ended.stdout)).toMatch(/0 instances left running \$0\.0067 sums [0-9a-f]{12} /);
    const report = ["report", runIn("booted"), "--results", "booted"];
    expect((await desk.runHere(report)).stdout).toBe(ended.stdout);
    const few = ["--security-group", "sg-0000000000000000b", "--budget", "0.001", "--ssm"];
    const said = await desk.runHere([...asked, ...few], env);
    expect(said.stderr).toContain(
      "--ssm without --instance-profile: the agents come online only where the account has",
    );
    // With --ssm two minutes are reckoned for each.
    expect(said.stderr).toContain("expected a run of at most $0.0010, and this one will cost about $0.01\n");
    expect(said.stderr).toContain("fewer --boots cost less");
    expect(said.status).toBe(4);
  });

  test("is unknown where nobody says prices, which is said in one line, and the run goes on", async () => {
    const { words, env } = asAws();
    const asked = ["run", "--on", "t9.medium", "--allow-burstable", ...words, "--instance-profile", "machine"];
    const ended = await desk.run([...asked, ...quick, "--results", "unknown"], env);
    expect(ended.stderr).toMatch(
      /; price unknown \(http:\S+ prices have no on-demand price of t9\.medium in us-east-1\); results in /,
    );
    expect(ended.stdout).toContain("price unknown");
    expect(ended.status).toBe(0);
  });
});
