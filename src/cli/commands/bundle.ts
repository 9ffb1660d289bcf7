// `bundle`: packs a stored run into one file that `report` and `verify` can read anywhere.

import { print } from "../output/terminal.ts";
import { printableLines } from "../../domain/printable.ts";
import { findRun } from "../output/results-root.ts";
import { writeFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { TimetrialError } from "../../domain/errors.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import { bundle } from "../../pipeline/archive/bundle.ts";
import { sha256 } from "../../pipeline/archive/archive.ts";
import { openRunFolder } from "../wiring.ts";

export interface BundleOptions {
  readonly out?: string;
  readonly results: string;
}

export async function bundleCommand(named: string, options: BundleOptions): Promise<number> {
  const run = await findRun(named, options.results);
  const folder = await openRunFolder(options.results, run);
  const files = await folder.bytes();
  const bytes = bundle(files);
  const out = options.out ?? `${basename(resolve(folder.path))}.tar.gz`;
  try {
    // An existing file is never overwritten: it may be the only copy.
    await writeFile(out, bytes, { flag: "wx" });
  } catch (cause) {
    throw new TimetrialError("USAGE", `--out: cannot write ${quoteForMessage(out)}: ${(cause as Error).message}`, {
      cause,
    });
  }
  print(printableLines(`${out}: ${files.length} files, ${bytes.length} bytes, SHA-256 ${sha256(bytes)}\n`));
  return 0;
}
