// Commands of the user's own, through the built command line, on this machine.

import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Desk, type Ended } from "../support/cli.ts";

let desk: Desk;
beforeEach(() => {
  desk = new Desk(0.02);
});
afterEach(() => desk.clear());

const few = ["--rounds", "2", "--quiet"];
const run = (...words: string[]): Promise<Ended> => desk.run(["run", ...few, ...words]);
const stored = (): { records: Record<string, unknown>[]; plan: string } => ({
  records: desk.lines("records.ndjson"),
  plan: readFileSync(join(desk.folder, "results", desk.runName(), "plan.json"), "utf8"),
});

const awkward = [
  "a 'b' \"c\"",
  "$(touch evil) `touch evil`",
  "{{ssm:x}}",
  "two\nlines\n",
  "",
  "-n",
  "größer ☃",
  "\\n\\",
];

test("awkward words reach the command verbatim, and no shell reads them", async () => {
  const script = "for (const word of process.argv.slice(2)) process.stdout.write(JSON.stringify(word) + ',')";
  writeFileSync(join(desk.folder, "say.cjs"), script);
  const check = 'cp "$TT_STEP_DIR/out" said';
  const ended = await run("--check", check, "--", process.execPath, "say.cjs", ...awkward);
  expect(ended.stderr).toBe("");
  expect(ended.status).toBe(0);
  expect(readFileSync(join(desk.folder, "said"), "utf8")).toBe(
    awkward.map((word) => `${JSON.stringify(word)},`).join(""),
  );
  expect(existsSync(join(desk.folder, "evil"))).toBe(false);
  expect(stored().plan).toContain(JSON.stringify(awkward[1]).slice(1, -1));
});

test("without a check the record and the table say that the exit status is all", async () => {
  const ended = await run("--name", "na$(id)me", "--", "sleep", "0.05");
  expect(ended.status).toBe(0);
  expect(ended.stdout).toContain("checked by exit status only");
  expect(ended.stdout).toContain("na$(id)me");
  expect(stored().records[0]).toMatchObject({ row: "cmd-1", driver: "exec", check: "exit-only" });
});

test("a check that fails makes the row fail", async () => {
  const ended = await run("--check", "false", "--", "true");
  expect(ended.status).toBe(1);
  expect(ended.stdout).toMatch(/true +fail/);
  expect(stored().records[0]).toMatchObject({ status: "failed", reason: "check exit 1", check: "failed" });
});

test("a command that is not there fails, and the record says why", async () => {
  const ended = await run("--", "frobnicate-it", "x");
  expect(ended.status).toBe(1);
  expect(ended.stdout).toMatch(/frobnicate-it x +fail/);
  expect(stored().records[0]).toMatchObject({ status: "failed", reason: "exit 127: command not found" });
});

test("a command that takes too long is ended, and with --progress ndjson every line of progress is a JSON object", async () => {
  const ended = await desk.run(["run", "--progress", "ndjson", "--rounds", "1", "--timeout", "1", "--", "sleep", "30"]);
  expect(ended.status).toBe(1);
  expect(ended.stdout).toMatch(/sleep 30 +t\/o/);
  const lines = ended.stderr.trimEnd().split("\n");
  const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const { what } of events) expect(what).toMatch(/^[a-z]+(-[a-z]+)*$/);
  const { plan, records } = stored();
  const { run: name } = JSON.parse(plan) as { run: string };
  expect(events[0]).toEqual({ what: "planned", run: name, folder: `results/${name}`, sides: ["local"] });
  expect(events.find(({ what }) => what === "machine-setup")).toMatchObject({ machine: "local-1", uname: "Linux" });
  expect(events.filter(({ what }) => what === "record").map(({ record }) => record)).toEqual(records);
});

test("several commands on one side are compared with each other, and --by side turns the table back", async () => {
  const words = ["run", "--rounds", "8", "--quiet", "--", "sleep 0.02", "sleep 0.08"];
  const ended = await desk.run([...words.slice(0, 4), "--format", "json", ...words.slice(4)]);
  expect(ended.status).toBe(0);
  const json = JSON.parse(ended.stdout) as { sides: string[] };
  expect(json.sides).toEqual(["sleep 0.02", "sleep 0.08"]);
  // From the records: on a host that others use, steal may taint runs that the table then leaves out.
  const real_s = (row: string) =>
    stored().records.flatMap((record) => (record["row"] === row ? [record["real_s"] as number] : []));
  expect(real_s("cmd-1")).toHaveLength(8);
  expect(Math.min(...real_s("cmd-1")) / Math.min(...real_s("cmd-2"))).toBeLessThan(0.6);
  const [name] = readdirSync(join(desk.folder, "results"));
  const side = await desk.runHere(["report", name as string, "--by", "side"]);
  expect(side.stdout).toMatch(/\n {2}sleep 0\.02 /);
  expect(side.stdout).toMatch(/\n {2}sleep 0\.08 /);
});

test("with --shell sh the text is run by sh, each step in the uploaded copy", async () => {
  mkdirSync(join(desk.folder, "up", "in"), { recursive: true });
  writeFileSync(join(desk.folder, "up", "in", "data"), "one\ntwo\n");
  symlinkSync("data", join(desk.folder, "up", "in", "link"));
  const steps = ["--setup", "echo driver.command=evil; cp in/link made", "--prepare", "rm -f out"];
  const proved = ["--check", "grep -qx 2 out", "--", "cat made | grep -c . >out"];
  const ended = await run("--upload", "up", "--shell", "sh", ...steps, ...proved);
  expect(ended.stderr).toBe("");
  expect(ended.status).toBe(0);
  expect(stored().records[0]).toMatchObject({ driver: "sh", check: "ok" });
  expect(existsSync(join(desk.folder, "made"))).toBe(false);
});

describe("refused before anything runs:", () => {
  test.each<[string, string[], RegExp]>([
    [
      "a shell's sign without a shell",
      ["--command", "a | b"],
      /"\|" means something to a shell only\n {2}add --shell sh/,
    ],
    ["an open quote", ["--command", "a 'b"], /a quote ' is never closed/],
    ["nothing behind the dashes", ["--"], /expected a command behind it/],
    ["an option for no command", ["--prepare", "x"], /--prepare: there is no command/],
    ["a variable without a shell", ["--", "A=1", "make"], /env A=1 make/],
    ["two commands of one name", ["--", "sleep 1", "sleep 1"], /two commands are called "sleep 1"/],
    ["a name too many", ["--name", "a", "--name", "b", "--", "true"], /as many names as commands, 1, got 2/],
    ["no UTF-8", ["--", "true", "\ufffd"], /expected UTF-8 without NUL/],
    ["no whole timeout", ["--timeout", "1.5", "--", "true"], /--timeout: expected whole seconds/],
    ["an unknown shell", ["--shell", "zsh", "--", "true"], /--shell: expected none or sh/],
    ["a folder that is not there", ["--upload", "nowhere", "--", "true"], /--upload: expected a folder, got "nowhere"/],
    ["--by command without commands", ["--by", "command"], /the run has no command of its own/],
  ])("%s", async (_what, words, message) => {
    const ended = await desk.runHere(["run", ...few, ...words]);
    expect(ended.stderr).toMatch(message);
    expect(ended.status).toBe(2);
    expect(existsSync(join(desk.folder, "results"))).toBe(false);
  });

  test("an upload with a link out of its folder", async () => {
    mkdirSync(join(desk.folder, "up"));
    symlinkSync("/etc/passwd", join(desk.folder, "up", "link"));
    const ended = await desk.runHere(["run", ...few, "--upload", "up", "--", "true"]);
    expect(ended.stderr).toMatch(/--upload: "link": expected files of this folder only, got a link out of it/);
    expect(ended.status).toBe(2);
  });

  test("an upload of over 1 MB packed, with what to do", async () => {
    mkdirSync(join(desk.folder, "up"));
    writeFileSync(join(desk.folder, "up", "noise"), randomBytes(1_200_000));
    const ended = await run("--upload", "up", "--", "true");
    expect(ended.stderr).toMatch(/expected at most 1 MB packed, got 1\.2 MB\n {2}leave out .* --setup/);
    expect(ended.status).toBe(4);
  });
});

test("exports keep a command's whole text, and benchstat's names take a line end as a blank", async () => {
  const name = "a name that is longer than a table's column is wide";
  const two = ["--name", name, "--name", "two\nlines \u001b[31m", "--command", "true", "--command", "true"];
  await desk.run(["run", ...few, ...two]);
  const report = (format: string): Promise<Ended> =>
    desk.runHere(["report", `results/${readdirSync(join(desk.folder, "results"))[0]}`, "--format", format]);
  const { sides } = JSON.parse((await report("json")).stdout) as { sides: string[] };
  expect(sides).toEqual([name, "two\nlines \u001b[31m"]);
  const csv = (await report("csv")).stdout;
  expect(csv).toContain(name);
  expect(csv).toContain("\\u001b[31m");
  expect((await report("benchstat")).stdout).toContain(`side: ${name}\n`);
  const bySide = await desk.runHere([
    "report",
    `results/${readdirSync(join(desk.folder, "results"))[0]}`,
    "--by",
    "side",
    "--format",
    "benchstat",
  ]);
  expect(bySide.stdout).toMatch(/^BenchmarkTwo_lines_\?\[31m\/impl=command/mu);
});

test("before and after of one's own code pair, and the footer names both uploads", async () => {
  mkdirSync(join(desk.folder, "src"));
  const named: string[] = [];
  for (const text of ["before", "after"]) {
    writeFileSync(join(desk.folder, "src", "code"), text);
    expect((await run("--upload", "src", "--", "cat", "code")).status).toBe(0);
    const found = readdirSync(join(desk.folder, "results")).filter((name) => !named.includes(name));
    named.push(found[0] as string);
  }
  const report = await desk.runHere(["report", `before=results/${named[0]}`, `after=results/${named[1]}`]);
  expect(report.stdout).toMatch(
    /runs\s+differ\s+in\s+what\s+was\s+uploaded:\s+[0-9a-f]{12}\s+in\s+\S+,\s+[0-9a-f]{12}\s+in/u,
  );
  expect(report.stdout.match(/^ *cat code/gmu)).toHaveLength(1);
  expect(report.stdout).not.toContain("no such row");
});
