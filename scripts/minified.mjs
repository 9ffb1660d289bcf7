// Written code, once more and shorter: rolldown's minifier gives names that repeat from file to file, which compress better
// than esbuild's.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { minifySync } from "rolldown/utils";

/** Minifies the scripts of CommonJS in `folder`, in place. `target`: the oldest Node that is to run them. @throws Error where one cannot be read */
export async function minifyScripts(folder, target) {
  for (const name of await readdir(folder)) {
    if (!name.endsWith(".js")) continue;
    const path = join(folder, name);
    // By its name it knows that a file is CommonJS, whose outermost names are its own.
    const { code, errors } = minifySync(name.replace(/js$/, "cjs"), await readFile(path, "utf8"), {
      compress: { target },
      mangle: { toplevel: true },
    });
    if (errors.length > 0) throw new Error(`${path}: ${errors.map(({ message }) => message).join("; ")}`);
    await writeFile(path, code);
  }
}
