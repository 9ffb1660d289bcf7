// The folder that the user ships with his command, read as it is; and the static steps of such commands.

import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { TimetrialError } from "../../domain/errors.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import type { ShippedFile } from "../../domain/plan/suite.ts";
import { packageRoot } from "./package-root.ts";

/** No more than this is read: it would not go into 1 MB. Bytes. */
const most = 100_000_000;

export async function commandSteps(): Promise<ShippedFile[]> {
  return await readUpload(join(packageRoot().folder, "suites", "command"));
}

/**
 * All files below `folder`, hidden ones too, sorted. A link within it is shipped as what it leads to.
 *
 * @throws TimetrialError USAGE where `folder` is none, holds nothing, a link out of it, or neither file nor folder.
 */
export async function readUpload(folder: string): Promise<ShippedFile[]> {
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
  const files: ShippedFile[] = [];
  let size = 0;
  const walk = async (below: string, trail: readonly string[]): Promise<void> => {
    const raw = await readdir(join(root, below), { encoding: "buffer" });
    for (const name of raw.map(fileName).toSorted()) {
      const path = below === "" ? name : `${below}/${name}`;
      const real = await leadsTo(root, path);
      const found = await stat(real);
      if (found.isDirectory() && trail.includes(real)) throw refused(path, "a link to a folder that it is in");
      if (found.isDirectory()) await walk(path, [...trail, real]);
      else if (!found.isFile()) throw refused(path, "neither a file nor a folder");
      else {
        size += found.size;
        if (size > most) throw tooLarge(folder);
        files.push({ path, mode: found.mode & 0o100 ? 0o755 : 0o644, bytes: await readFile(real) });
      }
    }
  };
  await walk("", [root]);
  if (files.length === 0) throw new TimetrialError("USAGE", `--upload: there is no file in ${quoteForMessage(folder)}`);
  return files;
}

/** Where `path` below `root` leads to, links followed. @throws TimetrialError USAGE where that is not below `root` */
async function leadsTo(root: string, path: string): Promise<string> {
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
      ...(cause === undefined ? {} : { cause }),
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
