// Which files of tests can start a process: those that import node:child_process, execa or esbuild, themselves or through what
// they import. The rest is `npm run test:quick`.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

const starters = new Set(["node:child_process", "execa", "esbuild"]);

/** The modules that `path` imports at run time, statically or by `import()`: paths of files as they are, else names. */
function importsOf(path) {
  const code = readFileSync(path, "utf8")
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/^\s*\/\/.*$/gm, "");
  const named = [
    ...code.matchAll(/(?:^|\n)\s*(?:import|export)\s(?!type\b)[^;]*?from\s+"([^"]+)"/g),
    ...code.matchAll(/(?:^|\n)\s*import\s+"([^"]+)"/g),
    ...code.matchAll(/(?<!typeof )import\(\s*"([^"]+)"\s*\)/g),
  ];
  return named.map(([, name]) => (name.startsWith(".") ? normalize(join(dirname(path), name)) : name));
}

/** The way from `path` to a module that starts processes: the paths in between and its name; undefined where there is none. */
function wayToProcesses(path, seen = new Set()) {
  seen.add(path);
  for (const name of importsOf(path)) {
    if (starters.has(name)) return [path, name];
    if (seen.has(name) || !existsSync(name)) continue;
    const rest = wayToProcesses(name, seen);
    if (rest !== undefined) return [path, ...rest];
  }
  return undefined;
}

/** Files of tests below `folder` that can start no process. Relative to the working folder. */
export function quickTests(folder = "test") {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return quickTests(path);
    return path.endsWith(".test.ts") && wayToProcesses(path) === undefined ? [path] : [];
  });
}
