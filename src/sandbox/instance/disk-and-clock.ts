// Faults of an instance's disk and clock: the disk fills, the clock jumps. Only the instance is affected, never this
// computer.

import { chmodSync, closeSync, openSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { InstanceFolder } from "./instance-folder.ts";
import type { ProcessTree } from "../process/process-tree.ts";

/** A small file system over the agent's home, in the instance's own mount namespace. Returns whether the computer allowed it. */
export async function fillDisk(tree: ProcessTree, folder: InstanceFolder): Promise<boolean> {
  if (tree.isolation !== "namespace" || process.getuid?.() !== 0) return false;
  const log = openSync(folder.console, "a");
  const over = ["-t", "tmpfs", "-o", "size=192k,mode=0700", "tmpfs", join(folder.path, "home")];
  try {
    const job = tree.start({
      // By its path: the instance's own mount is a stand-in.
      argv: ["/bin/mount", ...over],
      cwd: folder.home,
      env: folder.env,
      stdout: log,
      stderr: log,
      isOwn: true,
    });
    return (await job.ended).exitCode === 0;
  } finally {
    closeSync(log);
  }
}

/**
 * Gives the instance a date(1) of its own, from its beginning on: a shell that has found one goes on using it. It tells
 * a time `seconds` ahead of this computer's, until `setFakeClock`. Needs GNU's date below it.
 */
export function installFakeClock(folder: InstanceFolder, seconds: number): void {
  const script = `#!/bin/sh
# Stand-in for date(1) on an instance of timetrial's sandbox whose clock is not this computer's.
for real in /bin/date /usr/bin/date; do [ -x "$real" ] && break; done
[ -r '${offsetFile(folder)}' ] || exec "$real" "$@"
read -r offset <'${offsetFile(folder)}'
now=$("$real" +%s.%N)
exec "$real" -d "@$((\${now%%.*} + offset)).\${now#*.}" "$@"
`;
  const path = join(folder.path, "bin", "date");
  writeFileSync(path, script, { mode: 0o755 });
  chmodSync(path, 0o755);
  if (seconds !== 0) setFakeClock(folder, seconds);
}

/** From now on the instance's date(1) tells a time `seconds` ahead of this computer's. */
export function setFakeClock(folder: InstanceFolder, seconds: number): void {
  const fresh = `${offsetFile(folder)}.new`;
  writeFileSync(fresh, `${Math.trunc(seconds)}\n`);
  renameSync(fresh, offsetFile(folder));
}

function offsetFile(folder: InstanceFolder): string {
  return join(folder.path, "clock");
}
