// The folder that the user ships with his command, read as it is; and the static steps of such commands.

import { lstat, readdir, readFile, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import ignore, { type Ignore } from "ignore";
import { defined } from "../../domain/defined.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import type { ShippedFile } from "../../domain/plan/suite.ts";
import { packageRoot } from "./package-root.ts";

/** No more than this is read: it would not go into 1 MB. Bytes. */
const most = 100_000_000;

export async function commandSteps(): Promise<ShippedFile[]> {
  return await readUpload(join(packageRoot().folder, "suites", "command"), { ignored: true });
}

export interface UploadOptions {
  /** Whether what a .gitignore names is shipped, too. */
  readonly ignored?: boolean | undefined;
  /** The folder of results, which is never shipped: each run would ship another. */
  readonly results?: string | undefined;
}

/** The rules of one .gitignore, for paths relative to its folder. */
interface Rules {
  readonly below: string;
  readonly rules: Ignore;
}

/**
 * All files below `folder`, hidden ones too, sorted, and its empty folders; without what is not the work: `.git`, the
 * results, and what its .gitignore files name. A link within it is shipped as what it leads to.
 *
 * @throws TimetrialError USAGE where `folder` is none, holds nothing, a link out of it, or neither file nor folder.
 */
export async function readUpload(folder: string, options: UploadOptions = {}): Promise<ShippedFile[]> {
  let root: string;
  try {
    root = await realpath(folder);
    await readdir(root);
  } catch (cause) {
    throw new TimetrialError(
      "USAGE",
      `--upload: expected a folder, got ${quoteForMessage(folder)}: ${(cause as NodeJS.ErrnoException).code ?? "unreadable"}`,
      { cause },
    );
  }
  const results = options.results === undefined ? undefined : await realpath(options.results).catch(() => undefined);
  const files: ShippedFile[] = [];
  let size = 0;
  const walk = async (below: string, trail: readonly string[], above: readonly Rules[]): Promise<void> => {
    const raw = await readdir(join(root, below), { encoding: "buffer" });
    const rules = options.ignored === true ? [] : [...above, ...(await rulesIn(root, below))];
    let shipped = 0;
    for (const name of raw.map(fileName).toSorted()) {
      const path = below === "" ? name : `${below}/${name}`;
      if (name === ".git" || join(root, path) === results) continue;
      const isFolder = (await lstat(join(root, path))).isDirectory();
      if (isIgnored(isFolder ? `${path}/` : path, rules)) continue;
      shipped += 1;
      const real = await linkTarget(root, path);
      const found = await stat(real);
      if (found.isDirectory() && trail.includes(real)) throw refused(path, "a link to a folder that it is in");
      if (found.isDirectory()) await walk(path, [...trail, real], rules);
      else if (!found.isFile()) throw refused(path, "neither a file nor a folder");
      else {
        size += found.size;
        if (size > most) throw tooLarge(folder);
        files.push({ path, mode: found.mode & 0o100 ? 0o755 : 0o644, bytes: await readFile(real) });
      }
    }
    if (shipped === 0 && below !== "") files.push({ path: `${below}/`, mode: 0o755, bytes: new Uint8Array() });
  };
  await walk("", [root], []);
  if (!files.some(({ path }) => !path.endsWith("/")))
    throw new TimetrialError("USAGE", `--upload: there is no file in ${quoteForMessage(folder)}`);
  return files;
}

async function rulesIn(root: string, below: string): Promise<Rules[]> {
  const file = join(root, below, ".gitignore");
  const found = await lstat(file).catch(() => undefined);
  if (found?.isFile() !== true) return [];
  return [{ below: below === "" ? "" : `${below}/`, rules: ignore().add(await readFile(file, "utf8")) }];
}

/** As git has it: the last rule that matches decides, and those of a folder further down come last. */
function isIgnored(path: string, all: readonly Rules[]): boolean {
  let ignored = false;
  for (const { below, rules } of all) {
    const found = rules.test(path.slice(below.length));
    if (found.ignored) ignored = true;
    else if (found.unignored) ignored = false;
  }
  return ignored;
}

/** Where `path` below `root` leads to, links followed. @throws TimetrialError USAGE where that is not below `root` */
async function linkTarget(root: string, path: string): Promise<string> {
  let real: string;
  try {
    real = await realpath(join(root, path));
  } catch (cause) {
    throw refused(path, "a link that leads nowhere", cause);
  }
  if (real !== root && !real.startsWith(root === sep ? root : root + sep)) throw refused(path, "a link out of it");
  return real;
}

function fileName(bytes: Buffer): string {
  const name = bytes.toString();
  if (!Buffer.from(name).equals(bytes)) throw refused(name, "a name that is not UTF-8");
  return name;
}

function refused(path: string, what: string, cause?: unknown): TimetrialError {
  return new TimetrialError(
    "USAGE",
    `--upload: ${quoteForMessage(path)}: expected files of this folder only, got ${what}`,
    {
      hint: "copy what the command needs into the folder",
      ...defined({ cause }),
    },
  );
}

function tooLarge(folder: string): TimetrialError {
  return new TimetrialError(
    "REFUSED",
    `--upload ${quoteForMessage(folder)}: expected at most 1 MB packed, got over 100 MB`,
    {
      hint: "leave out what the command does not need, or fetch it on the machine: --setup 'curl -fsSLO URL'",
    },
  );
}
