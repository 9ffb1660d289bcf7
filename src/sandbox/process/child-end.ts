// Converts the end of a child process to an exit status or a signal.

import type { ChildProcess } from "child_process";
import type { ProcessExit } from "./process-tree.ts";

/** Resolves when `child` has ended. A program that could not be started counts as exit status 127. */
export function exitOf(child: ChildProcess): Promise<ProcessExit> {
  return new Promise((resolve) => {
    child.once("error", () => resolve({ exitCode: 127, signal: undefined }));
    child.once("exit", (code, signal) => resolve({ exitCode: code ?? undefined, signal: signal ?? undefined }));
  });
}
