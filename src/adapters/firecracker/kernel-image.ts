// Checks a guest kernel's ELF header: Firecracker reports its faults too late, or not at all.
//
// Firecracker 1.12 and later enters a kernel by its PVH note, and a kernel without one at its ELF entry point in 64-bit
// mode, without an error: FreeBSD then says nothing for ever. Source: the Xen ELF note XEN_ELFNOTE_PHYS32_ENTRY (type 18).

import { open } from "node:fs/promises";
import { TimetrialError } from "../../domain/errors.ts";

export interface KernelImage {
  readonly hasPvhNote: boolean;
}

const noteSegment = 4;
const phys32Entry = 18;

/** The kernel in `path`. @throws TimetrialError REFUSED where it is no 64-bit ELF file, or cut short */
export async function readKernelImage(path: string): Promise<KernelImage> {
  const file = await open(path, "r").catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === "ENOENT" ? "it is not there" : `cannot be opened (${cause.code ?? cause.message})`;
    throw new TimetrialError("REFUSED", `kernel ${path}: ${why}`, { cause });
  });
  try {
    const status = await file.stat();
    if (!status.isFile()) throw refused(path, "a file", status.isDirectory() ? "a folder" : "something else");
    const read = async (position: number, length: number): Promise<Buffer> => {
      if (position + length > status.size)
        throw refused(path, "a whole kernel", `a file cut short at ${status.size} bytes`);
      const bytes = Buffer.alloc(length);
      await file.read(bytes, 0, length, position);
      return bytes;
    };
    if (status.size < 64) throw refused(path, "an ELF kernel", `a file of ${status.size} bytes`);
    const head = await read(0, 64);
    if (head.readUInt32BE(0) !== 0x7f454c46) throw refused(path, "an ELF kernel (vmlinux)", kindOf(head));
    if (head[4] !== 2) throw refused(path, "a 64-bit ELF kernel", "a 32-bit one");
    return { hasPvhNote: await hasPvhNote(head, read) };
  } finally {
    await file.close();
  }
}

type Read = (position: number, length: number) => Promise<Buffer>;

/** Looks at every segment: one that lies beyond the file's end is an error. */
async function hasPvhNote(head: Buffer, read: Read): Promise<boolean> {
  const [from, size, count] = [Number(head.readBigUInt64LE(32)), head.readUInt16LE(54), head.readUInt16LE(56)];
  let found = false;
  for (let i = 0; i < count; i++) {
    const segment = await read(from + i * size, 56);
    const [offset, length] = [Number(segment.readBigUInt64LE(8)), Number(segment.readBigUInt64LE(32))];
    if (length > 0) await read(offset + length - 1, 1);
    if (segment.readUInt32LE(0) === noteSegment) found ||= hasXenNote(await read(offset, Math.min(length, 65_536)));
  }
  return found;
}

function hasXenNote(notes: Buffer): boolean {
  for (let at = 0; at + 12 <= notes.length;) {
    const [nameSize, size, type] = [notes.readUInt32LE(at), notes.readUInt32LE(at + 4), notes.readUInt32LE(at + 8)];
    const name = notes.subarray(at + 12, at + 12 + nameSize).toString("latin1");
    if (type === phys32Entry && name === "Xen\0") return true;
    at += 12 + align4(nameSize) + align4(size);
  }
  return false;
}

function align4(size: number): number {
  return Math.ceil(size / 4) * 4;
}

function kindOf(head: Buffer): string {
  if (head.subarray(0, 2).toString("latin1") === "MZ") return "a compressed one (bzImage)";
  if (head.readUInt16BE(0) === 0x1f8b) return "a gzip file";
  return head.every((byte) => byte >= 9 && byte < 127) ? "text" : "another file";
}

function refused(path: string, expected: string, got: string): TimetrialError {
  return new TimetrialError("REFUSED", `kernel ${path}: expected ${expected}, got ${got}`, {
    hint: "a distribution's vmlinuz is unpacked by extract-vmlinux; FreeBSD's is freebsd-kern.bin of make -C release firecracker",
  });
}
