// Checks the tools of this machine, for `doctor`.

import { accessSync, constants, existsSync } from "node:fs";
import { delimiter } from "node:path";
import type { DoctorCheck } from "../../domain/doctor-check.ts";
import { TimetrialError } from "../../domain/errors.ts";

interface Tool {
  readonly name: string;
  readonly needed: boolean;
  /** What it is used for, and what happens without it. */
  readonly use: string;
}

const tools: readonly Tool[] = [
  { name: "sh", needed: true, use: "runs every step on the side local" },
  ...["tar", "gzip", "sed", "awk", "grep"].map((name) => ({
    name,
    needed: true,
    use: "unpacks and runs what is measured on the side local and in the sandbox",
  })),
  { name: "ssh", needed: false, use: "reaches sides by ssh: install OpenSSH's client for those" },
  { name: "cc", needed: false, use: "times the side local to the microsecond; without it python3 or sh does, coarser" },
  { name: "python3", needed: false, use: "times the side local where there is no cc" },
  { name: "shellcheck", needed: false, use: "reads the steps of your own suites for check-suite" },
];

/** The oldest Node release line that the SDK supports from `sdkEnds` on. */
const sdkNode = 22;
const sdkEnds = "January 2027";

/** Returns a check per tool. `path`: a list of folders, as PATH; `node`: a version, as process.versions.node. */
export function checkLocalTools(path: string, node: string): DoctorCheck[] {
  return [nodeCheck(node), ...tools.map((tool) => checkOf(tool, which(tool.name, path)))];
}

/**
 * Checks the tools that runs on this machine need. `path`: as PATH.
 *
 * @throws TimetrialError REFUSED if one is missing
 */
export function refuseMissingTools(path: string): void {
  const missing = tools.filter(({ name, needed }) => needed && which(name, path) === undefined).map(({ name }) => name);
  if (missing.length === 0) return;
  throw new TimetrialError(
    "REFUSED",
    `this machine has no ${missing.join(", ")}: not on PATH, and every run needs them`,
    {
      hint: "install them, or measure other machines: --on ssh:HOST",
    },
  );
}

function nodeCheck(version: string): DoctorCheck {
  const base = { name: "node", state: "ok", found: version, needed: true } as const;
  if (Number(version.split(".")[0]) >= sdkNode) return base;
  return { ...base, todo: `updates of the AWS SDK for it end in ${sdkEnds}: move to Node ${sdkNode} or later by then` };
}

function checkOf({ name, needed, use }: Tool, at: string | undefined): DoctorCheck {
  return at === undefined
    ? { name, needed, state: "missing", found: needed ? "not on PATH" : "not on PATH; not needed", todo: use }
    : { name, needed, state: "ok", found: at };
}

/**
 * Synchronous: for some sixty looks the thread pool would cost many times the looks. Nor by path.join, which takes longer than
 * a look.
 */
function which(name: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .map((folder) => `${folder || "."}/${name}`)
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  // Asked first: an error is costly to make, and most folders of PATH have no such file.
  if (!existsSync(file)) return false;
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
