// What tells one boot of a machine from the next, where there is no /proc: a stand-in answers for FreeBSD's sysctl.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { remote, shellPath } from "../support/agent-machine.ts";

const folder = mkdtempSync(join(tmpdir(), "timetrial-boot-id-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// This computer's own /proc would answer first.
const host = readFileSync(join(remote, "host.sh"), "utf8").replaceAll("/proc/", "/no-proc/");

/** What sysctl(8) prints: `boot_id`, sixteen opaque bytes, only with -x; `boottime` as a struct. */
function sysctl({ boot_id, boottime = 1795488000 }: { boot_id?: string; boottime?: number }): string {
  const dump = boot_id === undefined ? "" : `'-nx kern.boot_id') echo 'Format: Length:16 Dump:0x${boot_id}' ;;`;
  return `#!/bin/sh
case $* in
${dump}
'-n kern.boottime') echo '{ sec = ${boottime}, usec = 5012 } Tue Nov 24 03:20:00 2026' ;;
'-n kern.hostuuid') echo 4c4c4544-0042 ;;
*) echo "sysctl: unknown oid" >&2; exit 1 ;;
esac
`;
}

function bootId(shell: string, standIn: string): string {
  writeFileSync(join(folder, "sysctl"), standIn, { mode: 0o755 });
  const env = { ...process.env, PATH: `${folder}:${process.env["PATH"] ?? ""}` };
  const script = `set -eu\n${host}\nhost_boot_id\nprintf '%s' "\${tt_boot_id}"\n`;
  return spawnSync(shellPath(shell) ?? "/nowhere", ["-s"], { input: script, env }).stdout.toString();
}

const one = "4c8609698ad1a11cdc00cf6eb7d954e1";

describe.each(["dash", "bash", "mksh"].filter(shellPath))("in %s", (shell) => {
  test("a clock that is set makes no other boot", () => {
    const before = bootId(shell, sysctl({ boot_id: one }));
    expect(before).toBe(one);
    expect(bootId(shell, sysctl({ boot_id: one, boottime: 1795491600 }))).toBe(before);
  });

  test("a machine that was started again has another", () => {
    const other = "00112233445566778899aabbccddeeff";
    expect(bootId(shell, sysctl({ boot_id: other }))).toBe(other);
  });

  test("where the kernel has none, the time of its start stands for it", () => {
    expect(bootId(shell, sysctl({}))).toBe("4c4c4544-0042-1795488000");
  });
});
