// What a machine tells of the hardware below it.

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as v from "valibot";
import { suiteFolders } from "../../src/adapters/folders/suites.ts";
import { factsSchema } from "../../src/domain/run/machine.ts";
import { parseReply } from "../../src/pipeline/agent/reply-frame.ts";
import { Machine, remote, type Said, shellPath } from "../support/agent-machine.ts";

const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();

const facts = async (machine: Machine) => factsIn(await machine.agent("facts"));

function factsIn({ out }: Said) {
  const frame = parseReply(out);
  if ("fault" in frame) throw new Error(frame.fault);
  return v.parse(factsSchema, JSON.parse(frame.lines[0] ?? ""));
}

describe.each(["dash", "bash", "busybox", "mksh"])("under %s", (shell) => {
  const missing = shellPath(shell) === undefined;
  const needs = missing ? ` [needs ${shell}]` : "";

  test.skipIf(missing)(`the host is the kernel's boot, unless the machine declares another${needs}`, async () => {
    await using plain = new Machine(shell, "times");
    expect(await facts(plain)).toMatchObject({ boot_id: boot, host_id: boot });
    await using guest = new Machine(shell, "times", {}, ['TIMETRIAL_HOST_ID=rack "7" $(id)']);
    expect(await facts(guest)).toMatchObject({ boot_id: boot, host_id: 'rack "7" $(id)' });
  });

  test.skipIf(missing)(`a maker's placeholder is no board's identity${needs}`, async () => {
    await using machine = new Machine(shell, "times");
    const own = ["4c4c4544-0044-3510-8052-b4c04f564331", "100000009d4e1f2a"];
    const placeholders = [
      "",
      "00000000-0000-0000-0000-000000000000",
      "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
      "03000200-0400-0500-0006-000700080009",
      "0000000000000000",
      "Not Settable",
      "To Be Filled By O.E.M.",
      "Default string",
    ];
    const tell = 'for id; do ! facts_board_known "$id" || echo "$id"; done';
    const said = await machine.sh(["-c", `. "$0"; ${tell}`, join(remote, "facts.sh"), ...placeholders, ...own]);
    expect(said).toMatchObject({ status: 0, out: `${own.join("\n")}\n` });
  });
});

describe("what a FreeBSD's processor can do is told in Linux's words", () => {
  // As kernels of 13.1 (amd64) and 14.2 (arm64) print it at boot.
  const amd64 = `CPU: AMD EPYC 9R14 (2600.00-MHz K8-class CPU)
  Origin="AuthenticAMD"  Id=0xa10f11  Family=0x19  Model=0x11  Stepping=1
  Features=0x178bfbff<FPU,VME,DE,PSE,TSC,MSR,PAE,MCE,CX8,APIC,SEP,MTRR,PGE,MCA,CMOV,PAT,PSE36,CLFLUSH,MMX,FXSR,SSE,SSE2,HTT>
  Features2=0xfffa3203<SSE3,PCLMULQDQ,SSSE3,FMA,CX16,PCID,SSE4.1,SSE4.2,x2APIC,MOVBE,POPCNT,AESNI,XSAVE,OSXSAVE,AVX,F16C,RDRAND,HV>
  AMD Features=0x2e500800<SYSCALL,NX,MMX+,FFXSR,Page1GB,RDTSCP,LM>
  Structured Extended Features=0xf1bf97a9<FSGSBASE,BMI1,AVX2,SMEP,BMI2,ERMS,INVPCID,AVX512F,AVX512DQ,RDSEED,ADX,SMAP,AVX512IFMA,CLFLUSHOPT,CLWB,AVX512CD,SHA,AVX512BW,AVX512VL>
  Structured Extended Features2=0x405fce<AVX512VBMI,UMIP,PKU,OSPKE,AVX512VBMI2,GFNI,VAES,VPCLMULQDQ,AVX512VNNI,AVX512BITALG,AVX512VPOPCNTDQ,RDPID>
`;
  const arm64 = ` Instruction Set Attributes 0 = <DP,RDM,CRC32,SHA2+SHA512,SHA1,AES+PMULL>\n`;
  const words = async (shell: string, said: string): Promise<string[]> => {
    await using machine = new Machine(shell, "times");
    const printed = await machine.sh(["-c", '. "$0"; printf "%s" "$1" | facts_flags', join(remote, "facts.sh"), said]);
    expect(printed).toMatchObject({ status: 0, err: "" });
    return printed.out.split(" ").filter((word) => word !== "");
  };

  for (const shell of ["dash", "bash", "busybox", "mksh"]) {
    const missing = shellPath(shell) === undefined;
    test.skipIf(missing)(`under ${shell}${missing ? ` [needs ${shell}]` : ""}`, async () => {
      const x86 = await words(shell, amd64);
      // Those that suites name, and all others in Linux's letters.
      for (const word of ["aes", "sha_ni", "vaes", "avx2", "avx512f", "pni", "sse4_1", "sse4_2", "ssse3", "pclmulqdq"])
        expect(x86, word).toContain(word);
      expect(x86.filter((word) => /[A-Z.]/.test(word))).toEqual([]);
      expect(x86).not.toContain("aesni");
      expect(await words(shell, arm64)).toEqual(
        expect.arrayContaining(["crc32", "sha1", "sha2", "sha512", "aes", "pmull"]),
      );
    });
  }

  test("as AArch64's alone, from what a kernel of 13.2 printed at boot (reference/freebsd-13.2-arm64-dmesg.txt)", async () => {
    const said = readFileSync(join(remote, "../reference/freebsd-13.2-arm64-dmesg.txt"), "utf8");
    expect((await words("sh", said)).toSorted()).toEqual(["aes", "crc32", "pmull", "sha1", "sha2"]);
  });

  test("so that every word which a suite names is one that such a machine can be found to have", async () => {
    const known = suiteFolders();
    const loaded = await Promise.all((await known.list()).map((name) => known.load(name)));
    const named = loaded.flatMap(({ manifest }) => manifest.rows.flatMap(({ instructions }) => instructions));
    const [x86, arm] = [await words("dash", amd64), await words("dash", arm64)];
    expect(new Set(named).size).toBeGreaterThan(4);
    for (const one of new Set(named))
      expect(one.startsWith("x86_64:") ? x86 : arm, one).toContain(one.replace(/^.*:/, ""));
  });
});

test("a FreeBSD without a name has its release and architecture all the same", async () => {
  await using machine = new Machine("sh", "times");
  const uname = "#!/bin/sh\ncase $1 in -s) echo FreeBSD ;; *) echo ' 13.2-RELEASE arm64' ;; esac\n";
  writeFileSync(join(machine.folder, "bin/uname"), uname, { mode: 0o755 });
  const found = await facts(machine);
  expect(found).toMatchObject({ uname: "FreeBSD", release: "13.2-RELEASE", arch: "arm64" });
  expect(found).not.toHaveProperty("hostname");
});

const mayMount = spawnSync("unshare", ["-rm", "true"]).status === 0;

/** The facts of a machine whose /proc/cpuinfo is `said`. */
async function factsWith(said: string, shell = "sh") {
  await using machine = new Machine(shell, "times");
  const file = join(machine.folder, "cpuinfo");
  writeFileSync(file, said);
  const script = 'mount --bind "$1" /proc/cpuinfo && exec "$2" "$3" facts';
  return factsIn(await machine.unshared(script, file, join(machine.folder, "bin/sh"), join(remote, "agent.sh")));
}

// As a Graviton2's kernel has it: two processors, no name and no clock.
const graviton = [0, 1]
  .map(
    (cpu) => `processor\t: ${cpu}\nBogoMIPS\t: 243.75\nFeatures\t: fp asimd aes sha2\nCPU implementer\t: 0x41
CPU architecture: 8\nCPU variant\t: 0x3\nCPU part\t: 0xd0c\nCPU revision\t: 1\n\n`,
  )
  .join("");

describe.skipIf(!mayMount)("what the kernel says of the processor [needs unshare -rm]", () => {
  test("is told, of the first one", async () => {
    const arm = await factsWith(graviton);
    expect(arm).toMatchObject({ cpu_model: "implementer 0x41 part 0xd0c", cpu_flags: "fp asimd aes sha2" });
    expect(arm).not.toHaveProperty("cpu_mhz");
    const intel = "processor\t: 0\nmodel name\t: A: B @ 2.50GHz\ncpu MHz\t\t: 2499.998\nflags\t\t: fpu aes sha_ni\n\n";
    expect(await factsWith(`${intel}${intel.replaceAll(/B @|499|fpu/g, "other")}`)).toMatchObject({
      cpu_model: "A: B @ 2.50GHz",
      cpu_flags: "fpu aes sha_ni",
      cpu_mhz: 2500,
    });
  });

  const shells = ["dash", "bash", "busybox", "mksh"].filter((shell) => shellPath(shell) !== undefined);
  test.each(shells)("may be nothing, under %s", async (shell) => {
    const facts = await factsWith("processor\t: 0\n", shell);
    for (const name of ["cpu_model", "cpu_flags", "cpu_mhz"]) expect(facts).not.toHaveProperty(name);
  });
});

describe("what can be known of the processor's clock and counters", () => {
  const needs = shellPath("cc") === undefined ? " [needs cc]" : "";

  test.skipIf(needs !== "")(`the compiled helper tells it${needs}`, async () => {
    await using machine = new Machine("sh", "cc");
    const { clock_hz, counters, counted, no_counters } = await facts(machine);
    if (["x64", "arm64"].includes(process.arch)) expect(clock_hz?.least).toBeGreaterThan(1e8);
    // Either the counters have names, or there is a reason why not; never neither.
    if (counters === undefined) expect(no_counters).toMatch(/PMU|perf_event|seccomp|Linux/);
    else
      expect([counters, counted]).toEqual([
        expect.stringMatching(/^cycles instructions/),
        expect.stringMatching(/^user/),
      ]);
  });

  test("another capture reads none, and says so", async () => {
    await using machine = new Machine("sh", "times");
    expect(await facts(machine)).toMatchObject({ no_counters: "timed by times, which reads none" });
    expect((await facts(machine)).clock_hz).toBeUndefined();
  });

  test.skipIf(needs !== "")(`the kernel's software counters go the way of the processor's${needs}`, async () => {
    await using machine = new Machine("sh", "times");
    const [helper, record] = [join(machine.folder, "helper"), join(machine.folder, "record")];
    const files = ["capture.c", "counters.c"].map((file) => join(remote, file));
    expect((await machine.script(`cc -DCOUNT_SOFTWARE -O2 -o ${helper} ${files.join(" ")}`)).status).toBe(0);
    const busy = "i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done";
    const script = `${busy}; sh -c '${busy}'; :`;
    const { status } = await machine.sh(["-c", 'exec "$@"', "sh", helper, record, "60", "sh", "-c", script]);
    expect(status).toBe(0);
    const said = Object.fromEntries(
      readFileSync(record, "utf8")
        .trim()
        .split("\n")
        .map((line) => line.split("=") as [string, string]),
    );
    const cpu_s = Number(said["user_s"]) + Number(said["system_s"]);
    // In place of cycles: nanoseconds on a CPU, of the command and the process that it started, and of no other.
    expect(Number(said["cycles"]) / 1e9 / cpu_s).toBeGreaterThan(0.8);
    expect(Number(said["cycles"]) / 1e9 / cpu_s).toBeLessThan(1.2);
    expect(said["counters_running_s"]).toBe(said["counters_enabled_s"]);
    expect(said["counted"]).toMatch(/^user/);
  });
});
