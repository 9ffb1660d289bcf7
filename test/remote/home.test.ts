// Where the agent lives on a machine: what is wrong with that folder is found when it is made, under every sh there is.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { remote, shellPath } from "../support/agent-machine.ts";

const folder = mkdtempSync(join(tmpdir(), "timetrial-home-"));
const machineEnv = join(folder, "machine.env");
const put = readFileSync(join(remote, "put.sh"), "utf8");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const words = ["-rm", "--", "sh", "-c", 'mount -t tmpfs -o "$1" none "$2" && shift 2 && exec "$@"', "mount"];
const noMounts =
  process.platform !== "linux"
    ? "Linux"
    : spawnSync("unshare", [...words, "size=1m", folder, "true"]).status === 0
      ? undefined
      : "leave to make a mount namespace";

/** Finds the home under `shell`, on a file system that is mounted there with `options` and is gone afterwards. */
function findHome(shell: string, options: string): { status: number | null; said: string } {
  const program = shellPath(shell) ?? "/nowhere";
  const call = [program, ...(shell === "busybox" ? ["sh"] : []), "-c", `${put}\ntt_home_find\nls -A "\${tt_home}"\n`];
  const { status, stdout, stderr } = spawnSync("unshare", [...words, options, join(folder, "fs"), ...call], {
    env: { ...process.env, TIMETRIAL_MACHINE_ENV: machineEnv },
    encoding: "utf8",
  });
  return { status, said: stdout + stderr };
}

describe.skipIf(noMounts !== undefined)(
  `the agent's home on a file system of its own [needs ${noMounts ?? "mounts"}]`,
  () => {
    beforeEach(() => {
      mkdirSync(join(folder, "fs"), { recursive: true });
      writeFileSync(machineEnv, `TIMETRIAL_HOME=${join(folder, "fs/home")}\n`);
    });

    describe.each(["dash", "bash", "busybox", "mksh"].filter(shellPath))("under %s", (shell) => {
      test("mounted noexec is refused, with the line that names another folder", () => {
        expect(findHome(shell, "noexec")).toEqual({
          status: 1,
          said: `timetrial: no program may be run from ${join(folder, "fs/home")}: its file system is mounted noexec; name a folder elsewhere by a line TIMETRIAL_HOME=/FOLDER in ${machineEnv}\n`,
        });
      });

      test("mounted as usual is made, with its three folders and nothing else", () => {
        expect(findHome(shell, "exec")).toEqual({ status: 0, said: "inbox\nruns\nship\n" });
      });
    });
  },
);
