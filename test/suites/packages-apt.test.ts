// suites/packages by apt: the real apt-get and dpkg, on a root of its own with a repository of its own, so that nothing of
// this machine is changed.

import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { machineOf, removeShipped, type Shipped, shipped, trial } from "../support/shipped-suites.ts";
import { type Env, type Machine, newFolder, removeFolders, which } from "../support/suite-steps.ts";

const ready =
  process.getuid?.() === 0 &&
  ["apt-get", "dpkg-deb", "apt-ftparchive", "python3"].every((name) => which(name) !== undefined);
let suite: Shipped;
let root: string;
let env: Env;
let server: Server | undefined;

/** A package that needs nothing, in the repository. */
function aPackage(repository: string, name: string, depends: string): void {
  const folder = newFolder();
  mkdirSync(join(folder, "DEBIAN"));
  mkdirSync(join(folder, "usr/share", name), { recursive: true });
  writeFileSync(join(folder, "usr/share", name, "file"), name);
  const control = `Package: ${name}\nVersion: 1.0\nArchitecture: all\nMaintainer: Trial <trial@example.org>\nDescription: ${name}\n`;
  writeFileSync(join(folder, "DEBIAN/control"), `${control}${depends === "" ? "" : `Depends: ${depends}\n`}`);
  execFileSync("dpkg-deb", ["-b", "--root-owner-group", folder, join(repository, `${name}_1.0_all.deb`)], {
    stdio: "ignore",
  });
}

beforeAll(async () => {
  if (!ready) return;
  suite = await shipped("packages");
  root = newFolder();
  const repository = newFolder();
  aPackage(repository, "trial-tool", "trial-lib");
  aPackage(repository, "trial-lib", "");
  writeFileSync(join(repository, "Packages"), execFileSync("apt-ftparchive", ["packages", "."], { cwd: repository }));
  for (const folder of [
    "etc/apt/sources.list.d",
    "etc/apt/apt.conf.d",
    "etc/apt/preferences.d",
    "etc/apt/trusted.gpg.d",
    "etc/apt/auth.conf.d",
    "var/lib/dpkg/updates",
    "var/lib/dpkg/info",
    "var/lib/apt/lists/partial",
    "var/cache/apt/archives/partial",
    "var/log/apt",
  ])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, "var/lib/dpkg/status"), "");
  server = createServer((request, response) => {
    const file = join(repository, basename(request.url ?? ""));
    const there = basename(file).startsWith("trial-") || basename(file) === "Packages";
    response.writeHead(there ? 200 : 404).end(there ? readFileSync(file) : "");
  });
  await new Promise<void>((done) => server?.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  writeFileSync(join(root, "etc/apt/sources.list"), `deb [trusted=yes] http://127.0.0.1:${port}/ ./\n`);
  const config = join(root, "apt.conf");
  writeFileSync(
    config,
    `Dir "${root}";\nDir::State::status "${root}/var/lib/dpkg/status";\nDPkg::Options { "--root=${root}"; "--force-script-chrootless"; };\nAPT::Sandbox::User "root";\nAcquire::http::Proxy "DIRECT";\n`,
  );
  env = { APT_CONFIG: config, DPKG_ADMINDIR: join(root, "var/lib/dpkg") };
});
afterAll(() => {
  server?.close();
  removeFolders();
  removeShipped();
});

const machine = (): Machine => machineOf(suite, { package: "trial-tool" }, env);
const row = (name: string) => trial(machine(), name, "apt", "apt", {}, true);

describe.skipIf(!ready)("packages by apt [needs root, apt-get, dpkg-deb, apt-ftparchive, python3]", () => {
  const installed = () => readdirSync(join(root, "usr/share"));

  test("reads the catalogue, installs on a fresh machine, fetches, and installs from a full cache, each proved", async () => {
    const own = machine();
    const catalogue = await trial(own, "pkg-catalogue", "apt", "apt", {}, true);
    expect([catalogue.run.status, catalogue.run.err, catalogue.check.status]).toEqual([0, "", 0]);
    const fresh = await row("pkg-install-git-fresh");
    expect([fresh.run.status, fresh.check.status, fresh.check.err]).toEqual([0, 0, ""]);
    expect(fresh.check.out).toContain("reported.packages=2\n");
    expect(installed().sort()).toEqual(["trial-lib", "trial-tool"]);
    expect((await row("pkg-install-git-fresh")).prepare).toMatchObject({ status: 1 });
    const fetched = await row("pkg-fetch-git");
    expect([fetched.run.status, fetched.check.status]).toEqual([0, 0]);
    const again = await row("pkg-install-git");
    expect([again.prepare?.status, again.run.status, again.check.status]).toEqual([0, 0, 0]);
    const id = (said: string) => /^work_id=(.*)$/m.exec(said)?.[1];
    expect(id(again.check.out)).toBe(id(fresh.check.out));
  });

  test("has no time while another holds the lock, and says whose it is", async () => {
    rmSync(join(root, "usr/share"), { recursive: true, force: true });
    const lock = join(root, "var/lib/dpkg/lock-frontend");
    const body = `import fcntl,sys,time\nf=open(sys.argv[1],"w")\nfcntl.lockf(f,fcntl.LOCK_EX)\nprint("held",flush=True)\ntime.sleep(60)`;
    const holder = spawn("python3", ["-c", body, lock], { stdio: ["ignore", "pipe", "ignore"] });
    try {
      await new Promise((held) => holder.stdout.once("data", held));
      const began = Date.now();
      const said = await machine().step("run.sh", { TT_ROW: "pkg-install-git", TT_IMPL: "apt" });
      expect(said.status).toBe(100);
      expect(said.err).toMatch(/Could not get lock .*lock-frontend\. It is held by process \d+/);
      expect(Date.now() - began).toBeLessThan(30_000);
    } finally {
      holder.kill();
    }
  });

  test("is not proved where the mirror is not to be had", async () => {
    writeFileSync(join(root, "etc/apt/sources.list"), "deb [trusted=yes] http://127.0.0.1:9/debian ./\n");
    const { run } = await row("pkg-catalogue");
    expect(run.status).toBe(100);
    expect(run.err).toContain("127.0.0.1:9");
  });
});
