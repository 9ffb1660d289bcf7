// The pages of the repository: what a reader is shown as Markdown.

import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

const root = dirname(dirname(import.meta.dirname));

/** Paths of the files below `folder`, from the root. */
export function filesBelow(folder: string, depth = 9): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = join(folder, name);
    const isFolder = statSync(join(root, path)).isDirectory();
    return !isFolder ? [path] : depth === 0 || name === "node_modules" ? [] : filesBelow(path, depth - 1);
  });
}

/** From the root. */
export const pages: readonly string[] = [
  ...filesBelow("", 0),
  ...["docs", "suites", "remote", "examples", ".github"].flatMap((folder) => filesBelow(folder)),
].filter((path) => path.endsWith(".md"));
