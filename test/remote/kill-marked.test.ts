// Processes of a step are found by a variable in their environment, whatever grep(1) the machine has.

import { spawn } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { alive, Machine, remote, shellPath } from "../support/agent-machine.ts";
import { until } from "../support/until.ts";

for (const tool of ["grep", "busybox"]) {
  const missing = shellPath(tool) === undefined;
  test.skipIf(missing)(`a process is ended by its mark alone, by the grep of ${tool} [needs ${tool}]`, async () => {
    await using machine = new Machine("sh", "times");
    const bin = join(machine.folder, "tools");
    mkdirSync(bin);
    symlinkSync(shellPath(tool) ?? "", join(bin, "grep"));
    // Signs that mean something in a pattern.
    const step = join(machine.folder, "a.b[c]*^$", "step");
    const started = (mark: string) =>
      // Not the first variable: busybox's grep -F looks no further than that.
      spawn("sleep", ["300"], { stdio: "ignore", env: { PATH: process.env["PATH"], FIRST: "1", TT_STEP_DIR: mark } });
    const [ours, below] = [started(step), started(join(step, "below"))];
    const other = started(step.replace("a.b", "axb"));
    try {
      const script = `PATH="$1:$PATH"; . "$0/host.sh"; host_kill_marked "$2"; echo "$tt_killed"`;
      const said = await machine.sh(["-c", script, remote, bin, step]);
      expect(said).toMatchObject({ status: 0, out: "2\n" });
      await until(() => !alive(ours.pid ?? 0) && !alive(below.pid ?? 0));
      expect(alive(other.pid ?? 0)).toBe(true);
    } finally {
      for (const child of [ours, below, other]) child.kill("SIGKILL");
    }
  });
}
