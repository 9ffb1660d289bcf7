import { describe, expect, test } from "vitest";
import { featureDifferences } from "../../../src/analysis/notes/cpu-features.ts";
import type { Facts } from "../../../src/domain/run/machine.ts";
import { someFacts } from "../../support/given.ts";

const row = { impl: "openssl-evp", instructions: ["x86_64:sha_ni", "aarch64:sha2"] };
const said = (features: string): Partial<Facts> => ({ suites: { hashes: { "features.openssl-evp": features } } });
const between = (a: Partial<Facts>, b: Partial<Facts>, about = row) =>
  featureDifferences(
    { name: "hashes" },
    about,
    { side: "a", facts: [someFacts(a)] },
    { side: "b", facts: [someFacts(b)] },
  );

describe("a difference is explained", () => {
  test("by an instruction that only one side's library has", () => {
    expect(between(said("avx2"), said("avx2,sha_ni"))).toEqual([
      { instruction: "sha_ni", on: "b", not_on: "a", masked_by: [] },
    ]);
  });

  test("by the mask that the machines of one side set, where only the kernel's flags are known", () => {
    const mask = { OPENSSL_ia32cap: ":~0x20000000" };
    expect(between({ cpu_flags: "sha_ni avx2", machine_env: mask }, { cpu_flags: "sha_ni avx2" })).toEqual([
      { instruction: "sha_ni", on: "b", not_on: "a", masked_by: ["OPENSSL_ia32cap=:~0x20000000"] },
    ]);
    const other = { OPENSSL_ia32cap: ":~0x100" };
    expect(between({ cpu_flags: "sha_ni", machine_env: other }, { cpu_flags: "sha_ni" })).toEqual([]);
  });
});

describe("nothing is claimed", () => {
  test("where both sides have it, or nothing is known", () => {
    expect(between(said("sha_ni"), said("sha_ni"))).toEqual([]);
    expect(between({}, said("sha_ni"))).toEqual([]);
  });

  test("between architectures", () => {
    expect(between({ ...said("none"), arch: "aarch64" }, said("sha_ni"))).toEqual([]);
  });

  test("of a row that names no instruction, nor of an implementation that a mask does not reach", () => {
    expect(between(said("none"), said("sha_ni"), { ...row, instructions: [] })).toEqual([]);
    const mask = { OPENSSL_ia32cap: ":~0x20000000" };
    const portable = { ...row, impl: "portable-c" };
    expect(between({ cpu_flags: "sha_ni", machine_env: mask }, { cpu_flags: "sha_ni" }, portable)).toEqual([]);
  });
});
