// What is refused before a microVM is begun, by the command line, and what is left where a kill came at the worst moment.

import { copyFileSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { microVmFolder, newMicroVmId } from "../../../src/adapters/firecracker/state-folder.ts";
import { Desk } from "../../support/cli.ts";
import { firecrackerLab, noFirecracker } from "../../support/microvm-lab.ts";

const real = test.skipIf(noFirecracker !== undefined);
const said = noFirecracker === undefined ? "" : ` [${noFirecracker}]`;

const desks: Desk[] = [];
afterEach(async () => {
  for (const desk of desks.splice(0)) await desk.clear();
});

/** A desk with toy.toml, whose binary, kernel and other tables are the caller's. */
function deskWith(
  settings: (desk: Desk) => { binary?: string; kernel?: string; lines?: string; tables?: string },
): Desk {
  const desk = new Desk(1);
  desks.push(desk);
  const lab = firecrackerLab();
  const { binary = lab.firecracker, kernel = lab.toy, lines = "", tables = "" } = settings(desk);
  writeFileSync(
    join(desk.folder, "toy.toml"),
    `binary = "${binary}"
kernel = "${kernel}"
memory_mib = 64
timeout_s = 20
${lines}
[network]
address = "10.99.0.2"
gateway = "10.99.0.1"
${tables}`,
  );
  return desk;
}

/** A stand-in that knows its version and nothing else. */
function programOf(desk: Desk, version: string): string {
  const path = join(desk.folder, "firecracker");
  writeFileSync(path, `#!/bin/sh\necho "Firecracker v${version}"\n`, { mode: 0o755 });
  return path;
}

/** The toy kernel's first `share` of all bytes. */
function cutKernel(desk: Desk, share: number): string {
  const path = join(desk.folder, "cut.elf");
  const { toy } = firecrackerLab();
  copyFileSync(toy, path);
  truncateSync(path, Math.floor(readFileSync(toy).length * share));
  return path;
}

for (const [what, settings, expected] of [
  [
    "Firecracker 1.3",
    (desk: Desk) => ({ binary: programOf(desk, "1.3.3") }),
    "Firecracker 1.3.3: expected 1.4 or later",
  ],
  [
    "FreeBSD on Firecracker 1.11",
    (desk: Desk) => ({ binary: programOf(desk, "1.11.0"), lines: 'preset = "freebsd"' }),
    "Firecracker 1.11.0: FreeBSD needs PVH, which 1.12 and later have",
  ],
  [
    "a kernel that is cut short",
    (desk: Desk) => ({ kernel: cutKernel(desk, 0.5) }),
    "expected a whole kernel, got a file cut short at",
  ],
  [
    "a socket's path that is too long",
    (desk: Desk) => {
      // A jail's path has the name of Firecracker's file in it.
      const binary = join(desk.folder, `firecracker-${"x".repeat(60)}`);
      const { firecracker, jailer } = firecrackerLab();
      copyFileSync(firecracker, binary);
      return { binary, tables: `[jailer]\nbinary = "${jailer}"\nuid = 12345\ngid = 12345\n` };
    },
    "api.sock: expected at most 107 bytes, got",
  ],
] as const)
  real(`${what} is refused before anything is made${said}`, async () => {
    const desk = deskWith(settings);
    const ended = await desk.run(["boot", "firecracker:toy.toml", "--boots", "1"]);
    expect(ended.stderr).toContain(expected);
    expect(ended.status).toBe(4);
    expect(desk.runs()).toEqual([]);
  });

test("the folder of a microVM whose keeper was killed before it said whose it is goes with a sweep of any run", async () => {
  const desk = new Desk(1);
  desks.push(desk);
  const folder = await microVmFolder(newMicroVmId());
  mkdirSync(folder, { mode: 0o700 });
  const swept = await desk.run(["sweep", "--local", "--run", "20260101-000000-abcd"]);
  expect(swept.status).toBe(0);
  expect(existsSync(folder)).toBe(false);
});
