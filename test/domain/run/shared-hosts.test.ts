import { expect, test } from "vitest";
import { sharedHostIds } from "../../../src/domain/run/shared-hosts.ts";
import { emulatorOf } from "../../../src/domain/run/machine.ts";

const said = (boot_id: string, host_id = boot_id, board_id?: string) => ({
  boot_id,
  host_id,
  ...(board_id === undefined ? {} : { board_id }),
});

test("machines of which nothing agrees are on hosts of their own", () => {
  expect(sharedHostIds([said("a"), said("b", "b", "board 1"), said("c", "c", "board 2")])).toEqual(["a", "b", "c"]);
});

test("two containers on one kernel share a host", () => {
  expect(sharedHostIds([said("a"), said("b"), said("a")])).toEqual(["a", "b", "a"]);
});

test("a guest that declares its host's boot id shares it", () => {
  expect(sharedHostIds([said("host"), said("guest", "host")])).toEqual(["host", "host"]);
  expect(sharedHostIds([said("guest", "host"), said("host")])).toEqual(["host", "host"]);
});

test("guests of which each declares the same rack share it", () => {
  expect(sharedHostIds([said("a", "rack 7"), said("b", "rack 8"), said("c", "rack 7")])).toEqual([
    "rack 7",
    "rack 8",
    "rack 7",
  ]);
});

test("a container that is shown a boot id of its own is found by its board, and so are all that share with it", () => {
  expect(sharedHostIds([said("a"), said("fake", "fake", "board"), said("a", "a", "board"), said("b")])).toEqual([
    "a",
    "a",
    "a",
    "b",
  ]);
});

test("one that declares its host still shares its kernel with one that does not", () => {
  expect(sharedHostIds([said("a", "rack 7"), said("a")])).toEqual(["rack 7", "rack 7"]);
});

test("only what shows it is taken for emulated", () => {
  const of = (env: Record<string, string>, cpu_model?: string) =>
    emulatorOf({ machine_env: env, ...(cpu_model === undefined ? {} : { cpu_model }) });
  expect(of({ TIMETRIAL_EMULATED: "qemu-tcg" })).toBe("qemu-tcg");
  expect(of({ TIMETRIAL_EMULATED: "\u001b[31mred" })).toBe("?[31mred");
  expect(of({}, "QEMU TCG CPU version 2.5+")).toBe("qemu-tcg");
  expect(of({}, "implementer 0x00 part 0x051")).toBe("qemu-tcg");
  // Under a hypervisor these run on the real processor.
  expect(of({}, "QEMU Virtual CPU version 2.5+")).toBeUndefined();
  expect(of({}, "implementer 0x41 part 0xd0c")).toBeUndefined();
  expect(of({ TIMETRIAL_EMULATED: "0" })).toBeUndefined();
});
