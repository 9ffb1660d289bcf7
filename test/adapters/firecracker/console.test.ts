// What a guest's console tells of its end, and which of its lines an error shows.

import { expect, test } from "vitest";
import { GuestConsole, guestBootTime_s } from "../../../src/adapters/firecracker/console.ts";
import { systemClock } from "../../../src/adapters/system/clock.ts";

function consoleOf(text: string): GuestConsole {
  const console = new GuestConsole(systemClock);
  console.add(Buffer.from(text));
  return console;
}

const before = Array.from({ length: 40 }, (_, i) => `[    0.${100 + i}] driver ${i} is up\r\n`).join("");
const trace = Array.from({ length: 30 }, (_, i) => `[    1.${100 + i}]  function_${i}+0x10/0x20\r\n`).join("");

test("of a Linux that panics the panic's own line is shown, however long its backtrace", () => {
  const console = consoleOf(
    `${before}[    1.0] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\r\n${trace}`,
  );
  expect(console.death(false)).toBe("the guest's kernel panicked");
  expect(console.lastLines()).toBe(
    "[    1.0] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0) | " +
      "[    1.100]  function_0+0x10/0x20 | [    1.101]  function_1+0x10/0x20 | " +
      "[    1.102]  function_2+0x10/0x20 | [    1.103]  function_3+0x10/0x20",
  );
});

test("of a FreeBSD that panics the panic's own line is shown, and of its MP table what to do", () => {
  const stack = Array.from({ length: 12 }, (_, i) => `#${i} function_${i}+0x20\n`).join("");
  const page = consoleOf(`${before}panic: page fault\ncpuid = 0\ntime = 1\nKDB: stack backtrace:\n${stack}`);
  expect(page.death(false)).toBe("the guest's kernel panicked");
  expect(page.lastLines()).toBe(
    "panic: page fault | cpuid = 0 | time = 1 | KDB: stack backtrace: | #0 function_0+0x20",
  );
  const table = consoleOf(
    `---<<BOOT>>---\npanic: mptable_walk_table: Unknown MP Config Entry 68\n\ncpuid = 0\ntime = 1\nKDB: stack backtrace:\n${stack}KDB: enter: panic\n`,
  );
  expect(table.death(false)).toMatch(/does not take Firecracker's MP table .*patch .*docs\/firecracker\.md/);
  expect(table.lastLines()).toMatch(/^panic: mptable_walk_table: Unknown MP Config Entry 68 \| cpuid = 0 \| /);
});

test("of a panic that few lines follow, the lines before it are shown as well", () => {
  expect(consoleOf(`${before}panic: no init\nUptime: 1s\n`).lastLines(4)).toBe(
    "[    0.138] driver 38 is up | [    0.139] driver 39 is up | panic: no init | Uptime: 1s",
  );
});

test("without a panic the last lines are shown, without what would steer a terminal", () => {
  const told = consoleOf(`${before}\u001b[31mlogin:\u001b[0m \r\n\r\n`).lastLines(2);
  expect(told).toMatch(/^\[ {4}0\.139\] driver 39 is up \| .*login:/);
  expect(told).not.toContain("\u001b");
  expect(consoleOf("").lastLines()).toBe("");
});

for (const [words, means] of [
  ["[    2.0] reboot: Restarting system\n", "the guest rebooted"],
  ["Rebooting...\n", "the guest rebooted"],
  ["[    2.0] reboot: System halted\n", "the guest halted"],
  ["The operating system has halted.\n", "the guest halted"],
] as const)
  test(`a guest that says "${words.trim()}" is told by it`, () => {
    expect(consoleOf(words).death(false)).toBe(means);
  });

test("a line that is still on its way is no end while the VMM runs, and is one afterwards", () => {
  const console = consoleOf("panic: page fau");
  expect(console.death(false)).toBeUndefined();
  expect(console.death(true)).toBe("the guest's kernel panicked");
});

test("the guest's own boot time is read out of Firecracker's log, and is absent where it is not there (point 11)", () => {
  const line = "2026-11-27T10:00:00.1 [fc:main] Guest-boot-time =  13006 us 13 ms,   3532 CPU us 3 CPU ms\n";
  expect(guestBootTime_s(`Running Firecracker v1.12.1\n${line}`)).toBe(0.013006);
  expect(guestBootTime_s("Running Firecracker v1.12.1\n")).toBeUndefined();
});
