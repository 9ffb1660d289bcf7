// Reads a file that a user or a suite names. What is no plain file is refused before it is read: a FIFO may never end, and
// a device has no end.

import { constants } from "node:fs";
import { open } from "node:fs/promises";

/** Why a file was not read; `code` as system errors have it. */
export class UnreadableFile extends Error {
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/**
 * Returns the bytes of the plain file `path`. `links`: whether the path itself may be a link.
 *
 * @throws UnreadableFile ENOTPLAIN where it is a link, a FIFO, a device or a folder, EFBIG where it has more than `most`
 * bytes, and the system's code where it cannot be opened
 */
export async function readNamedFile(path: string, most_bytes: number, links: "follow" | "refuse"): Promise<Buffer> {
  // oxlint-disable-next-line no-bitwise -- flags of open(2)
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | (links === "refuse" ? constants.O_NOFOLLOW : 0);
  const file = await open(path, flags).catch((cause: NodeJS.ErrnoException) => {
    const { code = "unknown" } = cause;
    if (code === "ELOOP" || code === "ENXIO") throw notPlain(cause);
    throw new UnreadableFile(code, `cannot be read (${code})`, cause);
  });
  try {
    const found = await file.stat();
    if (!found.isFile()) throw notPlain();
    if (found.size > most_bytes)
      throw new UnreadableFile("EFBIG", `expected at most ${most_bytes} bytes, found ${found.size}`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

function notPlain(cause?: unknown): UnreadableFile {
  return new UnreadableFile("ENOTPLAIN", "expected a plain file, found something else", cause);
}
