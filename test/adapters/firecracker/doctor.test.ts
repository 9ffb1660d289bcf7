// What `doctor firecracker:FILE.toml` says of a microVM's needs, each with what to do. /dev/kvm and taps are in host.test.ts,
// a KVM that emulates in real.test.ts.

import { closeSync, copyFileSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { checkMicroVm } from "../../../src/adapters/firecracker/doctor.ts";
import { readMicroVmFile } from "../../../src/adapters/firecracker/config-file.ts";
import { systemClock } from "../../../src/adapters/system/clock.ts";
import type { DoctorCheck } from "../../../src/domain/doctor-check.ts";
import { firecrackerLab, noFirecracker } from "../../support/microvm-lab.ts";

const able = test.skipIf(noFirecracker !== undefined);
const said = noFirecracker === undefined ? "" : ` [${noFirecracker}]`;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder with a disk, and a program that knows its version and nothing else: by that name it needs no KVM. */
function folderWith(version: string): string {
  const folder = mkdtempSync(join(tmpdir(), "tt-doctor-"));
  folders.push(folder);
  writeFileSync(join(folder, "vmm"), `#!/bin/sh\necho "stand-in v${version}"\n`, { mode: 0o755 });
  writeFileSync(join(folder, "disk"), "x".repeat(4096));
  return folder;
}

/** The checks of a microVM with `lines` in its file, by name. */
async function checksOf(
  folder: string,
  lines: string,
  kernel = firecrackerLab().toy,
): Promise<Map<string, DoctorCheck>> {
  const file = join(folder, "vm.toml");
  writeFileSync(file, `binary = "vmm"\nkernel = "${kernel}"\n${lines}\n`.replace('"vmm"', '"./vmm"'));
  const found = new Map<string, DoctorCheck>();
  for await (const check of checkMicroVm(await readMicroVmFile(file), systemClock)) found.set(check.name, check);
  return found;
}

const network = '[network]\naddress = "10.97.0.2"\ngateway = "10.97.0.1"';

able(`of a microVM that lacks nothing all is ok${said}`, async () => {
  const checks = await checksOf(folderWith("1.12.1"), `rootfs = "disk"\n${network}`);
  expect([...checks.values()].filter(({ state }) => state !== "ok")).toEqual([]);
  expect([...checks.keys()]).toEqual(["firecracker", "programs", "kernel", "images", "network", "folder", "socket"]);
  expect(checks.get("kernel")?.found).toMatch(/toy\.elf: 64-bit ELF, with a PVH note/);
  expect(checks.get("socket")?.found).toMatch(/^a path of \d+ bytes, of 107 at most$/);
});

able(`Firecracker's version: too old, older or newer than those known, FreeBSD's least${said}`, async () => {
  for (const [version, preset, state, found] of [
    ["1.3.3", "linux", "missing", "stand-in 1.3.3: expected 1.4 or later"],
    ["1.10.0", "linux", "ok", "stand-in 1.10.0 is older than what timetrial knows (1.12 to 1.16)"],
    ["1.16.1", "linux", "ok", "stand-in 1.16.1"],
    ["1.17.0", "linux", "ok", "stand-in 1.17.0 is newer than what timetrial knows (1.12 to 1.16)"],
    ["1.11.0", "freebsd", "missing", "stand-in 1.11.0: FreeBSD needs PVH, which 1.12 and later have"],
  ] as const) {
    const checks = await checksOf(folderWith(version), `preset = "${preset}"`);
    expect(checks.get("firecracker")).toMatchObject({ state, found });
    if (state === "missing") expect(checks.get("firecracker")?.todo).toContain("update Firecracker");
  }
});

able(`the kernel's format, and its PVH note${said}`, async () => {
  const folder = folderWith("1.12.1");
  const { toy, toy32, noPvh } = firecrackerLab();
  writeFileSync(join(folder, "zipped"), Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(100)]));
  writeFileSync(join(folder, "bzimage"), Buffer.concat([Buffer.from("MZ"), Buffer.alloc(100)]));
  copyFileSync(toy, join(folder, "cut"));
  truncateSync(join(folder, "cut"), 3000);
  for (const [kernel, preset, found] of [
    ["/etc/passwd", "linux", "expected an ELF kernel (vmlinux), got text"],
    ["/usr", "linux", "expected a file, got a folder"],
    ["/nowhere", "linux", "it is not there"],
    ["zipped", "linux", "got a gzip file"],
    ["bzimage", "linux", "got a compressed one (bzImage)"],
    ["cut", "linux", "expected a whole kernel, got a file cut short at 3000 bytes"],
    [toy32, "linux", "expected a 64-bit ELF kernel, got a 32-bit one"],
    [noPvh, "freebsd", "expected a PVH note, got none"],
  ] as const) {
    const check = (await checksOf(folder, `preset = "${preset}"`, kernel)).get("kernel");
    expect(check).toMatchObject({ state: "missing", needed: true });
    expect(check?.found).toContain(found);
  }
  expect((await checksOf(folder, "", noPvh)).get("kernel")).toMatchObject({
    state: "ok",
    found: expect.stringContaining("without a PVH note") as string,
  });
});

able(`images: missing, a folder, in use by another process${said}`, async () => {
  const folder = folderWith("1.12.1");
  const imageCheck = async (lines: string) => (await checksOf(folder, lines)).get("images");
  expect((await imageCheck('rootfs = "none"'))?.found).toContain("it is not there");
  expect((await imageCheck('initrd = "/usr"'))?.found).toContain("initrd /usr: expected a file, got a folder");
  const open = openSync(join(folder, "disk"), "r+");
  const used = await imageCheck('rootfs = "disk"');
  closeSync(open);
  expect(used).toMatchObject({
    state: "missing",
    todo: expect.stringContaining("end the microVM that uses it") as string,
  });
  expect(used?.found).toMatch(
    new RegExp(`process(es)? ([0-9]+, )*${process.pid}(, [0-9]+)* (has|have) it open for writing`),
  );
});

able(`the tap, and an address that this computer is on${said}`, async () => {
  const folder = folderWith("1.12.1");
  const networkCheck = async (lines: string) => (await checksOf(folder, lines)).get("network");
  expect(await networkCheck(`${network}\ntap = "nosuchtap0"`)).toMatchObject({
    state: "missing",
    found: "tap nosuchtap0: there is no such tap",
    todo: expect.stringContaining("ip tuntap add dev nosuchtap0 mode tap user USER") as string,
  });
  expect((await networkCheck('[network]\naddress = "127.0.0.2"\ngateway = "127.0.0.3"'))?.found).toContain(
    "127.0.0.2 is in 127.0.0.1/8, the network of lo on this computer",
  );
  expect((await networkCheck(""))?.found).toBe("none: neither boot nor a suite can reach the guest");
});

able(`the socket's path (point 13), and a pool of 2M pages${said}`, async () => {
  const folder = folderWith("1.12.1");
  const long = `vmm-${"x".repeat(60)}`;
  copyFileSync(join(folder, "vmm"), join(folder, long));
  writeFileSync(
    join(folder, "long.toml"),
    `binary = "./${long}"\nkernel = "/nowhere"\nhuge_pages = "2M"\nmemory_mib = 16777216\n[jailer]\nbinary = "/bin/true"\nuid = 1\ngid = 1\n`,
  );
  const checks = new Map<string, DoctorCheck>();
  for await (const one of checkMicroVm(await readMicroVmFile(join(folder, "long.toml")), systemClock))
    checks.set(one.name, one);
  expect(checks.get("socket")?.found).toMatch(/api\.sock: expected at most 107 bytes, got 1\d\d$/);
  expect(checks.get("socket")?.todo).toContain("shorten the jailer's or Firecracker's file name");
  expect(checks.get("huge pages")?.found).toMatch(/^huge_pages: 16777216 MiB are 8388608 pages of 2M, \d+ are free$/);
  expect(checks.get("huge pages")?.todo).toContain("sysctl vm.nr_hugepages=8388608");
});

able(`FreeBSD's panic over the MP table is foretold from Firecracker 1.8 on (point 1)${said}`, async () => {
  const table = (await checksOf(folderWith("1.12.1"), 'preset = "freebsd"')).get("mp table");
  expect(table).toMatchObject({ state: "unknown", needed: false });
  expect(table?.found).toContain('panics with "Unknown MP Config Entry"');
  expect(table?.todo).toContain("docs/firecracker.md");
  expect((await checksOf(folderWith("1.7.0"), 'preset = "freebsd"')).get("mp table")?.state).toBe("ok");
  expect((await checksOf(folderWith("1.12.1"), "")).has("mp table")).toBe(false);
});
