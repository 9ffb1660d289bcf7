// The suite linux-kernel at its smallest size, through the built command line: Debian's own sources, `usr/` and what is made
// before it, for arm64. `npm run test:kernel` runs it.

import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { totalmem } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Desk } from "../support/cli.ts";
import { type CompletedTrial, statusOfCompleted } from "../support/run-status.ts";
import { which } from "../support/suite-steps.ts";

const source = readdirSync("/usr/src").find((file) => /^linux-source-[\d.]+\.tar\.xz$/.test(file));
const tools = ["clang", "ld.lld", "llvm-objcopy", "flex", "bison", "bc", "make"];
const isReady = source !== undefined && totalmem() > 7.2 * 2 ** 30 && tools.every((tool) => which(tool) !== undefined);

/** A kernel's source without most of what a tiny one for arm64 does not compile: to unpack all of it takes longest. */
function slimKernel(tarball: string, folder: string): string {
  const top = basename(tarball, ".tar.xz");
  const sources = ["drivers", "sound", "fs", "net", "crypto", "samples"];
  const foreign = ["[b-z]*", "a[!r]*", "arc", "arm"].map((name) => `arch/${name}`);
  const unused = [...[...sources, ...foreign].map((part) => `${part}/*.[chS]`), "Documentation/*/*", "tools/[!ibs]*"];
  const patterns = [...unused, "arch/*.dts*"].map((one) => `${top}/${one}`);
  const script = 'tarball=$1; shift; xz -dc "${tarball}" | tar -f - --delete --wildcards "$@" >kernel.tar';
  execFileSync("sh", ["-c", script, "sh", tarball, ...patterns], { cwd: folder });
  return join(folder, "kernel.tar");
}

let desk: Desk;
beforeAll(() => {
  desk = new Desk(1);
});
afterAll(async () => await desk.clear());

test.skipIf(!isReady)(
  `a tiny kernel's first part is built, and its digest says so${isReady ? "" : " [needs linux-source, clang, lld, llvm, flex, bison, bc, 8 GiB]"}`,
  { timeout: 600_000 },
  async () => {
    const tarball = slimKernel(join("/usr/src", source ?? ""), desk.folder);
    const parameters = { config: "tinyconfig", part: "usr/", tarball };
    const sets = Object.entries(parameters).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
    const words = ["run", "linux-kernel", "--on", "local", "--rounds", "1", "--disposable", "--quiet", ...sets];
    const ended = await desk.run(words);
    const records = desk.lines<CompletedTrial>("records.ndjson");
    expect(ended).toMatchObject({ status: statusOfCompleted(records, 0), stderr: "" });
    // Where other work on this computer disturbed it, it was run once more.
    expect([1, 2]).toContain(records.length);
    const built = {
      status: "completed",
      check: "ok",
      real_s: expect.any(Number),
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    };
    expect(records).toEqual(records.map(() => expect.objectContaining(built)));
  },
);
