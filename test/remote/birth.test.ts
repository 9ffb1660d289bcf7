// Whether a pid is still the process that took the lock, where there is no /proc: stand-ins print what FreeBSD 13.2's ps,
// sysctl and date printed of one process while it fell idle and while the clock was set.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { remote, shellPath } from "../support/agent-machine.ts";

const folder = mkdtempSync(join(tmpdir(), "timetrial-birth-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// This computer's own /proc would answer first.
const host = readFileSync(join(remote, "host.sh"), "utf8").replaceAll("/proc/", "/no-proc/");
const lock = readFileSync(join(remote, "lock.sh"), "utf8");
const date = shellPath("date") ?? "date";

/** How ps shows the process, and the kernel's own start: both as times of day. */
interface Look {
  readonly line: string;
  readonly boot_s?: number;
}

const booted_s = Date.UTC(2026, 10, 27, 22, 47, 52) / 1000;
const begun: Look = { line: "SC  Fri Nov 27 22:53:15 2026" };

/** Runs `script` with the machine as `look` has it; `look NAME` in it changes to another of `others`. */
function run(shell: string, look: Look, others: Readonly<Record<string, Look>>, script: string): string {
  const file = (name: string, text: string, mode = 0o755): void => writeFileSync(join(folder, name), text, { mode });
  const all: Readonly<Record<string, Look>> = { now: look, ...others };
  for (const [name, { line, boot_s = booted_s }] of Object.entries(all)) {
    file(`${name}.ps`, line === "" ? "" : `${line}\n`, 0o644);
    file(`${name}.boot`, `{ sec = ${boot_s}, usec = 120194 } Fri Nov 27 22:47:52 2026\n`, 0o644);
  }
  file("ps", `#!/bin/sh\n[ -s '${folder}/now.ps' ] || exit 1\ncat '${folder}/now.ps'\n`);
  file("sysctl", `#!/bin/sh\n[ "$*" = '-n kern.boottime' ] && cat '${folder}/now.boot'\n`);
  // FreeBSD's -j -f FORMAT TEXT, which GNU's has not.
  file("date", `#!/bin/sh\ncase $1 in -j) exec ${date} -d "$4" "$5" ;; esac\nexec ${date} "$@"\n`);
  const change = `look() { cp '${folder}'/"$1.ps" '${folder}/now.ps'; cp '${folder}'/"$1.boot" '${folder}/now.boot'; }`;
  const input = `set -eu\n${host}\n${lock}\n${change}\n${script}\n`;
  const env = { PATH: `${folder}:${process.env["PATH"] ?? ""}` };
  const words = shell === "busybox" ? ["sh", "-s"] : ["-s"];
  const { stdout, stderr } = spawnSync(shellPath(shell) ?? "/nowhere", words, { input, env, encoding: "utf8" });
  expect(stderr).toBe("");
  return stdout;
}

describe.each(["dash", "bash", "mksh"].filter(shellPath))("in %s", (shell) => {
  const holds = `tt_home='${folder}'; tt_boot_id=boot
    host_birth 5324; echo "boot 5324 \${tt_birth} r/b" >'${folder}/lock'
    look later
    lock_read && echo held || echo free`;

  test.each<[string, Look]>([
    ["fell idle", { line: "Is  Fri Nov 27 22:53:15 2026" }],
    ["runs", { line: "R+  Fri Nov 27 22:53:15 2026" }],
    ["runs while the clock was set an hour ahead", { line: "IC  Fri Nov 27 23:53:14 2026", boot_s: booted_s + 3599 }],
    [
      "runs while the clock was set, the parts of a second otherwise cut",
      { line: "IC  Fri Nov 27 22:53:15 2026", boot_s: booted_s + 1 },
    ],
    ["runs over the turn of a year", { line: "S   Sat Jan  2 00:00:03 2027", boot_s: booted_s + 3_028_008 }],
  ])("a lock is held whose holder %s", (_, later) => {
    expect(run(shell, begun, { later }, holds)).toBe("held\n");
  });

  test.each<[string, Look]>([
    ["is gone", { line: "" }],
    ["is a zombie", { line: "Z   Fri Nov 27 22:53:15 2026" }],
    ["was started two seconds later, under the same pid", { line: "SC  Fri Nov 27 22:53:17 2026" }],
  ])("a lock is free whose holder %s", (_, later) => {
    expect(run(shell, begun, { later }, holds)).toBe("free\n");
  });

  test("the time in the lock is that since the kernel's start, and no text of another agent is taken for it", () => {
    const script = `host_birth 5324; echo "\${tt_birth}"
      for each in 322 324 321 325 '' -323 0x143 Ss_Fri_Nov_27_22:53:15_2026 9999999999; do
        ! host_is_birth "\${each}" || echo "\${each}"
      done`;
    expect(run(shell, begun, {}, script)).toBe("323\n322\n324\n");
  });
});

test("with /proc a start is known to the tick", () => {
  const script = `. "$0"; host_birth $$; host_is_birth "\${tt_birth}" && echo same
    host_is_birth "$((tt_birth + 1))" || echo other`;
  const { stdout } = spawnSync("sh", ["-c", script, join(remote, "host.sh")], { encoding: "utf8" });
  expect(stdout).toBe("same\nother\n");
});
