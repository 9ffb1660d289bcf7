// The client on macOS and FreeBSD: as far as a Linux can show it, by Node under their names, without /proc and /sys, and
// with programs that refuse GNU's long options and no program that Linux alone has. The programs are this computer's, but for
// those in the folder that BSD_TOOLS names, such as FreeBSD's own built for Linux.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { filesBelow } from "../support/pages.ts";
import { statusOfCompleted } from "../support/run-status.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Programs that POSIX has, and those beside it that FreeBSD and macOS have in their base systems. */
const programs =
  "awk basename cat chmod cksum cmp cp cut date dd df dirname du env expr file find fold getconf grep gzip head hostname id join kill ln logname ls mkdir mkfifo mktemp mv nice nohup od openssl paste printf ps rm rmdir sed sleep sort stat stty tail tar tee touch tr uname uniq wc who xargs";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "timetrial-systems-"));
  mkdirSync(join(folder, "bin"));
  // An agent's folder of its own: it has one run at a time.
  writeFileSync(join(folder, "machine.env"), `TIMETRIAL_HOME=${join(folder, "agent")}\n`);
  symlinkSync(found("sh"), join(folder, "bin", "sh"));
  for (const name of programs.split(" ")) {
    const path = found(name);
    if (path === "") continue;
    const refusal = `printf '%s: illegal option -- -: %s\\n' ${name} "$word" | tee -a '${folder}/refused' >&2`;
    writeFileSync(
      join(folder, "bin", name),
      `#!/bin/sh\nfor word; do case $word in --?*) ${refusal}; exit 64 ;; esac; done\nexec ${path} "$@"\n`,
      { mode: 0o755 },
    );
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The path of a program; empty where there is none. */
function found(name: string): string {
  const folders = [process.env["BSD_TOOLS"] ?? "/usr/bin", "/usr/bin", "/bin"].join(":");
  const script = 'PATH=$2 command -v -- "$1"';
  const { stdout } = spawnSync("sh", ["-c", script, "sh", name, folders], { encoding: "utf8" });
  return stdout.trim().startsWith("/") ? stdout.trim() : "";
}

async function timetrial(system: "darwin" | "freebsd" | undefined, ...words: string[]) {
  const other = `--import ${new URL("../support/other-system.mjs", import.meta.url).href}`;
  const env = {
    HOME: join(folder, "home"),
    TIMETRIAL_MACHINE_ENV: join(folder, "machine.env"),
    PATH: system === undefined ? process.env["PATH"] : join(folder, "bin"),
    ...(system === undefined ? {} : { OTHER_SYSTEM: system, NODE_OPTIONS: other }),
  };
  const child = spawn(process.execPath, [join(root, "bin/timetrial.cjs"), ...words], { cwd: folder, env });
  const [[status], stdout, stderr] = await Promise.all([once(child, "close"), text(child.stdout), text(child.stderr)]);
  return { status: status as number | null, stdout, stderr };
}

describe.skipIf(!existsSync(join(root, "dist/cli.js")))("under another system's name [needs build]", () => {
  test("macOS prints a stored run as Linux does", async () => {
    const run = join(root, "examples/two-families.tar.gz");
    const [here, there] = await Promise.all([timetrial(undefined, "report", run), timetrial("darwin", "report", run)]);
    expect(here.status).toBe(0);
    expect(there).toEqual(here);
  });

  test("macOS is refused as a machine, before anything is started", async () => {
    const { status, stderr } = await timetrial("darwin", "run", "--rounds", "2", "--", "ls");
    expect(status).toBe(4);
    expect(stderr).toContain("local runs darwin");
  });

  test("FreeBSD runs the user's own command, and no program gets an option that only GNU's has", async () => {
    const results = join(folder, "results");
    const words = ["run", "--rounds", "2", "--results", results, "--", "ls"];
    const { status, stdout, stderr } = await timetrial("freebsd", ...words);
    const [run = ""] = readdirSync(results);
    const lines = readFileSync(join(results, run, "records.ndjson"), "utf8")
      .trim()
      .split("\n");
    const records = lines.map((line) => JSON.parse(line) as Parameters<typeof statusOfCompleted>[0][number]);
    // The first round is the warm-up.
    expect([status, stderr]).toEqual([statusOfCompleted(records, 1), stderr]);
    expect(records).toEqual([
      expect.objectContaining({ status: "completed" }),
      expect.objectContaining({ status: "completed" }),
    ]);
    expect(stdout).toContain("ls");
    expect(existsSync(join(folder, "refused")) ? readFileSync(join(folder, "refused"), "utf8") : "").toBe("");
  });

  test("FreeBSD has no microVM left, and is told so", async () => {
    // Of one run that there was not: other tests' microVMs are on this computer, too.
    expect(await timetrial("freebsd", "sweep", "--local", "--run", "20260101-000000-ffff")).toEqual({
      status: 0,
      stdout: "nothing of any microVM is left on this computer\n",
      stderr: "",
    });
  });
});

test("only the adapters that are for Linux, and what does without, name its files and programs", () => {
  const linuxOnly = /\/(?:proc|sys)\/|\b(?:nsenter|unshare|setsid|systemd-run)\b|--(?:reflink|sparse)\b/;
  const forLinux = [
    // Firecracker and the sandbox say that they are, or ask what the system has.
    /^src\/adapters\/firecracker\//,
    /^src\/sandbox\//,
    // ssh to a microVM, in its network namespace.
    /^src\/adapters\/ssh\/arguments\.ts$/,
    // Each has another way where the file is absent.
    /^src\/adapters\/folders\/stored\/run-lock\.ts$/,
    /^src\/cli\/commands\/boot\.ts$/,
  ];
  const code = (path: string) => readFileSync(join(root, path), "utf8").replace(/^\s*(?:\/\/|\/?\*).*$/gm, "");
  const naming = filesBelow("src").filter((path) => path.endsWith(".ts") && linuxOnly.test(code(path)));
  expect(naming.length).toBeGreaterThan(5);
  expect(naming.filter((path) => !forLinux.some((allowed) => allowed.test(path)))).toEqual([]);
});
