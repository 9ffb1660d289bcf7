// What the tests of suites/hashes share: what is known of the four hashes, and which drivers this machine has.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { Machine, output, which } from "./suite-steps.ts";

export const suiteFolder = join(import.meta.dirname, "../../suites/hashes");

export const rows = ["md5", "sha1", "sha256", "sha512"] as const;
export type Row = (typeof rows)[number];
/** Of one context of 10000 blocks. */
export const digests: Readonly<Record<Row, string>> = {
  md5: "52e5f9c9e6f656f3e1800dfa5579d089",
  sha1: "74a57b897cc581defa5b3a359fa762a1b83a60e8",
  sha256: "7e287e4ab76f3f9cf4a7ac79e79ae63fa3e8fd832ca2262ee99a739cd5ee54c9",
  sha512:
    "d9254cd7fdececf9046fefcf6cf1d84b1637147f521f860f93a7b011a99d55ad" +
    "2b2cf7332e318430f031a7ccd04953e6c870b6a05f215d603f86718294a39ce1",
};
/** Of one context of 100000 blocks. */
export const articleDigests: Readonly<Record<Row, string>> = {
  md5: "766a2bb5d24bddae466c572bcabca3ee",
  sha1: "02522491d7a8253fcab708560acfa84b2fb7ef1c",
  sha256: "3f7daf2b36997b6eb269f63176e09fee8f6daa13202d87e020da63d262c6a4ca",
  sha512:
    "65898ddd069bab932fca2bf7923dd28d074789d3617904e68e0017a6b7dfa2c6" +
    "54e673c5eab502dd6930b6aef5fe36e126698e73822e0092c25c489f456079a2",
};

export const cc = ["cc", "gcc", "clang"].find((compiler) => which(compiler) !== undefined);
export const headers =
  cc !== undefined &&
  spawnSync(cc, ["-fsyntax-only", "-x", "c", "-"], { input: "#include <openssl/evp.h>\n" }).status === 0;
export const python = output("python3", "-c", "import sys, _hashlib; print(sys.executable)");
const x86Words = /=0x[0-9a-f]*:0x[0-9a-f]*([0-9a-f])[0-9a-f]{7}$/.exec(output("openssl", "version", "-c") ?? "");
export const shaNi = x86Words?.[1] !== undefined && (Number.parseInt(x86Words[1], 16) & 2) !== 0;

/** The drivers of openssl-evp. */
export const available = [
  { impl: "openssl-evp", driver: "c", needs: "libcrypto headers", there: headers },
  { impl: "openssl-evp", driver: "python", needs: "python3", there: python !== undefined },
  { impl: "openssl-evp", driver: "node", needs: "node", there: true },
];

export function newMachine(...given: Tail<ConstructorParameters<typeof Machine>>): Machine {
  return new Machine(suiteFolder, ...given);
}

type Tail<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : [];
