import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { watchPower } from "../../../src/sandbox/instance/power-requests.ts";
import { until } from "../../support/until.ts";

test("requests that wait together are heard in the order in which they were written, not of their names", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tt-power-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const heard: string[] = [];
  const stop = watchPower(folder, ({ verb }) => heard.push(verb));
  onTestFinished(stop);
  // Both are there before the event loop turns, as where the computer is busy: by pids 99 and 100.
  for (const [pid, verb] of [
    ["99", "poweroff"],
    ["100", "cancel"],
  ] as const) {
    writeFileSync(join(folder, `.new.${pid}`), `${verb}\n+5\n`);
    renameSync(join(folder, `.new.${pid}`), join(folder, `request.${pid}`));
  }
  mkdirSync(join(folder, "wake"));
  await until(() => heard.length === 2);
  expect(heard).toEqual(["poweroff", "cancel"]);
});
