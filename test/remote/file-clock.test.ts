// The clock of a machine whose date(1) gives whole seconds and that has no /proc: the time at which a file changed, as
// FreeBSD's stat(1) gives it. GNU's, called by a stand-in, gives the same in its own words.

import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { remote, shellPath } from "../support/agent-machine.ts";
import { lackedForStandIns } from "../support/shipped-suites.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "timetrial-clock-"));
  mkdirSync(join(folder, "bin"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function stat(body: string): void {
  writeFileSync(join(folder, "bin", "stat"), `#!/bin/sh\n${body}\n`);
  chmodSync(join(folder, "bin", "stat"), 0o755);
}

const gnu = shellPath("stat") ?? "stat";
const asFreeBsd = `[ "$1 $2" = "-f %Fm" ] && exec ${gnu} -c %.9Y "$3"`;

describe.each(["dash", "bash", "busybox", "mksh"])("under %s", (shell) => {
  // stat(1) is a stand-in on PATH.
  const lacked = lackedForStandIns(shell);
  const missing = lacked !== undefined;
  const needs = missing ? ` [${lacked}]` : "";
  /** What `text` prints once the agent's functions are there. */
  const printed = (text: string): string => {
    const own = `tt_clock_file=${join(folder, "clock")}; . "${join(remote, "capture.sh")}"; ${text}`;
    const words = [...(shell === "busybox" ? ["sh"] : []), "-c", own];
    const env = { PATH: `${join(folder, "bin")}:${process.env["PATH"]}`, LC_ALL: "C" };
    return execFileSync(shellPath(shell) ?? shell, words, {
      env,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    });
  };
  const chosen = "capture_file_clock && echo yes || echo no";

  test.skipIf(missing)(`the readings are now, in order and in microseconds${needs}`, () => {
    stat(asFreeBsd);
    expect(printed(chosen)).toBe("yes\n");
    const since_s = Date.now() / 1000;
    const read = printed(
      'tt_clock=file; capture_clock; echo "${tt_reading}"; one=${tt_reading}; capture_clock; capture_apart "${one}" "${tt_reading}"; echo "${tt_apart}"',
    );
    const [, seconds, micros, apart] = /^(\d+) (\d{6})\n(\d+\.\d{6})\n$/.exec(read) ?? [];
    const first_s = Number(`${seconds}.${micros}`);
    // A file's time is that of the kernel's last tick.
    expect(first_s).toBeGreaterThan(since_s - 0.1);
    expect(first_s + Number(apart)).toBeLessThanOrEqual(Date.now() / 1000 + 0.001);
  });

  test.skipIf(missing)(`no other stat is taken for it${needs}`, () => {
    for (const body of [
      // GNU's, for which -f asks of the file system.
      `exec ${gnu} "$@"`,
      "echo 1795819773",
      "echo 1795819773.7227",
      "echo 0.722749000",
      "echo 1.2.345678",
      "exit 1",
    ]) {
      stat(body);
      expect({ body, chosen: printed(`${chosen} 2>&1`) }).toEqual({ body, chosen: "no\n" });
    }
  });
});
