// One client at a time: the lock on a run's folder, with real processes.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockRun } from "../../../../src/adapters/folders/stored/run-lock.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "timetrial-hold-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const path = () => join(folder, "held-by");
const told = () => JSON.parse(readFileSync(path(), "utf8")) as Record<string, unknown>;

test("a second client is refused, and told who holds the run", async () => {
  await using _ = await held();
  await expect(lockRun(folder)).rejects.toMatchObject({
    code: "REFUSED",
    message: expect.stringContaining(`process ${process.pid} on`),
  });
});

test("what is let go of can be held again", async () => {
  await (await lockRun(folder)).release();
  expect(existsSync(path())).toBe(false);
  await (await lockRun(folder)).release();
});

test("a holder that died is set aside", async () => {
  const child = spawn("true");
  await once(child, "close");
  await (await lockRun(folder)).release();
  await using _ = await heldBy({ pid: child.pid });
  expect(told()["pid"]).toBe(process.pid);
});

test("a process that only bears the dead holder's number is no holder", async () => {
  await using _ = await heldBy({ pid: process.pid, birth: "1" });
  expect(told()["birth"]).not.toBe("1");
});

test("a holder of before the last start of this computer is none", async () => {
  await using _ = await heldBy({ boot: "another" });
  expect(told()["boot"]).not.toBe("another");
});

test("a holder on another computer is believed to live", async () => {
  await (await lockRun(folder)).release();
  writeFileSync(path(), JSON.stringify({ host: "elsewhere", boot: "b", pid: 1, birth: "1" }));
  await expect(lockRun(folder)).rejects.toMatchObject({ hint: expect.stringContaining("held-by") });
});

test("a file that says nothing is a dead holder's", async () => {
  writeFileSync(path(), "");
  await using _ = await held();
  expect(told()["pid"]).toBe(process.pid);
});

async function held() {
  const found = await lockRun(folder);
  return { [Symbol.asyncDispose]: () => found.release() };
}

/** Held by us, after a holder that differs from us by `change` was there. */
async function heldBy(change: Record<string, unknown>) {
  const before = await lockRun(folder);
  const me = told();
  await before.release();
  writeFileSync(path(), JSON.stringify({ ...me, ...change }));
  return await held();
}
