// Suites in microVMs over ssh, and consoles of a real kernel: Debian's on QEMU, behind the stand-in of Firecracker's API.
// Emulation takes both CPUs for more than a minute: `npm run test:microvm` runs this file, in CI too, and `npm test` does not.

import { readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { findMicroVms } from "../../../src/adapters/firecracker/release.ts";
import { Desk } from "../../support/cli.ts";
import { linuxGuest, noQemu, standIn } from "../../support/microvm-lab.ts";

const able = test.skipIf(noQemu !== undefined);
const said = noQemu === undefined ? "" : ` [${noQemu}]`;
/** For what hangs: an emulated Linux boots in two seconds on an idle CPU, and in a minute on a busy one. */
const limit_ms = 1_200_000;

const desks: Desk[] = [];
afterEach(async () => {
  for (const desk of desks.splice(0)) await desk.clear();
});

/** A desk with one.toml and two.toml, which differ in their vCPUs and share an address. */
function deskWith(args = "", timeScale = 1): Desk {
  const desk = new Desk(timeScale);
  desks.push(desk);
  const { kernel, initrd, key } = linuxGuest();
  for (const [name, vcpus] of [
    ["one", 1],
    ["two", 2],
  ] as const)
    writeFileSync(
      join(desk.folder, `${name}.toml`),
      `binary = "${standIn}"
kernel = "${kernel}"
initrd = "${initrd}"
memory_mib = 768
vcpus = ${vcpus}
boot_args = "quiet nokaslr cryptomgr.notests guest.ip=10.0.0.2/24 ${args}"
timeout_s = 400
[network]
address = "10.0.0.2"
gateway = "10.0.0.1"
[ssh]
key = "${key}"
`,
    );
  return desk;
}

async function expectNothingLeft(desk: Desk): Promise<void> {
  const ids = desk
    .lines<{ kind: string; id: string }>("ledger.ndjson")
    .flatMap(({ kind, id }) => (kind === "microvm" ? [id] : []));
  expect(ids).not.toEqual([]);
  const there = await findMicroVms();
  expect(ids.filter((id) => there.has(id))).toEqual([]);
}

able(
  `two microVMs of one address are compared by hashes over ssh, and take turns${said}`,
  async () => {
    const desk = deskWith();
    const words = "--suite hashes/md5/openssl-evp --rounds 2 --set blocks=10000".split(" ");
    const ended = await desk.run(["compare", "one=firecracker:one.toml", "two=firecracker:two.toml", ...words]);
    expect(ended.stderr).not.toContain("failed");
    expect(ended.stdout).toContain("one -> two");
    expect(ended.stdout).toMatch(/md5 +[\d.]+ m?s/);
    expect(ended.stdout).toContain("emulated");
    expect(ended.status).toBe(0);
    const records = desk.lines<Record<string, string>>("records.ndjson");
    expect(records.filter(({ status }) => status === "completed")).toHaveLength(4);
    // One host: they take turns, and no claim on a type is made.
    expect(new Set(records.map(({ host_id }) => host_id)).size).toBe(1);
    expect(ended.stdout).toContain("share a host");
    const facts = JSON.parse(
      readFileSync(join(desk.folder, "results", desk.runName(), "machines/one-1/facts.json"), "utf8"),
    ) as {
      microvm?: { vmm: string; host: string; emulated?: string };
    };
    expect(facts.microvm).toMatchObject({ vmm: "qemu-stand-in 1.12.1", host: hostname() });
    await expectNothingLeft(desk);
  },
  limit_ms,
);

able(
  `beside an instance of EC2 a run with a microVM is killed, resumed, and told; the killed one's is gone${said}`,
  async () => {
    const desk = deskWith("", 0.05);
    const words = "--cloud sandbox --machines 1 --suite hashes/md5/openssl-evp --rounds 3 --set blocks=10000".split(
      " ",
    );
    const { child, ended: killed } = desk.start(["compare", "vm=firecracker:one.toml", "s2.medium", ...words]);
    const trials = () => desk.lines<{ side: string; status: string; machine: string }>("records.ndjson");
    const ids = () =>
      desk
        .lines<{ kind: string; id: string }>("ledger.ndjson")
        .flatMap((one) => (one.kind === "microvm" ? [one.id] : []));
    while (!trials().some(({ side }) => side === "vm")) {
      // It may have ended by a fault, which is then told below.
      if (child.exitCode !== null) break;
      await wait(200);
    }
    child.kill("SIGKILL");
    await killed;
    const before = trials();
    const resumed = await desk.run(["resume", desk.runName()]);
    expect(resumed.stderr).not.toContain("failed");
    expect(resumed.status).toBe(0);
    expect(ids()).toHaveLength(2);
    // What was measured stands; the second microVM is a machine of its own.
    const after = trials();
    expect(after.slice(0, before.length)).toEqual(before);
    expect(new Set(after.filter(({ side }) => side === "vm").map(({ machine }) => machine)).size).toBe(2);
    // The guest has no compiler: where this computer has one, each side has a row of its own.
    expect(resumed.stdout).toMatch(/^ +md5.* [\d.]+ m?s/m);
    expect(resumed.stdout).toContain("0 instances left running");
    await expectNothingLeft(desk);
  },
  limit_ms,
);

able(
  `a Linux that panics is told with its console's last lines, and nothing is left${said}`,
  async () => {
    const desk = deskWith("guest.does=panic");
    const ended = await desk.run(["run", "hashes", "--on", "firecracker:one.toml"]);
    expect(ended.stderr).toMatch(
      /fc-[0-9a-f]{10}: the guest's kernel panicked; its console said last: .*Kernel panic - not syncing/,
    );
    expect(ended.status).toBe(5);
    await expectNothingLeft(desk);
  },
  limit_ms,
);
