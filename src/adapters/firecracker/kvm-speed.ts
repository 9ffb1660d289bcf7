// Whether this computer's KVM runs guests on the CPU, or emulates them instruction by instruction: the capabilities are
// the same, the speed differs a thousandfold.
//
// Measured by a guest of 30 bytes between two bytes on its console: 300,000 turns of a loop take about a millisecond on a
// CPU, and over a second where KVM emulates.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { MicroVm } from "../../domain/microvm/microvm.ts";
import type { Clock } from "../../ports/clock.ts";
import { bootMicroVm } from "./microvm.ts";
import { microVmFolder, newMicroVmId } from "./state-folder.ts";

/** From here on it is emulation: a hundred times what the slowest CPU takes. Seconds. */
export const emulating_s = 0.1;
/** The longest that the loop is waited for. Seconds. */
const limit_s = 20;

/**
 * What runs the guests, in words, where it is not the CPU; undefined where it is, or nobody can say. `most_s`: what the loop
 * takes on a CPU at most.
 */
export async function emulatingKvm(binary: string, clock: Clock, most_s = emulating_s): Promise<string | undefined> {
  const took_s = await loopTime_s(binary, clock).catch(() => undefined);
  return took_s !== undefined && took_s > most_s ? "a KVM that emulates instructions" : undefined;
}

/** Time of 300,000 turns in a guest of `binary`'s; undefined where the guest did not come to their end. Seconds. */
export async function loopTime_s(binary: string, clock: Clock): Promise<number | undefined> {
  const id = newMicroVmId();
  const folder = await microVmFolder(id);
  const kernel = join(folder, "loop");
  const vm: MicroVm = {
    added: [],
    guest: "linux",
    binary,
    kernel,
    vcpus: 1,
    memory_mib: 16,
    smt: false,
    boot_args: "",
    ssh: { user: "root", port: 22 },
    timeout_s: limit_s,
  };
  const one = await bootMicroVm(
    {
      vm,
      id,
      folder,
      isRouted: false,
      clock,
      owner: { run: "kvm-speed", side: "kvm-speed" },
      addFiles: async () => await writeFile(kernel, loopKernel()),
    },
    AbortSignal.timeout(limit_s * 1000),
  );
  try {
    return await new Promise((resolve) => {
      const limit = setTimeout(() => resolve(undefined), limit_s * 1000);
      const look = (): void => {
        if (one.console.bytes < 2 || one.console.first_at_s === undefined) return;
        clearTimeout(limit);
        resolve(clock.monotonic_s() - one.console.first_at_s);
      };
      one.console.onText(look);
      look();
    });
  } finally {
    await one.end();
  }
}

/** An ELF64 file of one segment at 1 MiB: entered by its PVH note in 32-bit mode. */
function loopKernel(): Buffer {
  // mov dx, 0x3f8; mov al, 'A'; out dx, al; mov ecx, 300000; dec ecx; jnz; mov al, 'B'; out dx, al; mov al, 0xfe; out 0x64, al; hlt; jmp
  const code = Buffer.from("66baf803b041eeb9e0930400" + "4975fdb042eeb0fee664f4ebfd", "hex");
  const [base, textAt, noteAt] = [0x100000, 0x1000, 176];
  const file = Buffer.alloc(textAt + code.length);
  Buffer.from("7f454c46020101", "hex").copy(file);
  file.writeUInt16LE(2, 16);
  file.writeUInt16LE(62, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BigInt(base), 24);
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(64, 52);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(2, 56);
  segment(file, 64, { type: 1, flags: 7, offset: textAt, address: base, length: code.length });
  segment(file, 120, { type: 4, flags: 4, offset: noteAt, address: 0, length: 24 });
  for (const [i, word] of [4, 8, 18].entries()) file.writeUInt32LE(word, noteAt + 4 * i);
  file.write("Xen\0", noteAt + 12, "latin1");
  file.writeUInt32LE(base, noteAt + 16);
  code.copy(file, textAt);
  return file;
}

function segment(
  file: Buffer,
  at: number,
  {
    type,
    flags,
    offset,
    address,
    length,
  }: Readonly<Record<"type" | "flags" | "offset" | "address" | "length", number>>,
): void {
  file.writeUInt32LE(type, at);
  file.writeUInt32LE(flags, at + 4);
  for (const [i, value] of [offset, address, address, length, length].entries())
    file.writeBigUInt64LE(BigInt(value), at + 8 + 8 * i);
  file.writeBigUInt64LE(BigInt(type === 1 ? 0x1000 : 4), at + 48);
}
