// Builds for real on this machine: debian-src on a small package from Debian's own mirrors. With SUITES_LONG set apache2 as
// well, a whole tiny kernel from Debian's source, and rows of the CPU suites at their defaults; with SUITES_DEFCONFIG beside it
// a whole kernel at its suite's default. No package of Debian's holds FreeBSD's sources: freebsd-kernel-cross is not here.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { suiteFolders } from "../../src/adapters/folders/suites.ts";
import { machineOf, removeShipped, type Shipped, shipped, trial } from "../support/shipped-suites.ts";
import { binFolder, type Env, removeFolders, which } from "../support/suite-steps.ts";

const long = (process.env["SUITES_LONG"] ?? "") !== "";
const limit = long ? 3_600_000 : 600_000;
const has = (...commands: string[]): boolean => commands.every((command) => which(command) !== undefined);

// A kernel's tree takes a while to remove.
afterAll(() => {
  removeFolders();
  removeShipped();
}, limit);

describe("debian-src", () => {
  let suite: Shipped;
  beforeAll(async () => {
    suite = await shipped("debian-src");
  });

  test.skipIf(!has("apt-get", "dpkg-buildpackage", "dh", "cc"))(
    "builds hostname and proves its packages; refuses another .dsc, keeps it aside and names it [needs apt-get, dpkg-dev, debhelper]",
    async () => {
      const machine = machineOf(suite, {}, { TT_NCPU: "2" });
      expect((await machine.setup()).get("driver.dpkg")).toBe("dpkg-buildpackage");
      const { prepare, run, check } = await trial(machine, "hostname", "dpkg", "dpkg-buildpackage", {}, true);
      expect([prepare?.status, prepare?.err]).toEqual([0, ""]);
      expect(run).toMatchObject({ status: 0, err: "" });
      expect(check.out).toMatch(/^work_id=hostname_\S+\.dsc [0-9a-f]{64}, on \w+$/m);
      const env = { TT_ROW: "hostname", TT_IMPL: "dpkg", TT_DRIVER: "dpkg-buildpackage" };
      const made = readdirSync(join(machine.work, "build")).find((file) => file.endsWith(".deb")) as string;
      rmSync(join(machine.work, "build", made));
      expect(await machine.check(run.out, env)).toMatchObject({ status: 1, err: `hostname: there is no ${made}\n` });
      const refused = await machine.step("prepare.sh", { ...env, TT_PARAM_dsc_sha256: "0".repeat(64) });
      expect(refused.status).toBe(1);
      expect(refused.err).toMatch(
        /^hostname: hostname_\S+: kept as \S+\.dsc\.refused: expected SHA-256 0{64}, got [0-9a-f]{64}\n$/,
      );
    },
    limit,
  );

  // Where what it depends on is installed, or may be: SUITES_INSTALL says that this is a machine to throw away.
  const wanted = ["libapr1-dev", "libaprutil1-dev", "libnghttp2-dev", "liblua5.3-dev", "libpcre2-dev", "libxml2-dev"];
  const may = spawnSync("dpkg-query", ["-W", ...wanted]).status === 0 || (process.env["SUITES_INSTALL"] ?? "") !== "";
  if (long && may) {
    test("builds apache2 and proves its packages", { timeout: limit }, async () => {
      const machine = machineOf(suite, {}, { TT_NCPU: "2" });
      await machine.setup();
      const { prepare, run, check } = await trial(machine, "apache2", "dpkg", "dpkg-buildpackage", {}, true);
      expect([prepare?.status, prepare?.err, run.status, check.status]).toEqual([0, "", 0, 0]);
      expect(check.out).toMatch(/^work_id=apache2_\S+\.dsc [0-9a-f]{64}, on \w+$/m);
      console.log(`apache2: ${check.out.replaceAll("\n", " ")}`);
    });
  }

  test("takes an older version of those that the index names, where the mirror has not got the newest", async () => {
    const tools = ["sh", "sed", "tr", "cut", "rm", "grep", "mkdir", "mv", "basename", "sha256sum", "cat"];
    const scripts = {
      "apt-get": [
        'echo "$*" | sed "s/.* -o [^ ]* //" >>"$TT_WORK/asked"',
        "case $* in",
        "*' source tool') echo 'E: Failed to fetch http://mirror/tool_3.dsc  404  Not Found'; exit 100 ;;",
        "*' source tool=3') exit 100 ;;",
        "*' source tool=2') echo two >tool_2.dsc ;;",
        "esac",
      ].join("\n"),
      "apt-cache": "printf 'Package: tool\\nVersion: 3\\n\\nPackage: tool\\nVersion: 2\\n'",
      "dpkg-source": 'mkdir -p "$3"',
      "dpkg-checkbuilddeps": ":",
    };
    const env = { PATH: binFolder(tools, scripts), TT_ROW: "tool", TT_IMPL: "dpkg" };
    const machine = machineOf(suite, {}, env);
    expect(await machine.step("prepare.sh")).toEqual({ status: 0, out: "", err: "" });
    const asked = readFileSync(join(machine.work, "asked"), "utf8").split("\n").slice(0, -1);
    expect(asked).toEqual([
      "update",
      "--download-only source tool",
      "--download-only source tool=3",
      "--download-only source tool=2",
    ]);
    // A version that was asked for is that one, or none.
    const exact = machineOf(suite, { version: "3" }, env);
    expect(await exact.step("prepare.sh")).toMatchObject({
      status: 1,
      err: expect.stringMatching(/^tool: cannot fetch the sources of tool 3: /),
    });
  });

  test("is skipped where dpkg is not", async () => {
    const path = binFolder(["sh", "sed", "tr", "cut", "rm", "grep"]);
    expect((await machineOf(suite, {}, { PATH: path }).setup()).get("skip.dpkg")).toMatch(
      /^not here: apt-get dpkg-source dpkg-buildpackage make /,
    );
  });
});

test("what runs on distributions of both kinds asks none for packages by the other's names", async () => {
  const known = suiteFolders();
  const loaded = await Promise.all((await known.list()).map((name) => known.load(name)));
  const manifests = loaded.map(({ manifest }) => manifest).filter(({ os }) => os.includes("linux"));
  expect(manifests.length).toBeGreaterThan(10);
  for (const { name, needs } of manifests.filter((one) => !one.needs.commands.includes("apt-get")))
    expect([name, needs.packages]).toEqual([name, []]);
});

describe("linux-kernel", () => {
  const folder = "/usr/src";
  const tarball = readdirSync(folder).find((file) => /^linux-source-[\d.]+\.tar\.xz$/.test(file));
  const ready = tarball !== undefined && has("clang", "ld.lld", "llvm-objcopy", "flex", "bison", "bc", "make");
  let suite: Shipped;
  beforeAll(async () => {
    suite = await shipped("linux-kernel");
  });
  const params = { tarball: join(folder, tarball ?? ""), config: "tinyconfig" };

  /** Builds what `params` say, and proves it; what the check said. */
  async function built(params: Env): Promise<string> {
    const machine = machineOf(suite, params, { TT_NCPU: "2" });
    expect((await machine.setup()).get("driver.make")).toBe("make");
    const { prepare, run, check } = await trial(machine, "linux-kernel", "make", "make", {}, true);
    expect(prepare?.status).toBe(0);
    expect(run).toMatchObject({ status: 0, err: "" });
    expect(check).toMatchObject({ status: 0, err: "" });
    // A second round with nothing built is no work done.
    await machine.step("prepare.sh", { TT_ROW: "linux-kernel" });
    const env = { TT_ROW: "linux-kernel", TT_IMPL: "make", TT_DRIVER: "make" };
    expect((await machine.check("", env)).status).toBe(1);
    return check.out;
  }

  // What CI builds of it, `usr/` and what is made before it, is in test/e2e/kernel.test.ts.
  if (long && ready) {
    test("builds all of a tiny kernel for arm64 on this host, and proves it", { timeout: limit }, async () => {
      const said = await built(params);
      expect(said).toMatch(/^work_id=source [0-9a-f]{64}, LLVM=1 ARCH=arm64 tinyconfig$/m);
      console.log(`tinyconfig: ${said.replaceAll("\n", " ")}`);
    });
  }
  // An hour and more on two cores.
  if (long && ready && (process.env["SUITES_DEFCONFIG"] ?? "") !== "") {
    test("builds the default kernel for arm64 on this host, and proves it", { timeout: 4 * limit }, async () => {
      const said = await built({ ...params, config: "defconfig" });
      expect(said).toMatch(/^reported\.image_bytes=\d{8}$/m);
      console.log(`defconfig: ${said.replaceAll("\n", " ")}`);
    });
  }

  const refused = createServer((_, response) => void response.end("no kernel"));
  beforeAll(() => new Promise<void>((done) => refused.listen(0, "127.0.0.1", done)));
  afterAll(() => void refused.close());

  test.skipIf(!ready)(
    "is skipped where its source has another digest, which is kept and named, or cannot be had [needs clang, lld, llvm, flex, bison, bc]",
    async () => {
      const tiny = { config: "tinyconfig", tarball: "" };
      const url = `http://127.0.0.1:${(refused.address() as AddressInfo).port}/linux.tar.xz`;
      const got = createHash("sha256").update("no kernel").digest("hex");
      const other = machineOf(suite, { ...tiny, url });
      expect((await other.setup()).get("skip.make")).toBe(
        `kept as ${other.work}/source.tar.xz.refused: expected SHA-256 ${suite.manifest.params["sha256"]}, got ${got}; from ${url}`,
      );
      const nowhere = await machineOf(suite, { ...tiny, url: "http://127.0.0.1:9/linux.tar.xz" }).setup();
      expect(nowhere.get("skip.make")).toMatch(
        /^cannot fetch http:\/\/127\.0\.0\.1:9\/linux\.tar\.xz: \w+ ended with \d+/,
      );
    },
  );

  test("is skipped where headers are missing that its default wants, and names the packages of both distributions", async () => {
    const tools = ["make", "flex", "bison", "bc", "perl", "xz", "llvm-ar", "llvm-nm", "llvm-objcopy", "ld.lld"];
    const scripts = Object.fromEntries(tools.map((name) => [name, ":"]));
    const clang = 'read -r line; case ${line} in *gelf.h*) echo "fatal error: file not found" >&2; exit 1 ;; esac';
    const path = binFolder(["sh", "sed", "tr", "cut", "rm", "tar", "grep"], { ...scripts, clang });
    const lacking = await machineOf(suite, { tarball: "/nowhere" }, { PATH: path }).setup();
    expect(lacking.get("skip.make")).toBe(
      "no headers here: gelf.h (libelf-dev, libssl-dev on Debian and Ubuntu; elfutils-libelf-devel, openssl-devel on Amazon Linux)",
    );
    const tiny = await machineOf(suite, { tarball: "/nowhere", config: "tinyconfig" }, { PATH: path }).setup();
    expect(tiny.get("skip.make")).toBe("there is no /nowhere");
  });

  test("is skipped where a tool or the source is missing, and refuses what is no kernel", async () => {
    const path = binFolder(["sh", "sed", "tr", "cut", "rm", "grep"], { flex: ":", make: ":" });
    expect((await machineOf(suite, params, { PATH: path }).setup()).get("skip.make")).toBe(
      "not here: bison bc perl tar xz clang llvm-ar llvm-nm llvm-objcopy ld.lld " +
        "(packages clang, lld, llvm, flex, bison, bc, perl on Debian, Ubuntu and Amazon Linux)",
    );
    for (const [name, value] of Object.entries({
      arch: "mips",
      config: "my.config",
      toolchain: "tcc",
      part: "../x/",
    })) {
      const said = await machineOf(suite, { ...params, [name]: value }).step("setup.sh");
      expect(said).toMatchObject({ status: 2, out: "" });
      expect(said.err).toContain(`got "${value}"`);
    }
  });
});

// Not there at all without SUITES_LONG, rather than skipped: `npm run test:suites-long` is what runs them.
if (long) {
  describe("at their default sizes", () => {
    for (const [name, row, impl, driver] of [
      ["compress", "xz-6", "xz", "command"],
      ["unpack", "tar-xz", "tar.xz", "gnu"],
      ["memory", "triad-all", "c-all", "c"],
      ["crypto", "rsa2048-verify-all", "openssl-evp", "c"],
      ["sources", "git-clone-local", "git", "git"],
    ] as const) {
      test(`${name} proves ${row}`, { timeout: limit }, async () => {
        const suite = await shipped(name);
        const machine = machineOf(suite, {}, { TT_NCPU: "2" });
        await machine.setup();
        const prepares = readdirSync(suite.folder).includes("prepare.sh");
        const { run, check } = await trial(machine, row, impl, driver, {}, prepares);
        expect([run.status, check.status, check.err]).toEqual([0, 0, ""]);
      });
    }
  });
}
