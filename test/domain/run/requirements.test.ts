import { expect, test } from "vitest";
import { missingRequirements, formatBytes, requiredTools } from "../../../src/domain/run/requirements.ts";
import { aSuite, someFacts } from "../../support/given.ts";

const needs = { commands: ["zstd"], packages: ["git"], memory_bytes: 8 * 2 ** 30, disk_bytes: 2 ** 30, root: true };
const suite = aSuite({ needs });

test("a machine is asked for each command and package once", () => {
  expect(requiredTools([suite, aSuite(), suite])).toEqual(["command:zstd", "package:git"]);
});

test("a machine that has all of it lacks nothing, the kernel's own share of the memory aside", () => {
  const facts = someFacts({ memory_bytes: 7.6 * 2 ** 30, disk_free_bytes: 2 ** 30, uid: 0 });
  expect(missingRequirements(suite, facts)).toEqual([]);
});

test("everything that is missing is named, with what there is of it", () => {
  const lacks = ["command:zstd", "package:git", "command:other"];
  const facts = someFacts({ lacks, memory_bytes: 2 ** 30, disk_free_bytes: 2 ** 29, uid: 1000 });
  expect(missingRequirements(suite, facts)).toEqual([
    "command zstd",
    "package git",
    "8 GiB of memory (has 1 GiB)",
    "1 GiB of disk (has 512 MiB free)",
    "root",
  ]);
});

test("a machine of too few vCPUs is told so", () => {
  const wide = aSuite({ needs: { ...needs, commands: [], packages: [], root: false, vcpus: 16 } });
  expect(missingRequirements(wide, someFacts({ ncpu: 8 }))).toEqual(["16 vCPUs (has 8)"]);
  expect(missingRequirements(wide, someFacts({ ncpu: 16 }))).toEqual([]);
});

test("what a machine cannot tell is not held against it", () => {
  expect(missingRequirements(aSuite({ needs: { ...needs, root: false } }), someFacts())).toEqual([]);
});

test("a suite for other systems lacks a system, and nothing else is told", () => {
  expect(missingRequirements(suite, someFacts({ uname: "FreeBSD", lacks: ["command:zstd"] }))).toEqual(["linux"]);
});

test.each([
  [1, "1 MiB"],
  [1.5 * 2 ** 30, "1.5 GiB"],
  [120 * 2 ** 30, "120 GiB"],
  [1024 * 2 ** 30, "1024 GiB"],
])("%i bytes are %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));
