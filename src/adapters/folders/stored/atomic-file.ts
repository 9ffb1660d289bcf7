// Writes files of a run: whole or not at all, never through a link, and with an error that says what to do.

import { constants } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { TimetrialError } from "../../../domain/errors.ts";

export const draftEnd = ".draft";

/**
 * Replaces `path` atomically: it holds the old text or the new one whenever the process dies.
 *
 * @throws TimetrialError RESULTS_UNWRITABLE
 */
export async function writeFileAtomic(path: string, text: string): Promise<void> {
  const draft = `${path}${draftEnd}`;
  try {
    const file = await openDraft(draft);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (cause) {
    await rm(draft, { force: true }).catch(() => {});
    throw cannotWrite(path, cause);
  }
}

async function openDraft(draft: string): Promise<FileHandle> {
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  // oxlint-disable-next-line no-bitwise -- flags of open(2)
  const create = (): Promise<FileHandle> => open(draft, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o644);
  try {
    return await create();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    // A draft of a writer that died, or a link that somebody put there.
    await rm(draft, { force: true });
    return await create();
  }
}

/** The error of a file of a run that cannot be written. */
export function cannotWrite(path: string, cause: unknown): TimetrialError {
  if (cause instanceof TimetrialError) return cause;
  return new TimetrialError("RESULTS_UNWRITABLE", `cannot write ${path}: ${systemError(cause)}`, {
    cause,
    hint: `make room or give leave to write there, then go on with: timetrial resume ${folderOfFile(path)}`,
  });
}

/** The run's folder, of a file in it or in a folder of its own. */
function folderOfFile(path: string): string {
  return path.replace(/\/(machines\/[^/]+\/|logs\/)?[^/]+$/, "");
}

/** `no space left on device (ENOSPC)`: the system's words, without the call and the path that Node adds. */
function systemError(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === undefined) return message;
  const words = /^\w+: ([^,]+)/.exec(message)?.[1] ?? "it failed";
  return `${words} (${code})`;
}
