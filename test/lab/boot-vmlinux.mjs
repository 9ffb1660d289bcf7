// boot-vmlinux.mjs BZIMAGE OUT: the kernel within a compressed one, found by the setup header.
// Source: the Linux/x86 boot protocol, version 2.08 and later (payload_offset, payload_length).

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const [from, to] = process.argv.slice(2);
const image = readFileSync(from);
if (image.subarray(0x202, 0x206).toString() !== "HdrS") throw new Error(`${from}: expected a bzImage`);
const setup = (image[0x1f1] || 4) + 1;
const at = setup * 512 + image.readUInt32LE(0x248);
const payload = image.subarray(at, at + image.readUInt32LE(0x24c));
const kinds = {
  "02214c18": ["lz4", "-dc"],
  "28b52ffd": ["zstd", "-dc"],
  "1f8b": ["gzip", "-dc"],
  fd377a58: ["xz", "-dc"],
};
const [, words] =
  Object.entries(kinds).find(([magic]) => payload.subarray(0, 4).toString("hex").startsWith(magic)) ?? [];
if (words === undefined) throw new Error(`${from}: unknown payload ${payload.subarray(0, 6).toString("hex")}`);
let kernel;
try {
  kernel = execFileSync(words[0], words.slice(1), {
    input: payload,
    maxBuffer: 2 ** 28,
    stdio: ["pipe", "pipe", "ignore"],
  });
} catch (error) {
  // The payload ends with its own length, which lz4 takes for a broken frame after having unpacked all.
  kernel = error.stdout;
}
if (kernel?.subarray(1, 4).toString() !== "ELF") throw new Error(`${from}: no ELF within`);
writeFileSync(to, kernel);
