// suites/ports, poudriere, packages (pkg, portsnap) and freebsd-kernel-cross, by stand-ins that answer as the real
// commands do: nobody ran these rows on FreeBSD.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freebsd, served } from "../support/freebsd-stand-ins.ts";
import { machineOf, removeShipped, shells, shipped, trial, lackedForStandIns } from "../support/shipped-suites.ts";
import { type Env, newFolder, removeFolders, which } from "../support/suite-steps.ts";

let tree: Awaited<ReturnType<typeof served>>;
let sources: Awaited<ReturnType<typeof served>>;
beforeAll(async () => {
  tree = await served({ "usr/ports/Mk/bsd.port.mk": "#\n", "usr/ports/www/apache24/Makefile": "#\n" });
  sources = await served({ "usr/src/tools/build/make.py": "#\n" });
});
afterAll(() => {
  tree.close();
  sources.close();
  removeFolders();
  removeShipped();
});

const ofTree = (): Env => ({ ports_url: tree.url, ports_sha256: tree.sha256 });

/** A pkg with what `installed` (a file of NAME-VERSION lines) says; `git` and what it needs can be added and removed. */
function pkg(installed: string, more = ""): string {
  return [
    more,
    "case $* in",
    "-N) ;;",
    "-v) echo 1.17.5 ;;",
    `'query -a %n-%v') cat ${installed} ;;`,
    `'info -e '*) grep -q "^$3-" ${installed} ;;`,
    "'check -s '*) echo \"Checking $3: . done\" ;;",
    `'delete -fy git') echo bash-5.1 >${installed}; echo 'Deinstalling git-2.35.1...' ;;`,
    `'install -yU git' | 'install -y git') printf 'git-2.35.1\\npcre2-10.39\\nbash-5.1\\n' >${installed}; echo 'Extracting git-2.35.1: .......... done' ;;`,
    "'rquery %n-%v') echo git-2.35.1 ;;",
    "'autoremove -y') echo 'Nothing to do.' ;;",
    '*) echo "The following packages will be fetched:" ;;',
    "esac",
  ].join("\n");
}

describe("packages by pkg", () => {
  for (const [name, ...args] of shells) {
    test.skipIf(lackedForStandIns(name) !== undefined)(
      `installs from a full cache, and tells the set, under ${name} [${lackedForStandIns(name) ?? `needs ${name}`}]`,
      async () => {
        const suite = await shipped("packages");
        const installed = join(newFolder(), "installed");
        writeFileSync(installed, "git-2.34.0\nbash-5.1\n");
        const system = freebsd({ pkg: pkg(installed), git: "echo git version 2.35.1" });
        const machine = machineOf(suite, {}, { PATH: system.path }, [which(name) ?? "", ...args]);
        const facts = await machine.setup();
        expect(facts.get("driver.pkg")).toBe("pkg");
        expect(facts.get("skip.portsnap")).toBe("portsnap is in FreeBSD's base system before 14.0 only");
        expect(facts.get("skip.apt")).toMatch(/^no apt-get/);
        const { prepare, run, check } = await trial(machine, "pkg-install-git", "pkg", "pkg", {}, true);
        expect([prepare?.status, run.status, check.status]).toEqual([0, 0, 0]);
        expect(check.out).toMatch(/^reported\.packages=2\nwork_id=[0-9a-f]{64}\ndigest=[0-9a-f]{64}\n$/);
        const acted = /^pkg (delete|autoremove|fetch|install|check)/;
        expect(system.calls(machine.work).filter((call) => acted.test(call))).toEqual([
          "pkg delete -fy git",
          "pkg autoremove -y",
          "pkg fetch -dy git",
          "pkg install -yU git",
          "pkg check -s git",
        ]);
      },
    );
  }

  test("runs the article's command on a fresh machine, and refuses one that is not", async () => {
    const suite = await shipped("packages");
    const installed = join(newFolder(), "installed");
    writeFileSync(installed, "bash-5.1\n");
    const wishes = '[ "$ASSUME_ALWAYS_YES" = yes ] || case $1 in install) exit 9 ;; esac';
    const system = freebsd({ pkg: pkg(installed, wishes), git: "echo git version 2.35.1" });
    const machine = machineOf(suite, {}, { PATH: system.path });
    const { check } = await trial(machine, "pkg-install-git-fresh", "pkg", "pkg", {}, true);
    expect(check).toMatchObject({ status: 0 });
    expect(system.calls(machine.work)).toContain("pkg install -y git");
    const again = await machine.step("prepare.sh", { TT_ROW: "pkg-install-git-fresh", TT_IMPL: "pkg" });
    expect(again).toMatchObject({
      status: 1,
      err: "pkg-install-git-fresh: git is installed already: this row wants a machine that was just launched\n",
    });
  });

  for (const [name, ...args] of shells) {
    test.skipIf(lackedForStandIns(name) !== undefined)(
      `reads the catalogue, and fetches into an empty cache, under ${name} [${lackedForStandIns(name) ?? `needs ${name}`}]`,
      async () => {
        const sh = [which(name) ?? "", ...args] as const;
        const suite = await shipped("packages");
        const installed = join(newFolder(), "installed");
        writeFileSync(installed, "git-2.34.0\nbash-5.1\n");
        const cache = "/var/cache/pkg";
        // Beside each package a link to it, whose name has its checksum.
        const found = ["git-2.35.1.pkg", "git-2.35.1~5a6c3f1e2d.pkg", "pcre2-10.39.pkg", "pcre2-10.39~0123456789.pkg"];
        const listed = found.map((file) => `echo ${cache}/${file}`).join("; ");
        const find = `case $1 in ${cache}) ${listed} ;; *) exec ${which("find")} "$@" ;; esac`;
        // It asks nobody anything, and waits a second once for a lock.
        const wishes = `case $1 in update | fetch | delete | autoremove | clean) [ "$ASSUME_ALWAYS_YES/$LOCK_RETRIES/$LOCK_WAIT" = yes/1/1 ] || exit 9 ;; esac`;
        const system = freebsd({ pkg: pkg(installed, wishes), find }, sh);
        const machine = machineOf(suite, {}, { PATH: system.path }, sh);
        const catalogue = await trial(machine, "pkg-catalogue", "pkg", "pkg", {}, true);
        expect([catalogue.prepare?.status, catalogue.run.status, catalogue.check.err]).toEqual([0, 0, ""]);
        expect(catalogue.check.out).toMatch(/^work_id=([0-9a-f]{64})\ndigest=\1\n$/);
        const fetched = await trial(machine, "pkg-fetch-git", "pkg", "pkg", {}, true);
        expect([fetched.prepare?.status, fetched.run.status, fetched.check.err]).toEqual([0, 0, ""]);
        const id = createHash("sha256").update("git-2.35.1.pkg\npcre2-10.39.pkg\n").digest("hex");
        expect(fetched.check.out).toBe(`reported.packages=2\nwork_id=${id}\ndigest=${id}\n`);
        const acted = /^pkg (update|delete|autoremove|clean|fetch|install|rquery)/;
        expect(system.calls(machine.work).filter((call) => acted.test(call))).toEqual([
          "pkg update -f",
          "pkg rquery %n-%v",
          "pkg delete -fy git",
          "pkg autoremove -y",
          "pkg clean -ay",
          "pkg fetch -dy git",
        ]);
      },
    );
  }

  test.each(["1.17.5", "2.0.4"])("reads pkg %s, which adds lines of its own on standard error", async (version) => {
    const suite = await shipped("packages");
    const installed = join(newFolder(), "installed");
    writeFileSync(installed, "bash-5.1\n");
    const newer = `[ ${version} = 1.17.5 ] || echo 'pkg: Warning: Major OS version upgrade detected.' >&2; case $* in -v) echo ${version}; exit ;; 'check -s '*) echo 'Checking $3: .......... done'; exit ;; esac`;
    const system = freebsd({ pkg: pkg(installed, newer), git: "echo git version 2.35.1" });
    const machine = machineOf(suite, {}, { PATH: system.path });
    expect((await machine.step("setup.sh")).out).toContain(`fact.pkg_version=${version}\n`);
    const { run, check } = await trial(machine, "pkg-install-git", "pkg", "pkg", {}, true);
    expect([run.status, check.status]).toEqual([0, 0]);
    const id = createHash("sha256").update("git-2.35.1\npcre2-10.39\n").digest("hex");
    expect(check.out).toBe(`reported.packages=2\nwork_id=${id}\ndigest=${id}\n`);
  });

  test("has no time where another holds the lock", async () => {
    const suite = await shipped("packages");
    const locked = "pkg: Cannot get an advisory lock on a database, it is locked by another process";
    const system = freebsd({ pkg: `case $1 in update) echo "${locked}" >&2; exit 75 ;; esac` });
    const machine = machineOf(suite, {}, { PATH: system.path });
    expect((await trial(machine, "pkg-catalogue", "pkg", "pkg", {}, true)).run).toEqual({
      status: 75,
      out: "",
      err: `${locked}\n`,
    });
  });

  test("does not prove an install after which git does not run", async () => {
    const suite = await shipped("packages");
    const installed = join(newFolder(), "installed");
    writeFileSync(installed, "bash-5.1\n");
    const system = freebsd({ pkg: pkg(installed), git: "exit 1" });
    const machine = machineOf(suite, {}, { PATH: system.path });
    const { check } = await trial(machine, "pkg-install-git", "pkg", "pkg", {}, true);
    expect(check).toMatchObject({ status: 1 });
    expect(check.err).toContain("git does not run");
  });
});

describe("ports", () => {
  const answers = [
    'case "$*" in',
    "*' -V BROKEN'*) printf '\\n\\n\\n' ;;",
    `*' install') echo '===>  Building for apache24-2.4.54'; echo '===>  Installing for apache24-2.4.54'; echo apache24-2.4.54 >>@installed@; echo apr-1.7.0 >>@installed@ ;;`,
    '*) echo "=> apache/httpd-2.4.54.tar.bz2 doesn\'t seem to exist in /distfiles." ;;',
    "esac",
  ].join("\n");

  for (const [name, ...args] of shells) {
    test.skipIf(lackedForStandIns(name) !== undefined)(
      `fetches and checks before the clock, then builds, under ${name} [${lackedForStandIns(name) ?? `needs ${name}`}]`,
      async () => {
        const suite = await shipped("ports");
        const installed = join(newFolder(), "installed");
        writeFileSync(installed, "amazon-ssm-agent-3.1\n");
        const system = freebsd({ pkg: pkg(installed), make: answers.replaceAll("@installed@", installed) });
        const machine = machineOf(suite, { ...ofTree(), jobs: "32" }, { PATH: system.path }, [
          which(name) ?? "",
          ...args,
        ]);
        expect((await machine.setup()).get("driver.ports")).toBe("make");
        const { prepare, run, check } = await trial(machine, "apache24", "ports", "make", {}, true);
        expect([prepare?.status, prepare?.err, run.status, check.status]).toEqual([0, "", 0, 0]);
        const front =
          "make -C ~/tree/usr/ports/www/apache24 __MAKE_CONF=/dev/null PORTSDIR=~/tree/usr/ports DISABLE_VULNERABILITIES=yes " +
          "DISABLE_LICENSES=yes ALLOW_UNSUPPORTED_SYSTEM=yes DISTDIR=~/distfiles WRKDIRPREFIX=~/wrk";
        const clean =
          "-i PATH=/sbin:/bin:/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin HOME=/root LC_ALL=C BATCH=yes";
        expect(system.calls(machine.work).filter((call) => call.startsWith("env "))).toEqual([
          `env ${clean} ${front} -V BROKEN -V IGNORE -V IS_INTERACTIVE`,
          `env ${clean} ${front} fetch-recursive`,
          `env ${clean} ${front} checksum-recursive`,
          `env ${clean} ${front} MAKE_JOBS_NUMBER=32 install`,
        ]);
        expect(system.calls(machine.work).filter((call) => call.startsWith("make "))).toEqual([
          `${front} -V BROKEN -V IGNORE -V IS_INTERACTIVE`,
          `${front} fetch-recursive`,
          `${front} checksum-recursive`,
          `${front} MAKE_JOBS_NUMBER=32 install`,
        ]);
        expect(check.out).toMatch(/^reported\.packages=2\nreported\.jobs=32\nwork_id=[0-9a-f]{64}\n/);
        // What keeps the machine reachable is not taken away.
        expect(readFileSync(installed, "utf8")).toContain("amazon-ssm-agent");
      },
    );
  }

  test.each([
    ["xorg", "x11/xorg", "xorg-7.7_3"],
    ["libreoffice", "editors/libreoffice", "libreoffice-7.3.3.2"],
  ])("builds %s as %s, on a machine that has no pkg yet", async (row, origin, made) => {
    const suite = await shipped("ports");
    const installed = join(newFolder(), "installed");
    writeFileSync(installed, "");
    // The first port to be built is pkg itself.
    const there = `[ -s ${installed} ] || { [ "$1" = -N ] && echo 'pkg: pkg is not installed' >&2; exit 1; }`;
    const make = `case "$*" in *' install') printf 'pkg-1.17.5\\n${made}\\n' >${installed} ;; esac`;
    const system = freebsd({ pkg: pkg(installed, there), make });
    const machine = machineOf(suite, { ...ofTree(), jobs: "8" }, { PATH: system.path });
    await machine.setup();
    const { prepare, run, check } = await trial(machine, row, "ports", "make", {}, true);
    expect([prepare, run.status, check.status]).toEqual([{ status: 0, out: "", err: "" }, 0, 0]);
    expect(check.out).toMatch(/^reported\.packages=2\nreported\.jobs=8\n/);
    const calls = system.calls(machine.work);
    expect(calls.filter((call) => call.startsWith("make ")).map((call) => call.split(" ")[2])).toEqual(
      Array.from({ length: 4 }, () => `~/tree/usr/ports/${origin}`),
    );
    expect(calls).toContain(`pkg info -e ${row}`);
  });

  const refusals: Readonly<Record<string, readonly [string, string]>> = {
    "a port that is broken": [
      "printf 'does not build\\n\\n\\n'",
      "apache24: www/apache24 cannot be built: does not build   \n",
    ],
    "a file that cannot be had": [
      'case "$*" in *fetch-recursive) echo "=> Couldn\'t fetch it - please try to retrieve this"; exit 1 ;; esac',
      "apache24: fetch-recursive: => Couldn't fetch it - please try to retrieve this \n",
    ],
    "a file whose digest is wrong": [
      'case "$*" in *checksum-recursive) echo "=> SHA256 Checksum mismatch for httpd-2.4.54.tar.bz2."; exit 1 ;; esac',
      "apache24: checksum-recursive: => SHA256 Checksum mismatch for httpd-2.4.54.tar.bz2. \n",
    ],
  };
  for (const [what, [make, err]] of Object.entries(refusals)) {
    test(`refuses ${what} before the clock`, async () => {
      const suite = await shipped("ports");
      const machine = machineOf(suite, ofTree(), { PATH: freebsd({ pkg: "exit 1", make }).path });
      expect(await machine.step("prepare.sh", { TT_ROW: "apache24" })).toEqual({ status: 1, out: "", err });
    });
  }

  test("keeps a build that fetched something on the clock, says what, and calls it tainted", async () => {
    const suite = await shipped("ports");
    const installed = join(newFolder(), "installed");
    writeFileSync(installed, "pkg-1.17.5\n");
    const line = "=> Attempting to fetch https://archive.apache.org/dist/httpd/httpd-2.4.54.tar.bz2";
    const make = answers.replaceAll("@installed@", installed).replace("*' install')", `*' install') echo '${line}';`);
    const machine = machineOf(suite, { ...ofTree(), jobs: "4" }, { PATH: freebsd({ pkg: pkg(installed), make }).path });
    await machine.setup();
    const { run, check } = await trial(machine, "apache24", "ports", "make", {}, true);
    expect([run.status, check.status, check.err]).toEqual([0, 0, "Checking apache24: . done\n"]);
    expect(check.out).toContain(`reported.fetched=1\nreported.fetched_first=${line}\ntainted=fetch\n`);
    expect(check.out).toMatch(/^work_id=[0-9a-f]{64}$/m);
  });
});

describe("poudriere", () => {
  const summaries: Readonly<Record<string, string>> = {
    "3.3's":
      "[00:07:41] [bench-bench] [2022-05-23_03h04m05s] [committing:] Queued: 9 Built: 9 Failed: 0 Skipped: 0 Ignored: 0 Fetched: 0 Tobuild: 0 Time: 00:07:38",
    "3.4's":
      "[bench-bench] [2024-05-23_03h04m05s] [committing] Queued: 9 Inspected: 0 Ignored: 0 Built: 9 Failed: 0 Skipped: 0 Fetched: 0 Remaining: 0",
  };
  const each = Object.entries(summaries).flatMap((one) => shells.map((shell) => [...one, shell] as const));
  for (const [whose, summary, [name, ...args]] of each) {
    const what = `makes its own jail and tree, builds all anew, and reads ${whose} summary, under ${name} [${lackedForStandIns(name) ?? `needs ${name}`}]`;
    test.skipIf(lackedForStandIns(name) !== undefined)(what, async () => {
      const sh = [which(name) ?? "", ...args] as const;
      const suite = await shipped("poudriere");
      const bulk = `case $* in *bulk*) mkdir -p data/data/packages/bench-bench/All; : >data/data/packages/bench-bench/All/apache24-2.4.54.pkg; echo '${summary}' ;; version) echo 3.3.7 ;; esac`;
      const system = freebsd({ poudriere: `cd "$(dirname "$2")" 2>/dev/null\n${bulk}`, make: ":" }, sh);
      const machine = machineOf(suite, ofTree(), { PATH: system.path }, sh);
      expect((await machine.setup()).get("driver.poudriere")).toBe("poudriere");
      expect(readFileSync(join(machine.work, "etc/poudriere.conf"), "utf8").replaceAll(machine.work, "~")).toBe(
        "NO_ZFS=yes\nBASEFS=~/data\nDISTFILES_CACHE=~/distfiles\nFREEBSD_HOST=https://download.FreeBSD.org\n" +
          "RESOLV_CONF=/etc/resolv.conf\nUSE_TMPFS=no\nNOLINUX=yes\nALLOW_MAKE_JOBS=yes\n",
      );
      const { run, check } = await trial(machine, "all", "poudriere", "poudriere", {}, true);
      expect(run).toMatchObject({ status: 0, err: "" });
      expect(check.out).toMatch(/^reported\.packages=1\nreported\.built=9\nwork_id=www\/apache24, [0-9a-f]{64}\n/);
      const clean = "env -i PATH=/sbin:/bin:/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin HOME=/root LC_ALL=C";
      const port =
        "make -C ~/tree/usr/ports/www/apache24 __MAKE_CONF=/dev/null PORTSDIR=~/tree/usr/ports DISABLE_VULNERABILITIES=yes " +
        "DISABLE_LICENSES=yes ALLOW_UNSUPPORTED_SYSTEM=yes DISTDIR=~/distfiles";
      expect(system.calls(machine.work).filter((call) => call.startsWith("env "))).toEqual([
        `${clean} poudriere -e ~/etc jail -c -j bench -v 13.1-RELEASE -m ftp-archive`,
        `${clean} poudriere -e ~/etc ports -c -p bench -m null -M ~/tree/usr/ports`,
        `${clean} BATCH=yes ${port} fetch-recursive`,
        `${clean} BATCH=yes ${port} checksum-recursive`,
        `${clean} poudriere -e ~/etc bulk -j bench -p bench -J 1 -c www/apache24`,
      ]);
      expect(system.calls(machine.work).filter((call) => call.startsWith("poudriere -e"))).toEqual([
        "poudriere -e ~/etc jail -c -j bench -v 13.1-RELEASE -m ftp-archive",
        "poudriere -e ~/etc ports -c -p bench -m null -M ~/tree/usr/ports",
        "poudriere -e ~/etc bulk -j bench -p bench -J 1 -c www/apache24",
      ]);
      const env = { TT_ROW: "all", TT_IMPL: "poudriere", TT_DRIVER: "poudriere" };
      const failed = await machine.check(`${summary.replace("Failed: 0", "Failed: 2")}\n`, env);
      expect(failed).toMatchObject({ status: 1, err: 'all: expected "Failed: 0" in the summary, got "2"\n' });
      expect(await machine.check(`${summary.replace("Built: 9", "Built: 0")}\n`, env)).toMatchObject({ status: 1 });
      // The row of one port, and nine were built.
      expect(await machine.check(`${summary}\n`, { ...env, TT_ROW: "one" })).toMatchObject({ status: 1 });
    });
  }

  test("installs poudriere where it is not there, before anything else", async () => {
    const suite = await shipped("poudriere");
    expect(suite.manifest.needs.packages).toEqual([]);
    const real = join(newFolder(), "poudriere");
    writeFileSync(real, "#!/bin/sh\n[ $1 != version ] || echo 3.4.2\n", { mode: 0o755 });
    const system = freebsd({ pkg: `[ "$ASSUME_ALWAYS_YES" = yes ] && ln -s ${real} "\${0%/*}/poudriere"`, make: ":" });
    const machine = machineOf(suite, ofTree(), { PATH: system.path });
    const facts = await machine.setup();
    expect([facts.get("driver.poudriere"), facts.get("fact.poudriere_version")]).toEqual(["poudriere", "3.4.2"]);
    expect(system.calls(machine.work)[0]).toBe("pkg install -y poudriere");
    const locked = freebsd({ pkg: "echo 'pkg: Cannot get an exclusive lock on database'; exit 75" });
    expect((await machineOf(suite, ofTree(), { PATH: locked.path }).setup()).get("skip.poudriere")).toBe(
      "poudriere cannot be installed: pkg: Cannot get an exclusive lock on database",
    );
  });

  test("builds what one port depends on once, before the clock", async () => {
    const suite = await shipped("poudriere");
    const system = freebsd({ poudriere: ":" });
    const machine = machineOf(suite, { ...ofTree(), builders: "4" }, { PATH: system.path });
    for (let round = 0; round < 2; round++) {
      expect(await machine.step("prepare.sh", { TT_ROW: "one" })).toMatchObject({ status: 0 });
      await machine.step("run.sh", { TT_ROW: "one" });
    }
    const front = "poudriere -e ~/etc bulk -j bench -p bench -J 4";
    expect(system.calls(machine.work).filter((call) => call.startsWith("poudriere"))).toEqual([
      `${front} www/apache24`,
      `${front} -C www/apache24`,
      `${front} -C www/apache24`,
    ]);
  });

  test("refuses an origin that is none", async () => {
    const suite = await shipped("poudriere");
    for (const origin of ["apache24", "www/../../etc", "-a", "www/a b", ""]) {
      const machine = machineOf(suite, { ...ofTree(), origin }, { PATH: freebsd({}).path });
      expect(await machine.step("setup.sh")).toEqual({
        status: 2,
        out: "",
        err: `origin: expected such as www/apache24, got "${origin}"\n`,
      });
    }
  });
});

describe("freebsd-kernel-cross", () => {
  test("is skipped without the headers that its tools want, and names the packages of both distributions", async () => {
    const suite = await shipped("freebsd-kernel-cross");
    const bindir = newFolder();
    writeFileSync(
      join(bindir, "clang"),
      "#!/bin/sh\nread -r line; case $line in *archive.h* | *bzlib.h*) exit 1 ;; esac\n",
      {
        mode: 0o755,
      },
    );
    const system = freebsd({ python3: ":", uname: "echo Linux" });
    expect((await machineOf(suite, { bindir }, { PATH: system.path }).setup()).get("skip.make")).toBe(
      "no headers here: archive.h bzlib.h (libarchive-dev, libssl-dev, zlib1g-dev, libbz2-dev on Debian and Ubuntu; " +
        "libarchive-devel, openssl-devel, zlib-devel, bzip2-devel on Amazon Linux)",
    );
  });

  test.each([
    [
      "what failed before Python's traceback",
      [
        "echo 'Failed tests: opt-debug-x-trace'",
        "echo '*** Error code 1'",
        "echo 'make: stopped making check'",
        `printf '%s\n' 'Traceback (most recent call last):' '  File "make.py", line 1' "subprocess.CalledProcessError: Command '[sh, -x, /a/long/path']' returned non-zero exit status 1." >&2`,
      ],
      "Failed tests: opt-debug-x-trace",
    ],
    ["make's own word, where there is no other", ["echo '*** Error code 1'"], "*** Error code 1"],
    ["the last line, where nothing names an error", ["echo one; echo two"], "two"],
    [
      "Python's own last line, where there is no other",
      ["echo 'Traceback (most recent call last):'; echo 'OSError: no space'"],
      "OSError: no space",
    ],
  ])("says why bmake cannot be built: %s", async (_, lines, why) => {
    const suite = await shipped("freebsd-kernel-cross");
    const bindir = newFolder();
    writeFileSync(join(bindir, "clang"), "#!/bin/sh\n", { mode: 0o755 });
    const system = freebsd({ python3: [...lines, "exit 1"].join("\n"), uname: "echo Linux" });
    const params = { src_url: sources.url, src_sha256: sources.sha256, jobs: "8", bindir };
    const said = await machineOf(suite, params, { PATH: system.path }).setup();
    expect(said.get("skip.make")).toBe(`bmake cannot be built: ${why}`);
  });

  test("leaves out bmake's self-tests, where it is built and where it may be built again", async () => {
    const suite = await shipped("freebsd-kernel-cross");
    const bindir = newFolder();
    writeFileSync(join(bindir, "clang"), "#!/bin/sh\n", { mode: 0o755 });
    const told = join(newFolder(), "broken");
    const system = freebsd({ python3: `echo "\${BROKEN_TESTS-none}" >>'${told}'`, uname: "echo Linux" });
    const params = { src_url: sources.url, src_sha256: sources.sha256, jobs: "8", bindir };
    const machine = machineOf(suite, params, { PATH: system.path });
    await machine.setup();
    await trial(machine, "freebsd-kernel-cross", "make", "make.py", {}, true);
    expect(readFileSync(told, "utf8")).toBe("*\n".repeat(3));
  });

  for (const [name, ...args] of shells) {
    const what = `builds bmake before the clock, then toolchain and kernel for arm64, and proves its kind, under ${name} [${lackedForStandIns(name) ?? `needs ${name}`}]`;
    test.skipIf(lackedForStandIns(name) !== undefined)(what, async () => {
      const sh = [which(name) ?? "", ...args] as const;
      const suite = await shipped("freebsd-kernel-cross");
      const bindir = newFolder();
      writeFileSync(join(bindir, "clang"), "#!/bin/sh\necho clang version 14.0.6\n", { mode: 0o755 });
      const kernel = "obj/w/arm64.aarch64/sys/GENERIC";
      const python3 = [
        'case "$*" in *buildkernel*)',
        `mkdir -p "$MAKEOBJDIRPREFIX/../${kernel}"`,
        `printf '\\177ELF\\002\\001\\001\\011\\000\\000\\000\\000\\000\\000\\000\\000\\002\\000\\267\\000rest' >"$MAKEOBJDIRPREFIX/../${kernel}/kernel" ;;`,
        "esac",
      ].join("\n");
      const system = freebsd({ python3, uname: "echo Linux" }, sh);
      const params = { src_url: sources.url, src_sha256: sources.sha256, jobs: "8", bindir };
      const machine = machineOf(suite, params, { PATH: system.path }, sh);
      expect((await machine.setup()).get("driver.make")).toBe("make.py");
      const { run, check } = await trial(machine, "freebsd-kernel-cross", "make", "make.py", {}, true);
      expect(run).toMatchObject({ status: 0, err: "" });
      expect(check.out).toContain(`work_id=src ${sources.sha256}, arm64/aarch64 GENERIC without modules\n`);
      const words = `--cross-bindir=${bindir} TARGET=arm64 TARGET_ARCH=aarch64`;
      expect(system.calls(machine.work).filter((call) => call.startsWith("python3"))).toEqual([
        `python3 src/usr/src/tools/build/make.py ${words} -n`,
        `python3 tools/build/make.py ${words} __MAKE_CONF=/dev/null SRCCONF=/dev/null kernel-toolchain -s -j8`,
        `python3 tools/build/make.py ${words} __MAKE_CONF=/dev/null SRCCONF=/dev/null KERNCONF=GENERIC NO_MODULES=yes buildkernel -s -j8`,
      ]);
      writeFileSync(join(machine.work, kernel, "kernel"), "\x7fELF\x02\x01 of another kind, for sure");
      const env = { TT_ROW: "freebsd-kernel-cross", TT_IMPL: "make", TT_DRIVER: "make.py" };
      expect((await machine.check("", env)).err).toContain("is no ELF file for arm64");
      mkdirSync(join(machine.work, "obj/bmake-install"), { recursive: true });
      await machine.step("prepare.sh", env);
      expect([existsSync(join(machine.work, "obj/bmake-install")), existsSync(join(machine.work, "obj/w"))]).toEqual([
        true,
        false,
      ]);
    });
  }
});
