import type { ChildProcess } from "child_process";
import type { ProcessExit } from "./process-tree.ts";

/** How `child` ended; a program that could not be started counts as exit 127. */

export function exitOf(child: ChildProcess): Promise<ProcessExit> {
  return new Promise((resolve) => {
    child.once("error", () => resolve({ exitCode: 127, signal: undefined }));
    child.once("exit", (code, signal) => resolve({ exitCode: code ?? undefined, signal: signal ?? undefined }));
  });
}
