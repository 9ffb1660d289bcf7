// Sides by ssh, through the built command line and a real sshd on loopback.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { noSshd, Sshd } from "../support/sshd.ts";
import { Desk, type Ended } from "../support/cli.ts";
import { statusOfCompleted } from "../support/run-status.ts";
import { until } from "../support/until.ts";
import { freePort } from "../support/free-port.mjs";

interface Record {
  readonly machine: string;
  readonly side: string;
  readonly row: string;
  readonly impl: string;
  readonly host_id: string;
  readonly round: number;
  readonly attempt: number;
  readonly status: string;
  readonly reason?: string;
  readonly tainted: readonly string[];
}

describe.skipIf(noSshd !== undefined)(`by ssh${noSshd === undefined ? "" : ` (${noSshd})`}:`, () => {
  let sshd: Sshd;
  let other: Sshd;
  let desk: Desk;
  beforeAll(async () => {
    sshd = await Sshd.start();
    other = await Sshd.start({ beside: sshd });
  });
  afterAll(() => {
    other.clear();
    sshd.clear();
  });
  beforeEach(() => {
    desk = new Desk(0.02);
  });
  afterEach(() => desk.clear());

  const start = (...words: string[]) => desk.start(words, sshd.env);
  const timetrial = async (...words: string[]): Promise<Ended> => await start(...words).ended;
  const records = (): Record[] => desk.lines("records.ndjson");

  test("a suite runs there, and what the run made there is gone afterwards", async () => {
    const words = ["--on", sshd.side, "--rounds", "2", "--set", "blocks=10000", "--quiet"];
    const ended = await timetrial("run", "hashes/sha256", ...words);
    expect(ended.stderr).toBe("");
    expect(ended.stdout).toContain(sshd.side);
    // What other work on this computer disturbed is measured again, after the planned rounds.
    expect(records().filter(({ round }) => round <= 2)).toHaveLength(4);
    expect(records().filter(({ status }) => status !== "completed")).toEqual([]);
    expect(readdirSync(join(sshd.folder, "home", "runs"))).toEqual([]);
  });

  test("this machine and itself by ssh share a host and take turns", async () => {
    // Ends with 1 where another trial holds the folder: two at once would fail.
    const alone = `mkdir ${desk.folder}/turn && sleep 0.1 && rmdir ${desk.folder}/turn`;
    const words = ["--shell", "sh", "--rounds", "6", "--quiet", "--", alone];
    const ended = await timetrial("compare", "local", `there=${sshd.side}`, ...words);
    expect(ended.stderr).toBe("");
    expect(ended.status).toBe(0);
    expect(records().map(({ status }) => status)).toEqual(Array(12).fill("completed"));
    expect(new Set(records().map(({ host_id }) => host_id)).size).toBe(1);
    // Both are this computer: what else runs on it is a note to both, or to neither.
    expect(records().flatMap(({ tainted }) => tainted)).not.toContain("others-cpu");
    expect(ended.stdout.replaceAll(/\s+/g, " ")).toContain("machines share a host, so no claim on a type is made");
  });

  test("a side may be several machines", async () => {
    const words = ["--rounds", "2", "--quiet", "--", "sleep 0.02"];
    const ended = await timetrial("compare", `two=${sshd.side},${other.side}`, `one=${other.side}`, ...words);
    expect(ended.status).toBe(statusOfCompleted(records(), 1));
    const machines = [...new Set(records().map(({ machine }) => machine))].toSorted();
    expect(machines).toEqual(["one-1", "two-1", "two-2"]);
    expect(records()).toHaveLength(6);
  });

  test("awkward words reach a command there verbatim, in a folder of the run's own, beside what was uploaded", async () => {
    const awkward = [
      "a 'b' \"c\"",
      "$(touch evil) `touch evil`",
      "{{ssm:x}}",
      "two\nlines\n",
      "",
      "-n",
      "größer ☃",
      "\\n!",
    ];
    const say = "for (const word of process.argv.slice(2)) process.stdout.write(JSON.stringify(word) + ',')";
    mkdirSync(join(desk.folder, "up"));
    writeFileSync(join(desk.folder, "up", "say.cjs"), say);
    const check = `cp "$TT_STEP_DIR/out" ${desk.folder}/said; pwd >${desk.folder}/where`;
    const words = ["--on", sshd.side, "--upload", "up", "--rounds", "1", "--quiet", "--check", check];
    const ended = await timetrial("run", ...words, "--", process.execPath, "say.cjs", ...awkward);
    expect(ended.stderr).toBe("");
    expect(records()).toMatchObject([{ status: "completed" }]);
    expect(readFileSync(join(desk.folder, "said"), "utf8")).toBe(
      awkward.map((word) => `${JSON.stringify(word)},`).join(""),
    );
    const where = readFileSync(join(desk.folder, "where"), "utf8").trim();
    expect(where.startsWith(join(sshd.folder, "home", "runs"))).toBe(true);
    expect(existsSync(where)).toBe(false);
  });

  test("a command that is not there fails, and the record says why", async () => {
    const ended = await timetrial("run", "--on", sshd.side, "--rounds", "1", "--quiet", "--", "frobnicate-it");
    expect(ended.status).toBe(1);
    expect(records()).toMatchObject([{ status: "failed", reason: "exit 127: command not found" }]);
  });

  test("when sshd dies in the middle and comes back, each trial was run once", async () => {
    const file = join(desk.folder, "trials");
    const step = `echo trial >>${file}; sleep 1; : >${file}.ended`;
    const running = start("run", "--on", sshd.side, "--shell", "sh", "--rounds", "5", "--", step);
    await until(() => existsSync(file));
    sshd.stop();
    // A trial ends while nobody can be told.
    await until(() => existsSync(`${file}.ended`));
    await sshd.resume();
    expect((await running.ended).status).toBe(statusOfCompleted(records(), 1));
    expect(readFileSync(file, "utf8")).toBe("trial\n".repeat(5));
    expect(records().map(({ round, attempt, status }) => [round, attempt, status])).toEqual(
      [1, 2, 3, 4, 5].map((round) => [round, 1, "completed"]),
    );
  });

  test("an unknown host key, and a host that is not there, are refused before anything is made", async () => {
    const words = ["--quiet", "--", "true"];
    const closed = `ssh:127.0.0.1:${await freePort()}`;
    const unreachable = await timetrial("compare", sshd.side, closed, ...words);
    expect(unreachable.status).toBe(5);
    expect(unreachable.stderr).toContain(`${closed}: cannot be reached`);
    const key = readFileSync(join(sshd.folder, "known_hosts"), "utf8");
    sshd.forget();
    const unknown = await timetrial("run", "--on", sshd.side, ...words);
    writeFileSync(join(sshd.folder, "known_hosts"), key);
    expect(unknown.status).toBe(4);
    expect(unknown.stderr).toContain(`${sshd.side}: its host key is not known here: ssh-ed25519 ${sshd.fingerprint}`);
    expect(unknown.stderr).toContain(`accept it by: ssh -p ${sshd.port} 127.0.0.1 true`);
    expect(existsSync(join(desk.folder, "results"))).toBe(false);
  });

  test("two sides of one name are refused", async () => {
    const ended = await timetrial("compare", sshd.side, sshd.side, "--", "true");
    expect(ended.status).toBe(2);
    expect(ended.stderr).toContain(`two sides are called "${sshd.side}"`);
  });
});
