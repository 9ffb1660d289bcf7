// `npm run release:pack`: timetrial-VERSION.tgz, as it is published. It is what `npm pack` makes, compressed by zopfli, which looks
// longer for the shortest deflate stream than zlib does and writes the same bytes with every Node. Prints the file's name.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";

const scratch = mkdtempSync(join(tmpdir(), "tt-release-"));
try {
  console.log(releasePack());
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** Packs the repository of the working folder as built, into that folder, and returns the file's name. */
function releasePack() {
  const words = ["pack", "--ignore-scripts", "--json", "--pack-destination", scratch];
  const [{ filename }] = JSON.parse(
    execFileSync("npm", words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }),
  );
  const name = basename(filename);
  const archive = gunzipSync(readFileSync(join(scratch, name)));
  const packed = smallest(archive);
  if (!gunzipSync(packed).equals(archive)) throw new Error("what zopfli compressed is not what npm packed");
  writeFileSync(name, packed);
  return name;
}

/** `archive` as a gzip file, without a time or a name in it. */
function smallest(archive) {
  const file = join(scratch, "archive.tar");
  writeFileSync(file, archive);
  try {
    return execFileSync("zopfli", ["--i15", "-c", file], { maxBuffer: 2 * archive.length + 1024 });
  } catch (error) {
    if (error.code === "ENOENT") throw new Error("zopfli is missing: apt-get install zopfli", { cause: error });
    throw error;
  }
}
