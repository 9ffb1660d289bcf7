// Files of npm packages that a suite ships (`bundle` in its manifest), from this package's own dependencies.

import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { TimetrialError } from "../../domain/errors.ts";
import type { ShippedFile } from "../../domain/plan/suite.ts";
import { packageRoot } from "./package-root.ts";

/** Shipped files of a package: code, package.json and licence. No types, no manual. */
const shipped = /^(package\.json|LICEN[CS]E(\.\w+)?|dist\/[\w.-]+\.[cm]?js)$/;

/** The files of package `name` below node_modules/. @throws TimetrialError SUITE_INVALID where it is not installed */
export async function npmPackageFiles(name: string, suite: string): Promise<ShippedFile[]> {
  const folder = await installed(name, packageRoot().folder);
  if (folder === undefined)
    throw new TimetrialError("SUITE_INVALID", `${suite}: bundle: package ${name} is not installed`, {
      hint: "install timetrial again, with its dependencies",
    });
  const top = await readdir(folder);
  const dist = top.includes("dist") ? await readdir(join(folder, "dist")) : [];
  const paths = [...top, ...dist.map((file) => `dist/${file}`)].filter((path) => shipped.test(path)).sort();
  return await Promise.all(
    paths.map(async (path) => ({
      path: `node_modules/${name}/${path}`,
      mode: 0o644 as const,
      bytes: await readFile(join(folder, path)),
    })),
  );
}

/** The package's folder, looked up as Node does: in node_modules of `from` and of each folder above. */
async function installed(name: string, from: string): Promise<string | undefined> {
  const folder = join(from, "node_modules", name);
  try {
    await readFile(join(folder, "package.json"));
    return folder;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTDIR") throw error;
  }
  const above = dirname(from);
  return above === from ? undefined : await installed(name, above);
}
