// The commands of all pages, run by an installed package: test/lab/pages.test.ts under the rules of `npm test`.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Where the pages are. */
const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Runs the pages with the package in the folder `packageFolder`.
 * @throws where a command does not what its page says; with CI set, where one is skipped, too
 * @returns {{ counts: string; skipped: string[] }} the last line, and a line for each command that is skipped
 */
export function runPages(/** @type {string} */ packageFolder) {
  const words = ["test/run.mjs", "test/lab/pages.test.ts"];
  const env = { ...process.env, PAGES_PACKAGE: packageFolder };
  // Standard error comes as it is said: no end of this takes under a minute.
  const { status, stdout, error } = spawnSync(process.execPath, words, {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`exit status ${status}\n${stdout}`);
  const lines = stdout.trimEnd().split("\n");
  return { counts: lines.at(-1) ?? "", skipped: lines.filter((line) => line.startsWith("skipped: ")) };
}
