// Reads suites from folders: `suites/NAME/suite.toml` and its steps.

import { nearestName } from "../../domain/nearest-name.ts";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { TimetrialError } from "../../domain/errors.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import { type Manifest, manifestSchema, type ShippedFile, type Suite } from "../../domain/plan/suite.ts";
import type { Suites } from "../../ports/suites.ts";
import { readNamedFile, type UnreadableFile } from "./named-file.ts";
import { packageRoot } from "./package-root.ts";
import { readToml } from "./toml.ts";

const manifestName = "suite.toml";
/** More than any manifest has, and than all files of a suite have: it is shipped in parts of kilobytes. */
const mostManifest_bytes = 2 ** 20;
const mostSuite_bytes = 100_000_000;
const suiteName = /^[a-z0-9][a-z0-9._-]{0,39}$/;

/**
 * The suites in `folder`, this package's own by default.
 *
 * @example
 * import { suiteFolders } from "timetrial/adapters";
 *
 * console.log(await suiteFolders().list());
 */
export function suiteFolders(folder: string = join(packageRoot().folder, "suites")): Suites {
  return {
    list: () => list(folder),
    load: async (name) => {
      if (!suiteName.test(name) || !existsSync(join(folder, name, manifestName))) {
        throw new TimetrialError("SUITE_UNKNOWN", `there is no suite ${quoteForMessage(name)}`, {
          hint: await suiteHint(name, await list(folder)),
        });
      }
      const suite = await loadSuite(join(folder, name), `suites/${name}`);
      if (suite.manifest.name !== name) {
        throw new TimetrialError(
          "SUITE_INVALID",
          `suites/${name}/${manifestName}: name: expected "${name}", as its folder, got ${quoteForMessage(suite.manifest.name)}`,
        );
      }
      return suite;
    },
    agent: async () =>
      listShippedFiles(join(packageRoot().folder, "remote")).filter(({ path }) => !path.endsWith(".md")),
  };
}

/** What was perhaps meant: a folder here, a suite of nearly that name, or a command. */
async function suiteHint(name: string, known: readonly string[]): Promise<string> {
  const here = await lstat(join(name, manifestName)).then((found) => found.isFile(), () => false); // prettier-ignore
  if (here) return `a suite of your own is written with its folder: ./${name}`;
  const near = nearestName(name, known);
  if (near !== undefined) return `did you mean ${near}?`;
  return `there is ${known.join(", ")}; a command of your own stands behind --: timetrial run -- ${name}`;
}

/**
 * The suite whose manifest and steps are in `folder`, which errors call `shown`.
 *
 * @throws TimetrialError SUITE_UNKNOWN where there is no manifest, SUITE_INVALID
 */
export async function loadSuite(folder: string, shown: string): Promise<Suite> {
  const manifest = readManifest(await manifestText(folder, shown), `${shown}/${manifestName}`);
  const files = listShippedFiles(folder);
  for (const step of ["run.sh", "check.sh"]) {
    if (!files.some((file) => file.path === step))
      throw new TimetrialError("SUITE_INVALID", `${shown}: there is no ${step}`);
  }
  return { manifest, files: [...files, ...(await bundledWithSuite(folder, manifest, shown))] };
}

/** Files that the suite in `folder` is shipped with beside its own. @throws TimetrialError SUITE_INVALID */
export async function bundledWithSuite(folder: string, { bundle }: Manifest, shown: string): Promise<ShippedFile[]> {
  const ours = join(packageRoot().folder, "suites");
  const bundled = await Promise.all(
    bundle.map(
      async (pack) =>
        (await filesOfFolder(dirname(resolve(folder)), pack)) ??
        (await filesOfFolder(ours, pack)) ??
        npmPackageFiles(pack, shown),
    ),
  );
  return bundled.flat();
}

/** @throws TimetrialError SUITE_UNKNOWN where there is none; SUITE_INVALID where it is no plain file of a manifest's size */
export async function manifestText(folder: string, shown: string): Promise<string> {
  try {
    return (await readNamedFile(join(folder, manifestName), mostManifest_bytes, "refuse")).toString();
  } catch (cause) {
    const { code, message } = cause as UnreadableFile;
    if (code === "ENOTPLAIN" || code === "EFBIG")
      throw new TimetrialError("SUITE_INVALID", `${shown}/${manifestName}: ${message}`, { cause });
    throw new TimetrialError(
      "SUITE_UNKNOWN",
      `there is no suite in ${quoteForMessage(shown)}: it has no ${manifestName}`,
      {
        cause,
        hint: "a suite is a folder of suite.toml, setup.sh, run.sh and check.sh; suites/README.md shows how one is made",
      },
    );
  }
}

/** The files of the folder `name` beside the suite's. Undefined where there is none. */
async function filesOfFolder(folder: string, name: string): Promise<ShippedFile[] | undefined> {
  const entries = await readdir(folder, { withFileTypes: true });
  if (!entries.some((entry) => entry.isDirectory() && entry.name === name)) return undefined;
  return listShippedFiles(join(folder, name)).map((file) => ({ ...file, path: `${name}/${file.path}` }));
}

/** The files of the npm package `name`, which the build left in dist/npm/. @throws TimetrialError SUITE_INVALID where it did not */
function npmPackageFiles(name: string, suite: string): ShippedFile[] {
  const folder = join(packageRoot().folder, "dist", "npm", name);
  if (!existsSync(folder))
    throw new TimetrialError("SUITE_INVALID", `${suite}: bundle: package ${name} is not installed`, {
      hint: "expected the name of a folder beside the suite, or of what timetrial brings: lib, tinybench",
    });
  return listShippedFiles(folder).map((file) => ({ ...file, path: `node_modules/${name}/${file.path}` }));
}

async function list(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names: string[] = [];
  for (const entry of entries.filter((found) => found.isDirectory() && suiteName.test(found.name))) {
    const files = await readdir(join(folder, entry.name));
    if (files.includes(manifestName)) names.push(entry.name);
  }
  return names.sort();
}

/**
 * Parses `text` as a manifest.
 *
 * @throws TimetrialError SUITE_INVALID with `file`, the line, the path in it and the value found.
 */
export function readManifest(text: string, file: string): Manifest {
  return readToml(manifestSchema, { text, file, code: "SUITE_INVALID" });
}

/**
 * All files below `folder`, as they are shipped. Links are refused: they could lead out of it.
 *
 * Synchronous: for some thirty small files the thread pool would cost more than the reads.
 */
export function listShippedFiles(folder: string, below = "", room = { bytes: mostSuite_bytes }): ShippedFile[] {
  const entries = readdirSync(`${folder}/${below}`, { withFileTypes: true });
  const files: ShippedFile[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.name.startsWith(".") || entry.name === "__pycache__") continue;
    if (entry.isDirectory()) files.push(...listShippedFiles(folder, path, room));
    else if (entry.isFile()) {
      room.bytes -= statSync(`${folder}/${path}`).size;
      if (room.bytes < 0)
        throw new TimetrialError("SUITE_INVALID", `${path}: expected at most ${mostSuite_bytes} bytes in all files`);
      files.push({ path, mode: path.endsWith(".sh") ? 0o755 : 0o644, bytes: readFileSync(`${folder}/${path}`) });
    } else
      throw new TimetrialError("SUITE_INVALID", `${path}: expected a file or a folder, got a link or something else`);
  }
  return files;
}
