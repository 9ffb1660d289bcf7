// suites/sources: clones, archives and forks for real, over real HTTP and from a bundle; and what is refused.

import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { machineOf, removeShipped, type Shipped, shells, shipped, trial } from "../support/shipped-suites.ts";
import { binFolder, type Env, type Machine, newFolder, removeFolders, which } from "../support/suite-steps.ts";

let suite: Shipped;
let server: Server;
let params: Env;
const files = new Map<string, Buffer>();

/** An archive like the release's, of a tree with an odd name in it. */
function anArchive(name: string): Buffer {
  const folder = newFolder();
  mkdirSync(join(folder, "usr", name, "bin"), { recursive: true });
  for (let i = 0; i < 50; i++) writeFileSync(join(folder, "usr", name, "bin", `file ${i}.c`), `int n${i};\n`.repeat(i));
  writeFileSync(join(folder, "usr", name, "caf\u00e9"), "");
  execFileSync("tar", ["-cJf", join(folder, "a.txz"), "-C", folder, "./usr"]);
  return readFileSync(join(folder, "a.txz"));
}

beforeAll(async () => {
  suite = await shipped("sources");
  files.set("/src.txz", anArchive("src")).set("/ports.txz", anArchive("ports"));
  server = createServer((request, response) => {
    const file = files.get(request.url ?? "");
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const digest = (file: string) =>
    createHash("sha256")
      .update(files.get(file) as Buffer)
      .digest("hex");
  params = {
    src_url: `${address}/src.txz`,
    src_sha256: digest("/src.txz"),
    ports_url: `${address}/ports.txz`,
    ports_sha256: digest("/ports.txz"),
    commits: "100",
    forks: "50",
    threads: "1",
  };
});
afterAll(() => {
  server.close();
  removeFolders();
  removeShipped();
});

describe("sources", () => {
  let machine: Machine;
  let facts: ReadonlyMap<string, string>;
  const head = "945c54b84c6d212e1b4643e8d5cc7e653544e064";
  beforeAll(async () => {
    machine = machineOf(suite, params);
    facts = await machine.setup();
  });

  test("finds all that the rows want", () => {
    expect(Object.fromEntries(facts)).toMatchObject({
      "driver.git": "git",
      "driver.tar-src": "gnu",
      "driver.tar-ports": "gnu",
      "driver.sh": "fork",
    });
  });

  test("proves a clone of a history whose last commit is known", async () => {
    const { run, check } = await trial(machine, "git-clone-local", "git", "git", {}, true);
    expect(run).toEqual({ status: 0, out: "", err: "" });
    expect(check).toEqual({ status: 0, out: `work_id=${head}, pack.threads=1\ndigest=${head}\n`, err: "" });
    expect(
      execFileSync("git", ["-C", join(machine.work, "made"), "rev-list", "--count", "HEAD"], { encoding: "utf8" }),
    ).toBe("100\n");
  });

  test("proves a clone from a server, with the commit as the work's identity, and demands the commit that is given", async () => {
    const git_url = `file://${join(machine.work, "served")}`;
    execFileSync("git", ["clone", "-q", "--bare", join(machine.work, "history.bundle"), join(machine.work, "served")]);
    const env = { TT_PARAM_git_url: git_url, TT_PARAM_git_branch: "main" };
    const { check } = await trial(machine, "git-clone-src", "git", "git", env, true);
    expect(check).toMatchObject({ status: 0, out: `work_id=${head}, pack.threads=1\ndigest=${head}\n` });
    const other = { ...env, TT_PARAM_git_head: "0".repeat(40) };
    expect((await trial(machine, "git-clone-src", "git", "git", other, true)).check).toEqual({
      status: 1,
      out: "",
      err: `git-clone-src: last commit: expected ${"0".repeat(40)}, got ${head}\n`,
    });
  });

  test("has no time for a clone without a network", async () => {
    const env = { TT_PARAM_git_url: "http://127.0.0.1:9/src.git" };
    const { run } = await trial(machine, "git-clone-src", "git", "git", env, true);
    expect(run.status).toBe(128);
    expect(run.err).toMatch(/^fatal: unable to access 'http:\/\/127\.0\.0\.1:9\/src\.git\/': /);
  });

  test("does not prove a clone in which a file was changed", async () => {
    const env = { TT_ROW: "git-clone-local", TT_IMPL: "git", TT_DRIVER: "git" };
    expect((await trial(machine, "git-clone-local", "git", "git", {}, true)).check.status).toBe(0);
    const made = join(machine.work, "made");
    const file = execFileSync("git", ["-C", made, "ls-files"], { encoding: "utf8" }).split("\n")[0] as string;
    appendFileSync(join(made, file), "x");
    expect(await machine.check("", env)).toMatchObject({ status: 1, out: "" });
    rmSync(join(made, ".git"), { recursive: true });
    const bare = await machine.check("", env);
    expect([bare.status, bare.err]).toEqual([1, expect.stringMatching(/^git-clone-local: no repository was made\n$/m)]);
  });

  for (const row of ["tar-src", "tar-ports"]) {
    test(`proves ${row}: every entry of the archive, whatever its name`, async () => {
      const env = { TT_ROW: row, TT_IMPL: row, TT_DRIVER: "gnu" };
      const name = row.slice(4);
      // Fifty files of "int nN;" and an empty one; usr, usr/NAME and usr/NAME/bin.
      const texts = Array.from({ length: 50 }, (_, i) => [`file ${i}.c`, `int n${i};\n`.repeat(i)] as const);
      const inOrder = texts.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
      const contents = createHash("sha256").update(inOrder.join("")).digest("hex");
      const tree = `51 files, 3 folders, 0 links, contents ${contents}`;
      const digest = params[row === "tar-src" ? "src_sha256" : "ports_sha256"];
      const archive = `${row.slice(4)}.txz ${digest}`;
      expect((await trial(machine, row, row, "gnu", {}, true)).check).toEqual({
        status: 0,
        out: `reported.entries=54\nwork_id=${archive}: ${tree}\ndigest=${contents}\n`,
        err: "",
      });
      appendFileSync(join(machine.work, "made/usr", name, "bin/file 7.c"), "x");
      expect((await machine.check("", env)).err).toMatch(
        new RegExp(`^${row}: expected ${tree}, got 51 files, 3 folders, 0 links, contents [0-9a-f]{64}\n$`),
      );
      await trial(machine, row, row, "gnu", {}, true);
      writeFileSync(join(machine.work, "made/usr", name, "more"), "");
      expect((await machine.check("", env)).err).toContain("got 52 files, 3 folders");
      rmSync(join(machine.work, "made/usr", name, "more"));
      rmSync(join(machine.work, "made/usr", name, "bin/file 7.c"));
      expect((await machine.check("", env)).err).toBe(
        `${row}: 1 entries were not unpacked, such as usr/${name}/bin/file 7.c\n`,
      );
      await trial(machine, row, row, "gnu", {}, true);
      rmSync(join(machine.work, "made/usr", name, "caf\u00e9"));
      expect((await machine.check("", env)).err).toBe(`${row}: expected 54 entries, got 53\n`);
    });
  }

  for (const [name, ...args] of shells) {
    test.skipIf(which(name) === undefined)(`counts its forks under ${name} [needs ${name}]`, async () => {
      const own = machineOf(suite, params, {}, [name, ...args]);
      expect(await trial(own, "forks", "sh", "fork", {}, true)).toMatchObject({
        run: { status: 0, out: "Forks = 50\n" },
        check: { status: 0, out: "work_id=50 forks\n", err: "" },
      });
      const short = await own.check("Forks = 49\n", { TT_ROW: "forks", TT_IMPL: "sh", TT_DRIVER: "fork" });
      expect(short).toMatchObject({ status: 1, out: "" });
    });
  }

  test("skips an archive, and that alone, where it is not what it should be, and names what it kept", async () => {
    const wrong = machineOf(suite, { ...params, ports_sha256: "0".repeat(64) });
    const said = await wrong.setup();
    expect([said.get("driver.git"), said.get("driver.tar-src")]).toEqual(["git", "gnu"]);
    expect(said.get("skip.tar-ports")).toBe(
      `kept as ${wrong.work}/ports.txz.refused: expected SHA-256 ${"0".repeat(64)}, got ${params["ports_sha256"]}; from ${params["ports_url"]}`,
    );
    expect(existsSync(join(wrong.work, "ports.txz"))).toBe(false);
  });

  test("says in tar's own words why an archive cannot be listed", async () => {
    const words = "tar: Pathname can't be converted from UTF-8 to current locale.";
    const tools = ["sh", "uname", "sed", "tr", "cut", "rm", "sleep", "tail", "wc", "mv", "od", "mkdir", "git", "sort"];
    const more = ["sha256sum", "curl", "wget", "python3", "cat", "find", "head", "awk", "dd", "env", "date", "grep"];
    const path = binFolder([...tools, ...more], {
      tar: `case $1 in -t*) echo "${words}" >&2; echo usr/; exit 1 ;; *) echo 'bsdtar 3.6.2' ;; esac`,
    });
    const said = await machineOf(suite, params, { PATH: path }).setup();
    expect(said.get("skip.tar-src")).toBe(`src.txz: tar does not list it: ${words}`);
  });

  test("skips the archives of a release whose digest is not known, or that no network gives", async () => {
    const unknown = machineOf(suite, { ...params, src_url: "", src_sha256: "", release: "12.4" });
    expect((await unknown.setup()).get("skip.tar-src")).toMatch(/^no digest is known for src\.txz of FreeBSD 12\.4 /);
    const nowhere = machineOf(suite, { ...params, src_url: "http://127.0.0.1:9/src.txz" });
    expect((await nowhere.setup()).get("skip.tar-src")).toMatch(/^cannot fetch http:\/\/127\.0\.0\.1:9\/src\.txz: /);
  });

  test("asks the archive of old releases first for one that is past its end of life", async () => {
    const path = binFolder(["sh", "uname", "sed", "tr", "cut", "rm", "sleep", "tail", "wc", "mv", "tar"], {
      fetch: 'for a; do :; done; echo "$a" >>"$TT_WORK/asked"; exit 1',
    });
    const asked = async (release: string): Promise<string> => {
      const machineHere = machineOf(suite, { release }, { PATH: path });
      await machineHere.setup();
      const lines = readFileSync(join(machineHere.work, "asked"), "utf8").split("\n");
      return lines.filter((line) => line.endsWith("/src.txz")).join("\n");
    };
    const now = "https://download.FreeBSD.org/releases/amd64";
    const old = "http://ftp-archive.freebsd.org/pub/FreeBSD-Archive/old-releases/amd64";
    expect(await asked("13.1")).toBe(`${old}/13.1-RELEASE/src.txz\n${now}/13.1-RELEASE/src.txz`);
    expect(await asked("14.3")).toBe(`${now}/14.3-RELEASE/src.txz\n${old}/14.3-RELEASE/src.txz`);
  });

  test("leaves nothing behind after cleanup", async () => {
    rmSync(join(machine.work, "served"), { recursive: true, force: true });
    expect(await machine.step("cleanup.sh")).toMatchObject({ status: 0, err: "" });
    expect(spawnSync("ls", [machine.work], { encoding: "utf8" }).stdout.split("\n").sort()).toEqual([
      "",
      "out",
      "progress",
    ]);
  });
});
