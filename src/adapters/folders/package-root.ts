// The folder and version of this package, the same from sources, from a bundle and from an installed copy.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

interface PackageRoot {
  readonly folder: string;
  readonly version: string;
}

let found: PackageRoot | undefined;

/** The folder of the package.json that bears our name, walking up from this file. */
export function packageRoot(): PackageRoot {
  found ??= search(dirname(fileURLToPath(import.meta.url)));
  return found;
}

function search(folder: string): PackageRoot {
  try {
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
      name?: string;
      version?: string;
    };
    if (manifest.name === "timetrial") return { folder, version: manifest.version ?? "0.0.0" };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const above = dirname(folder);
  if (above === folder) throw new Error("timetrial's own package.json is not above its code");
  return search(above);
}
