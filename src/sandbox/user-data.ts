// What the launch gave an instance to run at its first boot, run as cloud-init does: once, its output on the console.

import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { InstanceFolder } from "./instance-folder.ts";
import type { ProcessTree } from "./process-tree.ts";

export function runUserData(
  userData: Buffer | undefined,
  { tree, folder, say }: { tree: ProcessTree; folder: InstanceFolder; say: (line: string) => void },
): void {
  if (userData === undefined || userData.length === 0) return;
  if (userData.subarray(0, 2).toString() !== "#!") {
    say("user-data is not a script (it does not begin with #!): not run");
    return;
  }
  const path = join(folder.documents, "user-data");
  writeFileSync(path, userData, { mode: 0o700 });
  const log = openSync(folder.console, "a");
  const { env, home } = folder;
  const job = tree.start({ argv: [path], cwd: home, env, stdout: log, stderr: log });
  closeSync(log);
  void job.ended.then(({ exitCode, signal }) => say(`user-data ended: ${exitCode ?? signal}`));
}
