// suites/world under every shell, by stand-ins for make and FreeBSD's commands: nobody ran it on FreeBSD.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freebsd, served } from "../support/freebsd-stand-ins.ts";
import {
  machineOf,
  removeShipped,
  type Shipped,
  shells,
  shipped,
  trial,
  lackedForStandIns,
} from "../support/shipped-suites.ts";
import { type Env, removeFolders, which } from "../support/suite-steps.ts";

let suite: Shipped;
let sources: Awaited<ReturnType<typeof served>>;
let params: Env;
beforeAll(async () => {
  suite = await shipped("world");
  sources = await served({ "usr/src/Makefile.inc1": "# the base system\n" });
  params = { src_url: sources.url, src_sha256: sources.sha256, jobs: "32" };
});
afterAll(() => {
  sources.close();
  removeFolders();
  removeShipped();
});

const inc1 = (line: number, text: string): string => `make[1]: "/w/src/usr/src/Makefile.inc1" line ${line}: ${text}`;
const logs: Readonly<Record<string, readonly string[]>> = {
  "13.1's": [
    inc1(335, "SYSTEM_COMPILER: Determined that CC=cc matches the source tree.  Not bootstrapping a cross-compiler."),
    inc1(340, "SYSTEM_LINKER: Determined that LD=ld matches the source tree.  Not bootstrapping a cross-linker."),
    "--------------------------------------------------------------",
    ">>> World build started on Mon May 23 03:04:05 UTC 2022",
    "===> lib/libc (obj,all,install)",
    ">>> World build completed on Mon May 23 03:13:05 UTC 2022",
    ">>> World built in 540 seconds, ncpu: 32, make -j32",
    ">>> Kernel build for GENERIC started on Mon May 23 03:13:05 UTC 2022",
    ">>> Kernel build for GENERIC completed on Mon May 23 03:14:02 UTC 2022",
    ">>> Kernel(s)  GENERIC built in 57 seconds, ncpu: 32, make -j32",
  ],
  "an older one, without durations": [
    inc1(62, "SYSTEM_COMPILER: libclang will be built for bootstrapping a cross-compiler."),
    inc1(66, "SYSTEM_LINKER: libclang will be built for bootstrapping a cross-linker."),
    ">>> World build completed on Mon May 23 03:13:05 UTC 2017",
    ">>> Kernel build for GENERIC completed on Mon May 23 03:14:02 UTC 2017",
  ],
};

/** A make that says `log` and leaves a kernel, where the release's make puts it. */
function maker(log: readonly string[], kernel = "w/src/usr/src/arm64.aarch64/sys/GENERIC/kernel"): string {
  return [
    '[ -n "$MAKEOBJDIRPREFIX" ] && [ "$SRC_ENV_CONF" = /dev/null ] && [ "$LC_ALL" = C ] || exit 9',
    '[ -z "${MAKEFLAGS-}${TT_ROW-}" ] || exit 8',
    ...log.map((line) => `echo '${line}'`),
    `mkdir -p "$MAKEOBJDIRPREFIX/${kernel.replace(/\/kernel$/, "")}"`,
    `echo kernel >"$MAKEOBJDIRPREFIX/${kernel}"`,
  ].join("\n");
}

const command = (more: string): string =>
  "env -i PATH=/sbin:/bin:/usr/sbin:/usr/bin HOME=/root LC_ALL=C MAKEOBJDIRPREFIX=~/obj SRC_ENV_CONF=/dev/null " +
  `make -C ~/src/usr/src -j32 __MAKE_CONF=/dev/null SRCCONF=/dev/null KERNCONF=GENERIC ${more}buildworld buildkernel`;

describe("world", () => {
  for (const [name, ...args] of shells) {
    test.skipIf(lackedForStandIns(name) !== undefined)(
      `builds with everything pinned and switched off, under ${name} [${lackedForStandIns(name) ?? `needs ${name}`}]`,
      async () => {
        const system = freebsd({ make: maker(logs["13.1's"] ?? []) }, [which(name) ?? "", ...args]);
        const machine = machineOf(suite, params, { PATH: system.path, MAKEFLAGS: "-n" }, [which(name) ?? "", ...args]);
        const facts = await machine.setup();
        expect(facts.get("driver.make")).toBe("make");
        expect(facts.get("fact.freebsd_version")).toBe("13.1-RELEASE 13.1-RELEASE-p2 ");
        const { prepare, run, check } = await trial(machine, "buildworld-buildkernel", "make", "make", {}, true);
        expect([prepare, run.status, run.err]).toEqual([{ status: 0, out: "", err: "" }, 0, ""]);
        expect(system.calls(machine.work).filter((call) => call.startsWith("env "))).toEqual([command("")]);
        const kernel = createHash("sha256").update("kernel\n").digest("hex");
        expect(check).toEqual({
          status: 0,
          out:
            `work_id=src ${sources.sha256} for native on aarch64; ` +
            "compiler: Determined that CC=cc matches the source tree. Not bootstrapping a cross-compiler.; " +
            "linker: Determined that LD=ld matches the source tree. Not bootstrapping a cross-linker.\n" +
            `digest=${kernel}\nreported.world_s=540\nreported.kernel_s=57\nreported.jobs=32\n`,
          err: "",
        });
        expect(await machine.step("cleanup.sh")).toMatchObject({ status: 0, err: "" });
        expect(existsSync(join(machine.work, "src"))).toBe(false);
      },
    );
  }

  test("takes another target and the compiler along, and tells them in what pairs rows", async () => {
    const system = freebsd({
      make: maker(logs["an older one, without durations"] ?? [], "usr/src/sys/GENERIC/kernel"),
    });
    const machine = machineOf(suite, { ...params, target: "arm64/aarch64" }, { PATH: system.path });
    await machine.setup();
    const plain = await trial(machine, "buildworld-buildkernel", "make", "make", {}, true);
    expect(plain.check.out).toContain(
      `work_id=src ${sources.sha256} for arm64/aarch64; compiler: libclang will be built for bootstrapping a cross-compiler.; ` +
        "linker: libclang will be built for bootstrapping a cross-linker.\n",
    );
    expect(plain.check.out).not.toContain("reported.world_s");
    await trial(machine, "world-full", "make", "make", {}, true);
    expect(system.calls(machine.work).filter((call) => call.startsWith("env "))).toEqual([
      command("TARGET=arm64 TARGET_ARCH=aarch64 "),
      command("TARGET=arm64 TARGET_ARCH=aarch64 WITHOUT_SYSTEM_COMPILER=yes WITHOUT_SYSTEM_LINKER=yes "),
    ]);
  });

  test("of world-full reads the log, too: one that used the host's compiler did other work", async () => {
    const machine = machineOf(suite, params, { PATH: freebsd({ make: maker(logs["13.1's"] ?? []) }).path });
    await machine.setup();
    const { run, check } = await trial(machine, "world-full", "make", "make", {}, true);
    expect([run.status, check.status, check.out]).toEqual([0, 1, ""]);
    expect(check.err).toMatch(/^world-full: the host's compiler or linker was used: Determined that CC=cc /);
  });

  test("pairs with no other machine where the log does not say what was built first", async () => {
    const silent = (logs["13.1's"] ?? []).filter((line) => !line.includes("SYSTEM_"));
    const id = async (host: string): Promise<string | undefined> => {
      const uname = `case $1 in -p) echo aarch64 ;; -n) echo ${host} ;; *) echo FreeBSD ;; esac`;
      const machine = machineOf(suite, params, { PATH: freebsd({ make: maker(silent), uname }).path });
      await machine.setup();
      const { check } = await trial(machine, "buildworld-buildkernel", "make", "make", {}, true);
      return /^work_id=(.*)$/m.exec(check.out)?.[1];
    };
    expect(await id("one")).toContain("; compiler: ? (the log of one has no SYSTEM_COMPILER); linker: ? (");
    expect(await id("one")).toBe(await id("one"));
    expect(await id("one")).not.toBe(await id("two"));
  });

  test("is skipped where a tmpfs would not fit into memory", async () => {
    const machine = machineOf(suite, { ...params, jobs: "9999", tmpfs: "yes" }, { PATH: freebsd({}).path });
    // 12 GB are 11444 MiB.
    expect((await machine.setup()).get("skip.make")).toMatch(
      /^tmpfs=yes wants 20489396 MiB of memory \(12 GB, and 2 GiB for each of 9999 jobs\), \d+ are here$/,
    );
  });

  test("fails with the log's last lines kept, where make fails", async () => {
    const system = freebsd({ make: "echo '>>> stage 3.1: building everything'; echo '*** Error code 1' >&2; exit 2" });
    const machine = machineOf(suite, params, { PATH: system.path });
    await machine.setup();
    const { run } = await trial(machine, "buildworld-buildkernel", "make", "make", {}, true);
    expect(run).toEqual({ status: 2, out: ">>> stage 3.1: building everything\n*** Error code 1\n", err: "" });
  });

  test("is not proved without either line, or without a kernel", async () => {
    const machine = machineOf(suite, params, { PATH: freebsd({}).path });
    await machine.setup();
    const env = { TT_ROW: "buildworld-buildkernel", TT_IMPL: "make", TT_DRIVER: "make" };
    const log = logs["13.1's"] ?? [];
    const without = (text: string): string => `${log.filter((line) => !line.includes(text)).join("\n")}\n`;
    mkdirSync(join(machine.work, "obj/sys/GENERIC"), { recursive: true });
    writeFileSync(join(machine.work, "obj/sys/GENERIC/kernel"), "kernel");
    expect(await machine.check(without("nothing"), env)).toMatchObject({ status: 0 });
    expect((await machine.check(without("World build completed"), env)).err).toContain("World build completed");
    expect((await machine.check(without("GENERIC completed"), env)).err).toContain("Kernel build for GENERIC");
    rmSync(join(machine.work, "obj/sys/GENERIC/kernel"));
    expect((await machine.check(without("nothing"), env)).err).toBe(
      "buildworld-buildkernel: there is no kernel below sys/GENERIC\n",
    );
  });

  test("begins each build with nothing of the one before", async () => {
    const machine = machineOf(suite, params, { PATH: freebsd({}).path });
    await machine.setup();
    mkdirSync(join(machine.work, "obj/left"), { recursive: true });
    expect(await machine.step("prepare.sh", { TT_ROW: "buildworld-buildkernel" })).toMatchObject({ status: 0 });
    expect(existsSync(join(machine.work, "obj/left"))).toBe(false);
  });

  test("mounts a tmpfs for what is built where that is asked for", async () => {
    const system = freebsd({ mount: ":" });
    const machine = machineOf(suite, { ...params, tmpfs: "yes" }, { PATH: system.path });
    expect(await machine.step("prepare.sh", { TT_ROW: "buildworld-buildkernel" })).toMatchObject({ status: 0 });
    expect(system.calls(machine.work)).toEqual(["mount -t tmpfs tmpfs obj"]);
  });

  test("runs no more jobs than there are pairs of GiB, by ncpu", async () => {
    const machine = machineOf(suite, { ...params, jobs: "ncpu" }, { PATH: freebsd({}).path, TT_NCPU: "9999" });
    const kib = Number(/^MemTotal: *(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1]);
    expect((await machine.setup()).get("fact.jobs")).toBe(`${Math.max(1, Math.floor((kib / 1024 + 512) / 2048))}`);
  });

  const refusals: Readonly<Record<string, Env>> = {
    'jobs: expected a whole number from 1 to 9999, got "many"': { jobs: "many" },
    'target: expected native or such as arm64/aarch64, got "arm64"': { target: "arm64" },
    'target: expected native or such as arm64/aarch64, got "arm64/aarch64 -n"': { target: "arm64/aarch64 -n" },
    'tmpfs: expected yes or no, got "on"': { tmpfs: "on" },
  };
  for (const [text, change] of Object.entries(refusals)) {
    test(`refuses ${JSON.stringify(change)}`, async () => {
      const machine = machineOf(suite, { ...params, ...change }, { PATH: freebsd({}).path });
      expect(await machine.step("setup.sh")).toEqual({ status: 2, out: "", err: `${text}\n` });
    });
  }

  test("is skipped where the sources are not those whose digest is pinned, and elsewhere than on FreeBSD", async () => {
    const other = machineOf(suite, { ...params, src_sha256: "0".repeat(64) }, { PATH: freebsd({}).path });
    expect((await other.setup()).get("skip.make")).toMatch(
      /^kept as \S+src\.txz\.refused: expected SHA-256 0{64}, got \w{64}; from http:\S+$/,
    );
    expect((await machineOf(suite, params).setup()).get("skip.make")).toMatch(/^only on FreeBSD/);
  });
});
