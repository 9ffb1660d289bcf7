// The real Firecracker with a toy guest, as a user boots it: the table, every way to end, what is left after a kill.
// Tests named after a point are those of what was found about the program: see docs/firecracker.md.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { FirecrackerApi } from "../../../src/adapters/firecracker/api/api-client.ts";
import { emulatingKvm } from "../../../src/adapters/firecracker/kvm-speed.ts";
import { bootMicroVm } from "../../../src/adapters/firecracker/microvm.ts";
import { readMicroVmFile } from "../../../src/adapters/firecracker/config-file.ts";
import { findMicroVms } from "../../../src/adapters/firecracker/release.ts";
import { microVmFolder, microVmsFolder, newMicroVmId } from "../../../src/adapters/firecracker/state-folder.ts";
import type { MicroVm } from "../../../src/domain/microvm/microvm.ts";
import { systemClock } from "../../../src/adapters/system/clock.ts";
import { Desk } from "../../support/cli.ts";
import { firecrackerLab, noFirecracker } from "../../support/microvm-lab.ts";
import { until } from "../../support/until.ts";

const real = test.skipIf(noFirecracker !== undefined);
const said = noFirecracker === undefined ? "" : ` [${noFirecracker}]`;

const desks: Desk[] = [];
afterEach(async () => {
  for (const desk of desks.splice(0)) await desk.clear();
});

interface ToyOptions {
  /** Steps of the guest, as guest.c lists them. */
  readonly steps?: string;
  readonly silent?: number;
  /** The one that opens. */
  readonly port?: number;
  /** More lines before the tables, and after them. */
  readonly lines?: string;
  readonly tables?: string;
  readonly kernel?: string;
  /** Real seconds of a second of the cloud. */
  readonly timeScale?: number;
}

/** The guests' networks so far. Each process has 64 of its own: runs of the tests are side by side on one computer. */
let networks = 0;

/** A desk with toy.toml in it. */
function deskWith({
  steps = "hello,timer,net",
  silent = 1,
  port = 22,
  lines = "",
  tables = "",
  kernel,
  timeScale = 1,
}: ToyOptions = {}): Desk {
  const desk = new Desk(timeScale);
  desks.push(desk);
  const { firecracker, toy } = firecrackerLab();
  const network = `10.${100 + (process.pid % 100)}.${64 * (Math.floor(process.pid / 100) % 4) + networks}`;
  networks += 1;
  writeFileSync(
    join(desk.folder, "toy.toml"),
    `binary = "${firecracker}"
kernel = "${kernel ?? toy}"
memory_mib = 64
timeout_s = 20
boot_args = "toy=${steps} net=${network}.2:${port}:${silent}:2"
${lines}
[network]
address = "${network}.2"
gateway = "${network}.1"
${tables}`,
  );
  return desk;
}

/** Ids of microVMs that the newest run of `desk` began. */
function begun(desk: Desk): string[] {
  return desk
    .lines<{ kind: string; id: string }>("ledger.ndjson")
    .flatMap(({ kind, id }) => (kind === "microvm" ? [id] : []));
}

async function expectNothingLeft(ids: readonly string[]): Promise<void> {
  const there = await findMicroVms();
  expect(ids.filter((id) => there.has(id))).toEqual([]);
  for (const id of ids) expect(existsSync(join(microVmsFolder(), id))).toBe(false);
}

real(`boots are timed phase by phase, stored and told, and nothing is left${said}`, async () => {
  const desk = deskWith();
  const ended = await desk.run(["boot", "firecracker:toy.toml", "--boots", "3"]);
  expect(ended.stderr).not.toContain("failed");
  expect(ended.status).toBe(0);
  for (const phase of [
    "VMM start to API ready",
    "InstanceStart call",
    "InstanceStart to console",
    "port closed to open",
  ])
    expect(ended.stdout).toContain(phase);
  expect(ended.stdout).toContain("0 microVMs left");
  const records = desk.lines<Record<string, unknown>>("boots.ndjson");
  expect(records).toHaveLength(3);
  for (const record of records) {
    const { microvm, called_s, running_s, closed_s, open_s, status } = record as never as Record<string, number> & {
      microvm: Record<string, number | string>;
    };
    expect(status).toBe("completed");
    expect(microvm["vmm"]).toBe("Firecracker 1.12.1");
    const order = [0, called_s, microvm["start_sent_s"], running_s] as number[];
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(open_s).toBeGreaterThan(closed_s as number);
    // Point 11: the guest's own mark counts from InstanceStart.
    expect(microvm["guest_boot_s"]).toBeGreaterThan(0);
    expect(microvm["guest_boot_s"]).toBeLessThan(open_s as number);
  }
  expect(begun(desk)).toHaveLength(3);
  await expectNothingLeft(begun(desk));
});

real(`a microVM, an instance of EC2 and the published boots stand in one table, and none is left${said}`, async () => {
  const desk = deskWith({ port: 2222, timeScale: 0.05 });
  await desk.sandbox(["--boot", "running=6,closed=20,open=20", "--idle-s", "3000"]);
  const words = "--boots 2 --cloud sandbox --port 2222".split(" ");
  const sides = ["vmm=firecracker:toy.toml", "s2.medium", "published:boot-2021"];
  const ended = await desk.run(["boot", ...sides, ...words]);
  expect(ended.stderr).not.toContain("failed");
  expect(ended.status).toBe(0);
  const table = ended.stdout.split("\n");
  // Phases that both have stand in one line; those of one kind alone have no figure of the other's.
  const figures = (phase: string): number =>
    (table.find((line) => line.startsWith(phase)) ?? "").split(/\s+/).filter((word) => /^[\d.]+$/.test(word)).length;
  expect([figures("port closed to open"), figures("InstanceStart call"), figures("RunInstances call")]).toEqual([
    2, 1, 1,
  ]);
  expect(ended.stdout).toContain("published:boot-2021");
  expect(ended.stdout).toMatch(/^vmm +\|[=. #-]+\| +[\d.]+ m?s$/m);
  expect(ended.stdout).toMatch(/^s2\.medium +\|[=. #-]+\| +[\d.]+ m?s$/m);
  const records = desk.lines<{ side: string; status: string }>("boots.ndjson");
  expect(records.map(({ side, status }) => `${side} ${status}`).toSorted()).toEqual([
    "s2.medium completed",
    "s2.medium completed",
    "vmm completed",
    "vmm completed",
  ]);
  await expectNothingLeft(begun(desk));
});

for (const [what, options, reason] of [
  [
    "panics",
    { steps: "hello,panic" },
    /the guest's kernel panicked; its console said last: .*Kernel panic - not syncing/,
  ],
  [
    "reboots",
    { steps: "hello,reboot" },
    /the guest rebooted; its console said last: toy: hello \| \[ +0\.7\d*\] reboot: Restarting system/,
  ],
  [
    "resets itself",
    { steps: "hello,reset" },
    /the guest reset itself, or took a triple fault, after which Firecracker ends; .*toy: reset/,
  ],
  ["takes a triple fault", { steps: "hello,fault" }, /triple fault.*its console said last: toy: hello/],
  ["halts", { steps: "hello,halt" }, /port 22 .*within 1 s; its console said last: toy: hello/],
  ["says nothing", { steps: "mute" }, /port 22 .*within 1 s; its console said nothing/],
  ["never opens its port", { silent: 100_000 }, /port 22 .*within 1 s; its console said last: .*network up/],
  [
    "does not take the MP table (point 1)",
    { steps: "mptable" },
    /FreeBSD kernel does not take Firecracker's MP table.*docs\/firecracker.md; its console said last: panic: mptable_walk_table: Unknown MP Config Entry 68/,
  ],
] as const)
  real(`a guest that ${what} is told with its console's last lines (point 7)${said}`, async () => {
    const desk = deskWith(options);
    const ended = await desk.run(["boot", "firecracker:toy.toml", "--boots", "1", "--timeout", "1"]);
    expect(ended.status).toBe(1);
    const [record] = desk.lines<{ reason: string }>("boots.ndjson");
    expect(record?.reason).toMatch(reason);
    await expectNothingLeft(begun(desk));
  });

real(`in a jail the guest boots the same, and the jail is gone (point 13)${said}`, async () => {
  const { jailer } = firecrackerLab();
  const desk = deskWith({ tables: `[jailer]\nbinary = "${jailer}"\nuid = 12345\ngid = 12345\n` });
  const ended = await desk.run(["boot", "firecracker:toy.toml", "--boots", "2"]);
  expect(ended.stderr).not.toContain("failed");
  expect(ended.status).toBe(0);
  await expectNothingLeft(begun(desk));
});

real(`the guest writes to a copy: the image is as it was (point 4)${said}`, async () => {
  const desk = deskWith({ lines: 'rootfs = "disk"' });
  writeFileSync(join(desk.folder, "disk"), "an image".padEnd(65_536, "."));
  const before = readFileSync(join(desk.folder, "disk"));
  expect((await desk.run(["boot", "firecracker:toy.toml", "--boots", "1"])).status).toBe(0);
  expect(readFileSync(join(desk.folder, "disk")).equals(before)).toBe(true);
});

for (const [what, change, expected] of [
  ["a kernel that is not there", { kernel: "/nowhere/vmlinux" }, "kernel /nowhere/vmlinux: it is not there"],
  ["a folder as kernel", { kernel: "/usr" }, "kernel /usr: expected a file, got a folder"],
  ["a text as kernel", { kernel: "/etc/passwd" }, "expected an ELF kernel (vmlinux), got text"],
  [
    "a 32-bit kernel",
    { kernel: noFirecracker === undefined ? firecrackerLab().toy32 : "" },
    "expected a 64-bit ELF kernel, got a 32-bit one",
  ],
  ["more boot arguments than fit", { steps: "x".repeat(1800) }, "boot_args: expected at most 1792 bytes"],
  ["no root file system", { lines: 'rootfs = "/nowhere/disk"' }, "rootfs /nowhere/disk: it is not there"],
  ["a folder as root file system", { lines: 'rootfs = "/usr"' }, "rootfs /usr: expected a file, got a folder"],
  [
    "an odd number of vCPUs with SMT",
    { lines: "vcpus = 3\nsmt = true" },
    "vcpus: expected 1 or an even number with smt, got 3",
  ],
  ["a setting that there is not", { lines: "vcpu = 3" }, "vcpu: unknown key"],
  ["a wrong type", { lines: 'vcpus = "two"' }, 'vcpus: expected a whole number from 1 to 32, got "two"'],
] as const)
  real(`${what} is refused before anything is made${said}`, async () => {
    const desk = deskWith(change);
    const ended = await desk.run(["boot", "firecracker:toy.toml", "--boots", "1"]);
    expect(ended.stderr).toContain(expected);
    expect([2, 4]).toContain(ended.status);
    expect(desk.runs()).toEqual([]);
  });

real(`a mistyped tap is refused: Firecracker as root would make it (point 5)${said}`, async () => {
  const ended = await deskWith({ tables: 'tap = "nosuchtap0"\n' }).run(["boot", "firecracker:toy.toml"]);
  expect(ended.stderr).toContain("tap nosuchtap0: there is no such tap");
  expect(ended.status).toBe(4);
  expect(readdirSync("/sys/class/net")).not.toContain("nosuchtap0");
});

real(
  `FreeBSD without a PVH note is refused: Firecracker would start it, and it would say nothing (point 3)${said}`,
  async () => {
    const { noPvh } = firecrackerLab();
    const ended = await deskWith({ kernel: noPvh, lines: 'preset = "freebsd"' }).run(["boot", "firecracker:toy.toml"]);
    expect(ended.stderr).toContain("expected a PVH note, got none");
    expect(ended.status).toBe(4);
  },
);

real(`an image that another process writes to is refused (point 4)${said}`, async () => {
  const desk = deskWith({ lines: 'rootfs = "disk"' });
  writeFileSync(join(desk.folder, "disk"), "x".repeat(65_536));
  const { openSync, closeSync } = await import("node:fs");
  const file = openSync(join(desk.folder, "disk"), "r+");
  const ended = await desk.run(["boot", "firecracker:toy.toml"]);
  closeSync(file);
  // Another test's child may have inherited the file for a moment, until it executes its program.
  expect(ended.stderr).toMatch(
    new RegExp(`process(es)? ([0-9]+, )*${process.pid}(, [0-9]+)* (has|have) it open for writing`),
  );
  expect(ended.status).toBe(4);
});

/** Boots the toy in this process. */
async function bootHere(desk: Desk) {
  const vm = await readMicroVmFile(join(desk.folder, "toy.toml"));
  const id = newMicroVmId();
  const folder = await microVmFolder(id);
  const boot = (change: Partial<typeof vm> = {}) =>
    bootMicroVm(
      {
        vm: { ...vm, ...change },
        id,
        folder,
        isRouted: false,
        clock: systemClock,
        owner: { run: "test", side: "toy" },
      },
      new AbortController().signal,
    );
  return { id, folder, boot };
}

for (const [what, change, expected] of [
  ["a missing kernel", { kernel: "/nowhere" }, /^kernel \/nowhere: cannot be opened \(Firecracker: Boot source error/],
  [
    "a text as kernel",
    { kernel: "/etc/passwd" },
    /^kernel \/etc\/passwd: expected an uncompressed ELF.*\(Firecracker: Start microvm error/,
  ],
  ["33 vCPUs", { vcpus: 33 }, /^vcpus: expected 1 or an even number.*\(Firecracker: Machine config error/],
  ["no memory", { memory_mib: 0 }, /^memory_mib: expected a multiple.*\(Firecracker: Machine config error/],
  ["a template that is a device", { cpu_template: "/dev/null" }, /^cpu_template \/dev\/null: expected a plain file/],
  [
    "a template that is no JSON",
    { cpu_template: import.meta.filename },
    /^cpu_template .*real\.test\.ts: expected JSON: /,
  ],
  [
    "a template of another's",
    { cpu_template: join(import.meta.dirname, "../../../package.json") },
    /^cpu_template .*package\.json: Firecracker does not take it \(Firecracker: An error occurred when deserializing/,
  ],
  [
    "boot arguments that do not fit (point 12)",
    { boot_args: "x".repeat(2049) },
    /^boot_args: expected at most 2048 bytes.*got 2049 \(Firecracker: Boot source error/,
  ],
] as const)
  real(`Firecracker's own words on ${what} come behind ours, and all is gone${said}`, async () => {
    const { id, boot } = await bootHere(deskWith());
    await expect(boot(change)).rejects.toThrow(expected);
    await expectNothingLeft([id]);
  });

real(`the console is the guest's alone, and read from its first byte (points 6 and 11)${said}`, async () => {
  const { boot, folder, id } = await bootHere(deskWith({ steps: "hello,timer,reset" }));
  const one = await boot();
  await until(() => one.deathSoFar() !== undefined);
  expect(one.console.text.replaceAll("\r", "")).toBe("toy: hello\ntoy: reset\n");
  // Point 7: the socket stays.
  expect(existsSync(join(folder, "api.sock"))).toBe(true);
  expect(await one.end()).toBe(true);
  await expectNothingLeft([id]);
});

/** What the toy printed until it ended, and its own mark. */
async function ranToItsEnd(steps: string, change: Partial<MicroVm> = {}) {
  const { boot, id } = await bootHere(deskWith({ steps: `${steps},reset` }));
  const one = await boot(change);
  await until(() => one.deathSoFar() !== undefined);
  const guest_boot_s = await one.guestBoot_s();
  expect(await one.end()).toBe(true);
  await expectNothingLeft([id]);
  return { guest_boot_s, text: one.console.text.replaceAll("\r", "") };
}

real(
  `the guest's mark is heard at the address of its Firecracker, and is no error elsewhere (point 2)${said}`,
  async () => {
    expect((await ranToItsEnd("mark112")).guest_boot_s).toBeGreaterThan(0);
    expect(await ranToItsEnd("mark113")).toEqual({ guest_boot_s: undefined, text: "toy: reset\n" });
  },
);

real(`the guest is told its root device and its network card behind our boot arguments (point 12)${said}`, async () => {
  const disk = join(deskWith().folder, "disk");
  writeFileSync(disk, "x".repeat(65_536));
  const appended = (mode: string) =>
    new RegExp(
      `^.*toy=args.* root=/dev/vda ${mode} virtio_mmio\\.device=4K@0x[0-9a-f]+:\\d+ virtio_mmio\\.device=4K@`,
      "m",
    );
  expect((await ranToItsEnd("args", { rootfs: { path: disk, read_only: false } })).text).toMatch(appended("rw"));
  expect((await ranToItsEnd("args", { rootfs: { path: disk, read_only: true } })).text).toMatch(appended("ro"));
});

real(`two vCPUs with SMT and a CPU template are taken${said}`, async () => {
  const cpu_template = join(deskWith().folder, "template.json");
  const ebx = { register: "ebx", bitmap: `0b${"x".repeat(26)}0${"x".repeat(5)}` };
  const masked = { leaf: "0x7", subleaf: "0x0", flags: 1, modifiers: [ebx] };
  writeFileSync(cpu_template, JSON.stringify({ kvm_capabilities: [], cpuid_modifiers: [masked], msr_modifiers: [] }));
  expect((await ranToItsEnd("hello", { vcpus: 2, smt: true, cpu_template })).text).toBe("toy: hello\ntoy: reset\n");
});

real(`a KVM is said to emulate by how long its guest's loop takes, and by nothing else${said}`, async () => {
  const { firecracker } = firecrackerLab();
  // No computer's guest takes less, or longer.
  expect(await emulatingKvm(firecracker, systemClock, 0)).toBe("a KVM that emulates instructions");
  expect(await emulatingKvm(firecracker, systemClock, 20)).toBeUndefined();
});

real(
  `the guest's disk is a sparse copy in the microVM's folder; a read-only one is the image itself (point 4)${said}`,
  async () => {
    const path = join(deskWith().folder, "disk");
    writeFileSync(path, "");
    truncateSync(path, 1 << 30);
    for (const read_only of [false, true]) {
      const { boot, folder, id } = await bootHere(deskWith({ steps: "hello,halt" }));
      const one = await boot({ rootfs: { path, read_only } });
      const copy = join(folder, "rootfs");
      expect(existsSync(copy)).toBe(!read_only);
      if (!read_only) {
        expect(statSync(copy).size).toBe(1 << 30);
        expect(statSync(copy).blocks * 512).toBeLessThan(1 << 20);
      }
      expect(await one.end()).toBe(true);
      await expectNothingLeft([id]);
    }
    expect(statSync(path).blocks).toBe(0);
  },
);

real(`requests are sent in one piece and refused in Firecracker's words (point 8)${said}`, async () => {
  const { boot, folder } = await bootHere(deskWith());
  const one = await boot();
  const api = new FirecrackerApi(join(folder, "api.sock"));
  expect(await api.describeInstance()).toMatchObject({
    state: "Running",
    vmm_version: "1.12.1",
    app_name: "Firecracker",
  });
  const late = "The requested operation is not supported after starting the microVM.";
  await expect(api.startInstance()).rejects.toMatchObject({ fault: late, status: 400 });
  await expect(api.putMachineConfiguration({ vcpu_count: 1, mem_size_mib: 64 })).rejects.toMatchObject({ fault: late });
  await one.end();
});

real(
  `what a client uses stays in a sweep; of a client that is killed nothing does: its keeper ends the microVM${said}`,
  async () => {
    const desk = deskWith({ silent: 100_000 });
    const { child } = desk.start(["boot", "firecracker:toy.toml", "--boots", "2"]);
    await until(() => begun(desk).length > 0);
    await until(async () => (await findMicroVms()).has(begun(desk)[0] as string));
    const swept = await desk.run(["sweep", "--local"]);
    const [id = ""] = begun(desk);
    expect(swept.stdout.split("\n").find((line) => line.startsWith(id))).toMatch(/ in use$/);
    expect(swept.status).toBe(0);
    expect((await findMicroVms()).has(id)).toBe(true);
    child.kill("SIGKILL");
    await until(async () => !(await findMicroVms()).has(begun(desk)[0] as string));
    await expectNothingLeft(begun(desk));
  },
);

real(`with its keeper killed too, sweep --local finds what is left, and ends it${said}`, async () => {
  const desk = deskWith({ silent: 100_000 });
  const { child } = desk.start(["boot", "firecracker:toy.toml", "--boots", "2"]);
  await until(
    async () =>
      begun(desk).length > 0 && ((await findMicroVms()).get(begun(desk)[0] as string)?.processes.length ?? 0) > 3,
  );
  const [id = ""] = begun(desk);
  child.kill("SIGKILL");
  const keeper = (await findMicroVms()).get(id)?.processes ?? [];
  for (const pid of keeper) execFileSync("sh", ["-c", `kill -KILL ${pid} 2>/dev/null || :`]);
  await until(async () => ((await findMicroVms()).get(id)?.processes ?? []).length === 0);
  const swept = await desk.run(["sweep", "--local", "--run", desk.runName()]);
  expect(swept.status).toBe(0);
  await expectNothingLeft([id]);
});

real(
  `where KVM emulates, doctor, the table and the records say that times mean nothing, and only there${said}`,
  async () => {
    const desk = deskWith();
    const doctor = await desk.run(["doctor", "firecracker:toy.toml"]);
    expect(doctor.stdout).toMatch(/ok +firecracker +Firecracker 1\.12\.1/);
    expect(doctor.stdout).toMatch(/kernel +.*toy\.elf: 64-bit ELF, with a PVH note/);
    expect(doctor.status).toBe(0);
    const ms = Number(/kvm speed +300,000 turns of a loop took ([\d.]+) ms/.exec(doctor.stdout)?.[1]);
    const emulates = ms > 100;
    expect(doctor.stdout.includes("this KVM emulates; times in its guests mean nothing")).toBe(emulates);
    const { stdout } = await desk.run(["boot", "firecracker:toy.toml", "--boots", "1"]);
    expect(
      stdout.replaceAll(/\s+/g, " ").includes("emulates instructions runs the guest: its times mean nothing"),
    ).toBe(emulates);
    const [record] = desk.lines<{ microvm: { emulated?: string } }>("boots.ndjson");
    expect(record?.microvm.emulated !== undefined).toBe(emulates);
  },
);
