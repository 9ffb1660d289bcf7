// The suites that come with timetrial where something is wrong, through the built command line: what is stored says what,
// and has no time.

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Desk } from "../support/cli.ts";
import { makeSuite } from "../support/user-suite.ts";

interface Stored {
  readonly suite: string;
  readonly row: string;
  readonly impl: string;
  readonly status: string;
  readonly reason?: string;
}

let desk: Desk;
let server: Server;
let url: string;
const archive = Buffer.from("these are no sources\n");
const got = createHash("sha256").update(archive).digest("hex");
const wanted = "0".repeat(64);
beforeAll(async () => {
  server = createServer((_, response) => void response.end(archive));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/src.txz`;
});
afterAll(() => void server.close());
beforeEach(() => {
  desk = new Desk(0.02);
});
afterEach(() => desk.clear());

const run = (suite: string, sets: Readonly<Record<string, string>> = {}, ...more: string[]) =>
  desk.run(["run", suite, "--on", "local", "--rounds", "1", "--quiet", ...more, ...setsOf(sets)]);
const setsOf = (sets: Readonly<Record<string, string>>): string[] =>
  Object.entries(sets).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
const stored = (): string => join(desk.folder, "results", desk.runName());
/** All records, none of which has a time. */
function records(): Stored[] {
  const all = desk.lines<Stored>("records.ndjson");
  for (const one of all) expect(one).not.toHaveProperty("real_s");
  return all;
}

/** Commands of the machine's own, found before all others. */
function standIns(scripts: Readonly<Record<string, string>>): void {
  const bin = join(desk.folder, "bin");
  mkdirSync(bin);
  for (const [name, script] of Object.entries(scripts))
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  appendFileSync(join(desk.folder, "machine.env"), `TIMETRIAL_PATH_FIRST=${bin}\n`);
}

describe("a source", () => {
  test("whose digest is wrong is refused, named, and still there when the run is over", async () => {
    const other = { src_url: url, src_sha256: wanted, commits: "100" };
    await run("sources/tar-src", other);
    const kept = join(desk.folder, "home/refused/sources/src.txz.refused");
    expect(records()).toEqual([
      expect.objectContaining({
        status: "skipped",
        reason: `kept as ${kept}: expected SHA-256 ${wanted}, got ${got}; from ${url}`,
      }),
    ]);
    expect(readFileSync(kept)).toEqual(archive);
    // Nothing else of the run is.
    expect(readdirSync(join(desk.folder, "home/runs"))).toEqual([]);
  });

  test("that no network gives is no row's failure, and says what was tried; a clone fails in git's words", async () => {
    const nowhere = { src_url: "http://127.0.0.1:9/src.txz", src_sha256: wanted, commits: "100" };
    await run(
      "sources",
      {
        ...nowhere,
        git_url: "http://127.0.0.1:9/src.git",
        forks: "1",
        ports_url: "http://127.0.0.1:9/p",
        ports_sha256: wanted,
      },
      "--rounds",
      "1",
    );
    const lines = readFileSync(join(stored(), "records.ndjson"), "utf8").trim().split("\n");
    const by = new Map(lines.map((line) => JSON.parse(line) as Stored).map((one) => [one.row, one]));
    expect(by.get("tar-src")).toMatchObject({
      status: "skipped",
      reason: expect.stringMatching(/^cannot fetch http:\/\/127\.0\.0\.1:9\/src\.txz: \w+ ended with \d+: /),
    });
    expect(by.get("tar-ports")).toMatchObject({ status: "skipped", reason: expect.stringContaining("127.0.0.1:9/p") });
    expect(by.get("git-clone-src")).toMatchObject({ status: "failed", reason: "exit 128" });
    for (const row of ["tar-src", "tar-ports", "git-clone-src"]) expect(by.get(row)).not.toHaveProperty("real_s");
    const logs = readdirSync(join(stored(), "logs")).map((file) => readFileSync(join(stored(), "logs", file), "utf8"));
    expect(logs.join("")).toContain("fatal: unable to access 'http://127.0.0.1:9/src.git/'");
    // What needs no network is none the worse.
    for (const row of ["git-clone-local", "forks"]) expect(by.get(row)).toMatchObject({ status: "completed" });
  });
});

describe("a package manager's lock that is held by another", () => {
  const held = {
    "Error: Failed to obtain the transaction lock (logged in as: root).": 200,
    "Waiting... Another app is currently holding the yum lock; waiting for it to exit...": 1,
  };
  test.each(Object.entries(held))("ends a trial with that for a reason: %s", async (said, status) => {
    standIns({
      dnf: `case $* in --version) echo 4.14.0 ;; *) echo '${said}' >&2; exit ${status} ;; esac`,
      rpm: "exit 1",
    });
    await run("packages/pkg-catalogue/dnf", {}, "--disposable");
    expect(records()).toEqual([
      expect.objectContaining({
        status: "failed",
        reason: `exit ${status}: package manager locked by another (${said})`,
      }),
    ]);
  });

  test("before the clock, too", async () => {
    const said = "Error: Failed to obtain the transaction lock (logged in as: root).";
    standIns({ dnf: `case $* in --version) echo 4.14.0 ;; *) echo '${said}'; exit 200 ;; esac`, rpm: "exit 1" });
    await run("packages/pkg-install-git/dnf", {}, "--disposable");
    expect(records()).toEqual([
      expect.objectContaining({
        status: "failed",
        reason: `prepare exit 200: package manager locked by another (${said})`,
      }),
    ]);
  });

  test("is told from other errors", async () => {
    standIns({
      dnf: "case $* in --version) echo 4.14.0 ;; *) echo 'Error: Cache disabled' >&2; exit 1 ;; esac",
      rpm: "exit 1",
    });
    await run("packages/pkg-catalogue/dnf", {}, "--disposable");
    expect(records()).toEqual([expect.objectContaining({ status: "failed", reason: "exit 1" })]);
  });
});

const mounts = spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0;
test.skipIf(!mounts)("a disk of ten megabytes [needs the right to mount a tmpfs]", async () => {
  makeSuite(join(desk.folder, "my-suite"), {
    rows: { fill: "runs = 1\nwarmup = 0" },
    files: { "run.sh": '#!/bin/sh\nset -eu\ncat /dev/zero >"${TT_WORK}/fill"\n' },
  });
  const home = join(desk.folder, "home");
  mkdirSync(home, { mode: 0o700 });
  const cli = join(import.meta.dirname, "../../dist/cli.js");
  const words = ["run", "./my-suite", "compress/zstd-10", "--on", "local", "--rounds", "1", "--quiet"];
  const script = 'mount -t tmpfs -o size=10m,mode=0700 none "$0" && exec "$@"';
  const child = spawn("unshare", ["-m", "sh", "-c", script, home, process.execPath, cli, ...words], {
    cwd: desk.folder,
    env: { ...process.env, TIMETRIAL_MACHINE_ENV: join(desk.folder, "machine.env") },
    stdio: "ignore",
  });
  await new Promise((done) => child.once("close", done));
  const by = new Map(records().map((one) => [one.row, one]));
  // A step that fills it has that for a reason; what says how much it wants is not begun.
  expect(by.get("fill")).toMatchObject({ status: "failed", reason: expect.stringMatching(/^disk full(: exit \d+)?$/) });
  expect(by.get("zstd-10")).toMatchObject({
    status: "skipped",
    reason: expect.stringMatching(/^needs: \d+ MiB of disk \(has \d+ MiB free\)$/),
  });
});

describe("a step's last lines", () => {
  const logs = (): Record<string, string> => {
    const folder = join(stored(), "logs");
    return Object.fromEntries(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), "utf8")]));
  };

  test("are kept where it was ended by its limit, and where it failed", async () => {
    const noise = 'i=0; while [ "$i" -lt 3000 ]; do i=$((i + 1)); echo "line $i"; done';
    makeSuite(join(desk.folder, "my-suite"), {
      rows: { long: "runs = 1\nwarmup = 0\nlimit_s = 2", wrong: "runs = 1\nwarmup = 0" },
      files: {
        "run.sh": `#!/bin/sh\n${noise}\necho ">>> stage 7 of \${TT_ROW}"\n[ "\${TT_ROW}" != long ] || sleep 60\nexit 3\n`,
      },
    });
    await run("./my-suite");
    expect(
      records()
        .map(({ row, status, reason }) => `${row} ${status}: ${reason}`)
        .sort(),
    ).toEqual(["long timed-out: limit 2", "wrong failed: exit 3"]);
    const kept = logs();
    for (const row of ["long", "wrong"]) {
      const [name, text] = Object.entries(kept).find(([file]) => file.includes(row)) ?? [];
      expect(name).toMatch(/\.txt$/);
      expect(text).toMatch(new RegExp(`line 3000\\n>>> stage 7 of ${row}\\n$`));
      expect(text?.length).toBeLessThanOrEqual(2000);
    }
  });
});

test("a step is not reached by what would change its work", async () => {
  makeSuite(join(desk.folder, "my-suite"), {
    rows: { quick: "" },
    files: {
      "run.sh": "#!/bin/sh\nenv\n",
      "check.sh":
        '#!/bin/sh\nsed -n "s/^\\(TT_ROW\\|LC_ALL\\|MAKEFLAGS\\|CCACHE_[A-Z]*\\|OPENSSL_[A-Za-z0-9]*\\|CFLAGS\\)=.*/\\1/p" "${TT_STEP_DIR}/out" |\n' +
        'sort | tr "\\n" " " | sed "s/^/reported.env=/"\n',
    },
  });
  const names = [
    "MAKEFLAGS",
    "CCACHE_DIR",
    "CCACHE_DISABLE",
    "OPENSSL_CONF",
    "OPENSSL_armcap",
    "OPENSSL_ia32cap",
    "CFLAGS",
  ];
  const words = ["run", "./my-suite", "--on", "local", "--rounds", "1", "--quiet"];
  const env = Object.fromEntries(names.map((name) => [name, name === "OPENSSL_CONF" ? "/dev/null" : "0"]));
  expect(await desk.run(words, env)).toMatchObject({ status: 0 });
  const [line = ""] = readFileSync(join(stored(), "records.ndjson"), "utf8").split("\n");
  expect((JSON.parse(line) as { reported: unknown }).reported).toEqual({ env: "LC_ALL TT_ROW " });
});

test("the ten minutes of suites/README.md end in a row that is proved", async () => {
  const readme = readFileSync(join(import.meta.dirname, "../../suites/README.md"), "utf8");
  const script = /```sh\n([^]*?)```/.exec(readme)?.[1] ?? "";
  execFileSync("sh", ["-eu", "-c", script], { cwd: desk.folder });
  const commands = [...readme.matchAll(/^timetrial (.*)$/gm)].map(([, words = ""]) => words.split(" "));
  expect(commands.map(([verb]) => verb)).toEqual(["check-suite", "run", "compare"]);
  const [check = [], ran = []] = commands;
  expect(await desk.run(check)).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("nothing wrong was found"),
  });
  const said = await desk.run(ran);
  expect(said.status).toBe(0);
  expect(said.stdout).toMatch(/^my-suite(?: \(.* vCPUs busy\))?\n {2}sort-n +[\d.]+ m?s/m);
  const lines = readFileSync(join(stored(), "records.ndjson"), "utf8").trim().split("\n");
  const found = lines.map((line) => JSON.parse(line) as Stored & { digest?: string; work_id?: string });
  expect(found).toHaveLength(3);
  for (const one of found) expect(one).toMatchObject({ status: "completed", work_id: "a million numbers" });
  expect(new Set(found.map(({ digest }) => digest)).size).toBe(1);
});
