import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ShippedFile } from "../../../src/domain/plan/suite.ts";
import { archive } from "../../../src/pipeline/archive/archive.ts";

const files: ShippedFile[] = [
  { path: "run.sh", mode: 0o755, bytes: Buffer.from("echo run\n") },
  { path: "data/a.bin", mode: 0o644, bytes: Buffer.alloc(1025, 7) },
  { path: "empty", mode: 0o644, bytes: new Uint8Array() },
];

test("tar(1) unpacks an archive to the same files, with their modes", () => {
  const folder = mkdtempSync(join(tmpdir(), "timetrial-tar-"));
  try {
    const unpacked = spawnSync("sh", ["-c", 'gzip -dc | tar -xf - -C "$1"', "sh", folder], {
      input: archive(files).bytes,
    });
    expect(unpacked.stderr.toString()).toBe("");
    for (const file of files) {
      expect(Buffer.from(readFileSync(join(folder, file.path)))).toEqual(Buffer.from(file.bytes));
      expect(statSync(join(folder, file.path)).mode & 0o777).toBe(file.mode);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the order of the files does not change the archive", () => {
  expect(archive([...files].reverse()).digest).toBe(archive(files).digest);
});

test.each(["../out", "/etc/passwd", "a//b", "", "a/./b", "x".repeat(101)])(
  "a file called %j is not shipped",
  (path) => {
    expect(() => archive([{ path, mode: 0o644, bytes: new Uint8Array() }])).toThrow(RangeError);
  },
);
