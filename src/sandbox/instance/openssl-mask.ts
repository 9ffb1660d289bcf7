// What sets family s1 apart: its machines declare an environment in which OpenSSL does not use the CPU's SHA
// instructions. The difference that a comparison then shows is measured, and its cause is real.

import { execFileSync } from "node:child_process";

/** The variable that hides the SHA extensions from OpenSSL on this host; undefined where that cannot be done. */
export function shaMaskVariable(): { readonly name: string; readonly value: string } | undefined {
  // Bit 29 of the second word's low half is SHA-NI; `~` clears it and leaves all others as they are.
  if (process.arch === "x64") return { name: "OPENSSL_ia32cap", value: ":~0x20000000" };
  if (process.arch === "arm64") return armMask();
  return undefined;
}

// OPENSSL_armcap takes no `~`: it replaces the word, so the word is read first. Bits: SHA1 3, SHA256 4, SHA512 6.
function armMask(): { name: string; value: string } | undefined {
  try {
    const capabilityLine = execFileSync("openssl", ["version", "-c"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const word = /OPENSSL_armcap=(0x[0-9a-f]+)/i.exec(capabilityLine)?.[1];
    return word === undefined ? undefined : { name: "OPENSSL_armcap", value: withoutSha(word) };
  } catch {
    return undefined;
  }
}

/** `word` (hexadecimal, with 0x) less the bits of the SHA instructions. */
export function withoutSha(word: string): string {
  return `0x${(BigInt(word) & ~0x58n).toString(16)}`;
}
