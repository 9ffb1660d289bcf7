// Finds programs of this computer without PATH: an instance may put anything first on its own PATH.

import { existsSync } from "node:fs";

const folders = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

/** Returns the path of `name` in the system's folders; undefined where it is in none. */
export function findProgram(name: string): string | undefined {
  return folders.map((folder) => `${folder}/${name}`).find((path) => existsSync(path));
}

/** As findProgram, but returns a missing program's name unchanged, so that the error of starting it names it. */
export function program(name: string): string {
  return findProgram(name) ?? name;
}
