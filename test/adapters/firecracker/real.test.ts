// The real Firecracker with a toy guest, as a user boots it: the table, every way to end, what is left after a kill.
// Tests named after a point are those of what was found about the program: see docs/firecracker.md.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { FirecrackerApi } from "../../../src/adapters/firecracker/api/api-client.ts";
import { bootMicroVm } from "../../../src/adapters/firecracker/microvm.ts";
import { readMicroVmFile } from "../../../src/adapters/firecracker/config-file.ts";
import { findMicroVms } from "../../../src/adapters/firecracker/release.ts";
import { microVmFolder, microVmsFolder, newMicroVmId } from "../../../src/adapters/firecracker/state-folder.ts";
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
  /** More lines before the tables, and after them. */
  readonly lines?: string;
  readonly tables?: string;
  readonly kernel?: string;
}

/** Octets of the guests' addresses: files of tests run side by side on one computer. */
let octet = 0;

/** A desk with toy.toml in it. */
function deskWith({ steps = "hello,timer,net", silent = 1, lines = "", tables = "", kernel }: ToyOptions = {}): Desk {
  const desk = new Desk(1);
  desks.push(desk);
  const { firecracker, toy } = firecrackerLab();
  octet += 1;
  const network = `10.${100 + (process.pid % 100)}.${octet}`;
  writeFileSync(
    join(desk.folder, "toy.toml"),
    `binary = "${firecracker}"
kernel = "${kernel ?? toy}"
memory_mib = 64
timeout_s = 20
boot_args = "toy=${steps} net=${network}.2:22:${silent}:2"
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

real(`a microVM stands beside the published boots${said}`, async () => {
  const ended = await deskWith().run(["boot", "firecracker:toy.toml", "published:boot-2021", "--boots", "2"]);
  expect(ended.status).toBe(0);
  expect(ended.stdout).toContain("published:boot-2021");
});

for (const [what, options, reason] of [
  [
    "panics",
    { steps: "hello,panic" },
    /the guest's kernel panicked; its console said last: .*Kernel panic - not syncing/,
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
    /FreeBSD kernel does not take Firecracker's MP table.*docs\/firecracker.md.*Unknown MP Config Entry 68/,
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
  ["no root file system", { lines: 'rootfs = "/nowhere/disk"' }, "rootfs /nowhere/disk: it is not there"],
  ["a folder as root file system", { lines: 'rootfs = "/usr"' }, "rootfs /usr: expected a file, got a folder"],
  [
    "an odd number of vCPUs with SMT",
    { lines: "vcpus = 3\nsmt = true" },
    "vcpus: expected 1 or an even number with smt, got 3",
  ],
  ["a setting that there is not", { lines: "vcpu = 3" }, "toy.toml: vcpu: there is no such setting"],
  ["a wrong type", { lines: 'vcpus = "two"' }, 'toy.toml: vcpus: expected a whole number from 1 to 32, got "two"'],
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
  expect(ended.stderr).toContain(`process ${process.pid} has it open for writing`);
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
  ["a template that is none", { cpu_template: "/dev/null" }, /^cpu_template \/dev\/null: expected JSON/],
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

real(`doctor says what there is, and that this KVM emulates where it does${said}`, async () => {
  const desk = deskWith();
  const ended = await desk.run(["doctor", "firecracker:toy.toml"]);
  expect(ended.stdout).toMatch(/ok +firecracker +Firecracker 1\.12\.1/);
  expect(ended.stdout).toMatch(/kernel +.*toy\.elf: 64-bit ELF, with a PVH note/);
  expect(ended.stdout).toMatch(/kvm speed +300,000 turns of a loop took/);
  expect(ended.status).toBe(0);
  writeFileSync(
    join(desk.folder, "toy.toml"),
    'kernel = "/etc/passwd"\nbinary = "/nowhere/firecracker"\npreset = "freebsd"\n',
  );
  const bad = await desk.run(["doctor", "firecracker:toy.toml"]);
  expect(bad.stdout).toContain("firecracker /nowhere/firecracker: there is no such program");
  expect(bad.stdout).toContain("got text");
  expect(bad.status).toBe(4);
});
