// suites/packages by dnf and portsnap under every shell, by stand-ins that answer as the real commands do: nobody ran
// these rows where they are meant to run.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freebsd } from "../support/freebsd-stand-ins.ts";
import {
  machineOf,
  removeShipped,
  type Shipped,
  shells,
  shipped,
  trial,
  lackedForStandIns,
} from "../support/shipped-suites.ts";
import { newFolder, removeFolders, which } from "../support/suite-steps.ts";

let suite: Shipped;
beforeAll(async () => {
  suite = await shipped("packages");
});
afterAll(() => {
  removeFolders();
  removeShipped();
});

const answered = { status: 0, out: "", err: "" };

describe("portsnap", () => {
  const hash = "0123456789abcdef".repeat(4);
  /** Options before the commands, both folders its own; refuses a working folder that is not there, as the real one does. */
  const portsnap = [
    '[ "$1 $3 $5 $6 $7" = "-d -p --interactive fetch extract" ] || exit 9',
    '[ -d "$2" ] || { echo "portsnap: Directory does not exist or is not writable: $2"; exit 1; }',
    `echo 'portsnap|1653274800|${hash}' >"$2/tag"`,
    'mkdir -p "$4/Mk" && : >"$4/Makefile" && : >"$4/UIDs"',
    'echo "$4/Mk/"',
  ].join("\n");

  for (const [name, ...args] of shells) {
    test.skipIf(lackedForStandIns(name) !== undefined)(
      `fetches and extracts below the trial's own folder, anew each time, under ${name} [${lackedForStandIns(name) ?? `needs ${name}`}]`,
      async () => {
        const sh = [which(name) ?? "", ...args] as const;
        const system = freebsd({ portsnap, rm: `exec ${which("rm")} "$@"` }, sh);
        const machine = machineOf(suite, {}, { PATH: system.path }, sh);
        expect((await machine.setup()).get("driver.portsnap")).toBe("portsnap");
        mkdirSync(join(machine.work, "ports/left"), { recursive: true });
        const one = await trial(machine, "portsnap-fetch-extract", "portsnap", "portsnap", {}, true);
        expect(one.prepare).toEqual(answered);
        expect(one.run).toMatchObject({ status: 0, err: "" });
        expect(one.check).toEqual({
          status: 0,
          out: `work_id=1653274800 ${hash}\ndigest=1653274800 ${hash}\n`,
          err: "",
        });
        expect(existsSync(join(machine.work, "ports/left"))).toBe(false);
        expect(await machine.step("cleanup.sh")).toEqual(answered);
        // The machine's own tree is nobody's to remove: whatever is removed is named below the working folder.
        const calls = system.calls(machine.work);
        expect(calls).toContain("portsnap -d ~/portsnap -p ~/ports --interactive fetch extract");
        expect(calls.filter((call) => call.startsWith("rm ") && / \//.test(call))).toEqual([]);
      },
    );
  }

  test("is not proved without a tree, or without a tag", async () => {
    const machine = machineOf(suite, {}, { PATH: freebsd({}).path });
    const env = { TT_ROW: "portsnap-fetch-extract", TT_IMPL: "portsnap", TT_DRIVER: "portsnap" };
    expect((await machine.check("", env)).err).toBe("portsnap-fetch-extract: no ports tree was extracted\n");
    mkdirSync(join(machine.work, "ports"));
    for (const file of ["Makefile", "UIDs"]) writeFileSync(join(machine.work, "ports", file), "");
    expect((await machine.check("", env)).err).toBe("portsnap-fetch-extract: portsnap left no tag\n");
  });
});

describe("packages by dnf", () => {
  /** A dnf and an rpm over one file of NAME-VERSION-RELEASE lines. */
  const tools = (installed: string) => ({
    uname: "echo Linux",
    git: "echo git version 2.40.1",
    rpm: [
      "case $* in",
      `'-qa --qf '*) cat ${installed} ;;`,
      `'-q git') grep -q '^git-' ${installed} ;;`,
      "'-q --qf %{VERSION} system-release') printf 2023.6.20241010 ;;",
      "esac",
    ].join("\n"),
    dnf: [
      "case $* in",
      "--version) printf '4.14.0\\n  Installed: dnf-0:4.14.0\\n' ;;",
      `*' remove git') echo bash-5.2-1 >${installed} ;;`,
      "*' --downloadonly install git') ;;",
      `*' install git') printf 'git-2.40.1-1\\nperl-Git-2.40.1-1\\nbash-5.2-1\\n' >${installed} ;;`,
      "*' clean packages' | *' --refresh makecache') ;;",
      "*'repoquery --qf '*) echo git-0:2.40.1-1 ;;",
      "*) exit 9 ;;",
      "esac",
    ].join("\n"),
  });
  const front = "dnf -q -y --setopt=exit_on_lock=True --setopt=keepcache=True";

  for (const [name, ...args] of shells) {
    test.skipIf(lackedForStandIns(name) !== undefined)(
      `removes, fetches, then installs from the cache alone, under ${name} [${lackedForStandIns(name) ?? `needs ${name}`}]`,
      async () => {
        const sh = [which(name) ?? "", ...args] as const;
        const installed = join(newFolder(), "installed");
        writeFileSync(installed, "git-2.39.0-1\nbash-5.2-1\n");
        const system = freebsd(tools(installed), sh);
        const machine = machineOf(suite, {}, { PATH: system.path }, sh);
        const facts = await machine.setup();
        expect([facts.get("driver.dnf"), facts.get("fact.dnf_version")]).toEqual(["dnf", "4.14.0"]);
        expect(facts.get("fact.releasever")).toBe("2023.6.20241010");
        const { prepare, run, check } = await trial(machine, "pkg-install-git", "dnf", "dnf", {}, true);
        expect([prepare?.status, run.status, check.status]).toEqual([0, 0, 0]);
        expect(check.out).toMatch(/^reported\.packages=2\nwork_id=[0-9a-f]{64}\ndigest=[0-9a-f]{64}\n$/);
        expect(system.calls(machine.work).filter((call) => call.startsWith("dnf -q"))).toEqual([
          `${front} --setopt=clean_requirements_on_remove=True remove git`,
          `${front} --downloadonly install git`,
          `${front} -C install git`,
        ]);
      },
    );
  }

  test("fetches without installing, and refuses a row in which git came along", async () => {
    const installed = join(newFolder(), "installed");
    writeFileSync(installed, "git-2.39.0-1\nbash-5.2-1\n");
    const cache = "/var/cache/dnf/amazonlinux-1/packages/git-2.40.1-1.rpm";
    const find = `case $1 in /var/cache/dnf) echo ${cache} ;; *) exec ${which("find")} "$@" ;; esac`;
    const system = freebsd({ ...tools(installed), find });
    const machine = machineOf(suite, {}, { PATH: system.path });
    const { check } = await trial(machine, "pkg-fetch-git", "dnf", "dnf", {}, true);
    expect(check.out).toMatch(/^reported\.packages=1\nwork_id=[0-9a-f]{64}\n/);
    const acted = system.calls(machine.work).filter((call) => call.startsWith("dnf -q"));
    expect(acted.slice(1)).toEqual([`${front} clean packages`, `${front} --downloadonly install git`]);
    writeFileSync(installed, "git-2.40.1-1\n");
    const env = { TT_ROW: "pkg-fetch-git", TT_IMPL: "dnf", TT_DRIVER: "dnf" };
    expect(await machine.check("", env)).toMatchObject({
      status: 1,
      err: "pkg-fetch-git: git was installed, not only fetched\n",
    });
  });

  test("asks for the catalogue anew, and has no time where another holds the lock", async () => {
    const installed = join(newFolder(), "installed");
    writeFileSync(installed, "bash-5.2-1\n");
    const system = freebsd(tools(installed));
    const machine = machineOf(suite, {}, { PATH: system.path });
    const { check } = await trial(machine, "pkg-catalogue", "dnf", "dnf", {}, true);
    expect(check).toMatchObject({ status: 0, err: "" });
    expect(system.calls(machine.work)).toContain(`${front} --refresh makecache`);
    const locked = "Error: Failed to obtain the transaction lock";
    const busy = machineOf(
      suite,
      {},
      { PATH: freebsd({ ...tools(installed), dnf: `echo '${locked}' >&2; exit 200` }).path },
    );
    await busy.step("prepare.sh", { TT_ROW: "pkg-catalogue", TT_IMPL: "dnf" });
    expect(await busy.step("run.sh", { TT_ROW: "pkg-catalogue", TT_IMPL: "dnf" })).toEqual({
      status: 200,
      out: "",
      err: `${locked}\n`,
    });
    expect(readFileSync(installed, "utf8")).toBe("bash-5.2-1\n");
  });
});
