// Has V8 inline less while many records are read and analysed. That takes a second: the threads that compile took a third of
// its CPU, most of it for code that was inlined into loops which then ended soon.

import type { StoredFolder } from "../../ports/stored-folder.ts";

/** Records that take longer to read than setting an option takes. Bytes. */
const many_bytes = 4 * 2 ** 20;

/** The option is of this process: commands set it, the library does not. */
export async function limitInlining(folder: StoredFolder): Promise<void> {
  const records = folder.files().find(({ path }) => path === "records.ndjson");
  if ((records?.size ?? 0) < many_bytes) return;
  const { setFlagsFromString } = await import("node:v8");
  setFlagsFromString("--max-inlined-bytecode-size-cumulative=100");
}
