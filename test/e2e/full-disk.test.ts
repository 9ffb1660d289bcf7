// A disk that is full, a folder that nobody may write to, too few files: one line with the path, what became of the
// machines and how to go on. A real file system that is full (tmpfs, mounted where this user may), and real limits.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Desk, type Ended } from "../support/cli.ts";
import { dist } from "../support/desk-folder.mjs";

let desk: Desk;
beforeAll(() => {
  desk = new Desk(0.02);
});
afterAll(() => desk.clear());

const mayMount = spawnSync("unshare", ["-Urm", "true"]).status === 0;

/** `words` with `results` on a file system of `size`, whose files are kept as `kept` afterwards. */
function onSmallDisk(size: string, results: string, words: readonly string[]): Ended {
  mkdirSync(join(desk.folder, results));
  const script = `mount -t tmpfs -o "size=$1" none "$2" || exit 99
    results=$2 kept=$3; shift 3
    "$@"; status=$?
    cp -r "$results" "$kept"; exit $status`;
  const [name = "", ...others] = words;
  const command = [process.execPath, join(dist, "cli.js"), name, "--results", results, ...others];
  const { status, stdout, stderr } = spawnSync(
    "unshare",
    ["-Urm", "sh", "-c", script, "sh", size, results, `${results}-kept`, ...command],
    { cwd: desk.folder, env: { ...desk.env, XDG_STATE_HOME: join(desk.folder, "state") }, encoding: "utf8" },
  );
  return { status, stdout, stderr };
}

/** Without mount: said, since this machine cannot show it. */
const small = mayMount ? describe : describe.skip;
if (!mayMount) console.warn("full-disk.test.ts: skipped: this user may not mount a file system of his own");

small("where the results' disk is full", () => {
  test("a run says it in one line with the path, and goes on where there is room, from whole lines", async () => {
    const ended = onSmallDisk("48k", "full", ["run", "--rounds", "200", "--name", "a", "--", "true"]);
    expect(ended.status).toBe(5);
    expect(ended.stderr).toMatch(
      /timetrial: cannot write full\/[^/]+\/records\.ndjson: no space left on device \(ENOSPC\)\n/,
    );
    expect(ended.stderr).toMatch(/ {2}make room .* timetrial resume full\/[^/\n]+\n/);
    expect(ended.stderr.match(/ENOSPC/g)).toHaveLength(1);
    expect(ended.stderr).not.toContain(" at ");
    const run = join("full-kept", readdirSync(join(desk.folder, "full-kept"))[0] as string);
    const before = readFileSync(join(desk.folder, run, "records.ndjson"), "utf8");
    expect(before.endsWith("\n")).toBe(true);
    expect(before).not.toContain("results-unwritable");
    const again = await desk.run(["resume", run]);
    expect(again.status, again.stderr).toBe(0);
    const records = readFileSync(join(desk.folder, run, "records.ndjson"), "utf8")
      .trim()
      .split("\n");
    expect(records).toHaveLength(200);
  });

  test("machines that were launched are given back all the same, and it is said", async () => {
    await desk.sandbox([]);
    const words = [
      "run",
      "--on",
      "s1.medium",
      "--cloud",
      "sandbox",
      "--machines",
      "1",
      "--rounds",
      "200",
      "--",
      "true",
    ];
    const ended = onSmallDisk("56k", "cloud", words);
    expect(ended.status, ended.stderr).toBe(5);
    expect(ended.stderr).toMatch(/cannot write cloud\/[^/]+\/\w+\.ndjson: no space left on device \(ENOSPC\)/);
    expect(ended.stderr).toContain("timetrial: 0 instances left running\n");
  });

  test("and it is full from the start, nothing is launched", () => {
    const ended = onSmallDisk("4k", "none", ["run", "--rounds", "2", "--name", "a", "--", "true"]);
    expect(ended.status).toBe(2);
    expect(ended.stderr).toMatch(/cannot make the results folder none\/.*ENOSPC/);
  });
});

test("a results folder that nobody may write to is named", () => {
  mkdirSync(join(desk.folder, "shut"), { mode: 0o500 });
  // Root may write anywhere, but not without these two capabilities.
  const without = "-dac_override,-dac_read_search";
  const asUser = process.getuid?.() === 0 ? ["setpriv", `--inh-caps=${without}`, `--bounding-set=${without}`] : ["env"];
  const [program, ...words] = [...asUser, process.execPath, join(dist, "cli.js")];
  const { status, stderr } = spawnSync(program, [...words, "run", "--results", "shut", "--", "true"], {
    cwd: desk.folder,
    env: desk.env,
    encoding: "utf8",
  });
  expect(status).toBe(2);
  expect(stderr).toMatch(/cannot make the results folder shut\/.*permission denied/);
});

test("too few open files are said in a line, not by a stack", () => {
  const { status, stderr } = spawnSync(
    "sh",
    ["-c", 'ulimit -n 24; exec "$@"', "sh", process.execPath, join(dist, "cli.js"), "run", "--", "true"],
    { cwd: desk.folder, env: desk.env, encoding: "utf8" },
  );
  expect(status).not.toBe(0);
  expect(stderr).toMatch(/EMFILE/);
  expect(stderr).not.toMatch(/^\s+at /m);
});

test("a full standard output is said in a line, and the exit status is 5", () => {
  const { status, stderr } = spawnSync(
    "sh",
    ["-c", '"$@" >/dev/full', "sh", process.execPath, join(dist, "cli.js"), "list", "suites"],
    {
      cwd: desk.folder,
      env: desk.env,
      encoding: "utf8",
    },
  );
  expect(stderr).toBe("timetrial: cannot write standard output: ENOSPC\n");
  expect(status).toBe(5);
});

test.each([
  ["list", "suites"],
  ["setup"],
  ["--help"],
  ["report", "published:c7g.8xlarge"],
  ["doctor", "--cloud", "sandbox"],
])("%s %s into a pipe that nobody reads ends quietly", (...words) => {
  const { stderr } = spawnSync("sh", ["-c", '"$@" | :', "sh", process.execPath, join(dist, "cli.js"), ...words], {
    cwd: desk.folder,
    env: desk.env,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
});

test("verify into head -1 ends quietly", async () => {
  await desk.run(["run", "--rounds", "2", "--name", "a", "--results", "piped", "--", "true"]);
  const run = join("piped", readdirSync(join(desk.folder, "piped"))[0] as string);
  writeFileSync(join(desk.folder, run, "logs", "more.txt"), "");
  const out = execFileSync(
    "sh",
    ["-c", '"$@" | head -1', "sh", process.execPath, join(dist, "cli.js"), "verify", run],
    {
      cwd: desk.folder,
      env: desk.env,
      encoding: "utf8",
    },
  );
  expect(out).toMatch(/^FAIL {2}files {4}logs\/more\.txt: not named/);
});
