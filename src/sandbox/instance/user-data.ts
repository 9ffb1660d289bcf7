// What an instance runs at its boots, as cloud-init does, with its output on the console: at the first one, once, what the
// launch gave it; at every later one what that left in the folder for it.

import { closeSync, openSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { InstanceFolder } from "./instance-folder.ts";
import type { ProcessTree } from "../process/process-tree.ts";

interface ScriptContext {
  readonly tree: ProcessTree;
  readonly folder: InstanceFolder;
  readonly say: (line: string) => void;
}

export function runUserData(userData: Buffer | undefined, context: ScriptContext): void {
  const { folder, say } = context;
  if (userData === undefined || userData.length === 0) return;
  if (userData.subarray(0, 2).toString() !== "#!") {
    say("user-data is not a script (it does not begin with #!): not run");
    return;
  }
  const path = join(folder.path, "user-data");
  writeFileSync(path, userData, { mode: 0o700 });
  run(path, "user-data", context);
}

export function runPerBootScripts(context: ScriptContext): void {
  const { perBoot } = context.folder;
  for (const name of readdirSync(perBoot).sort()) run(join(perBoot, name), name, context);
}

function run(path: string, name: string, { tree, folder, say }: ScriptContext): void {
  const log = openSync(folder.console, "a");
  const { env, home } = folder;
  const job = tree.start({ argv: [path], cwd: home, env, stdout: log, stderr: log });
  closeSync(log);
  void job.ended.then(({ exitCode, signal }) => say(`${name} ended: ${exitCode ?? signal}`));
}
