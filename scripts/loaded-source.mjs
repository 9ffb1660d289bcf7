// TypeScript of ours for a script to run.

import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { built } from "../esbuild.options.mjs";

/**
 * Returns what `use` makes of the module `contents`, whose imports start from the working folder. It is built as the product
 * is, but without the packages, and what it imports dynamically is loaded when it does: the AWS SDK, in most cases never.
 */
export async function withSource(contents, use) {
  // Below node_modules, where the packages are found.
  const folder = mkdtempSync(join(process.cwd(), "node_modules", ".source-"));
  try {
    const stdin = { contents, resolveDir: process.cwd(), loader: "ts" };
    const outExtension = { ".js": ".mjs" };
    await build({
      ...built,
      stdin,
      outdir: folder,
      outExtension,
      splitting: true,
      minify: false,
      packages: "external",
    });
    return await use(await import(pathToFileURL(join(folder, "stdin.mjs")).href));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
