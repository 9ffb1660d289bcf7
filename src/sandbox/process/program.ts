// Programs of this computer, by path: what runs on an instance may put anything first on its own PATH.

import { existsSync } from "node:fs";

const folders = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

/** The path of `name` in the system's folders; undefined where it is in none. */
export function findProgram(name: string): string | undefined {
  return folders.map((folder) => `${folder}/${name}`).find((path) => existsSync(path));
}

/** The same; a name that is not there stays as it is, so that starting it fails under its own name. */
export function program(name: string): string {
  return findProgram(name) ?? name;
}
