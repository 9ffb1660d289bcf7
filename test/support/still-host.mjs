// A stand-in for a host that nobody else uses: below these words, /proc/stat stands still. Otherwise a single tick that the
// hypervisor takes from this computer leaves the only run of a command out of its table, whenever it pleases.
//
// It holds for this machine (`local`). The sandbox's machines have a /proc of their own, and what disturbs them is seen there.
// Only root may mount: for another user the computer is as it is.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const mounted = '"$0" --bind "$1" /proc/stat && shift && exec "$@"';

/** The path of `program`: a command's own PATH may lead to nothing. @param {string} program */
const pathOf = (program) => spawnSync("sh", ["-c", `command -v ${program}`], { encoding: "utf8" }).stdout.trim();

/** @returns {readonly string[]} */
function makeStill() {
  // Within `npm test`, which is on such a host as a whole, there is nothing left to do.
  if (mounts().includes(" /proc/stat ")) return [];
  const folder = mkdtempSync(join(tmpdir(), "tt-still-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "stat");
  try {
    writeFileSync(file, readFileSync("/proc/stat"));
  } catch {
    return [];
  }
  const [command, ...others] = [pathOf("unshare"), "--mount", "/bin/sh", "-c", mounted, pathOf("mount"), file];
  return spawnSync(command, [...others, "true"], { stdio: "ignore" }).status === 0 ? [command, ...others] : [];
}

/** What is mounted where this process is; empty where the system does not say. */
function mounts() {
  try {
    return readFileSync("/proc/self/mounts", "utf8");
  } catch {
    return "";
  }
}

/** @type {readonly string[] | undefined} */
let still;

/** Returns the words of a command that is run on a still host: `words` behind those that make it so, where that is allowed. */
export function onStillHost(/** @type {readonly string[]} */ command) {
  still ??= makeStill();
  return [...still, ...command];
}
