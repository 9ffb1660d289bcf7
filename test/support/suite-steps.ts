// A suite's steps, run as the agent runs them: `sh STEP.sh` in a working folder, with the variables of remote/README.md
// section 6. Nothing is timed here.

import { execFile, spawnSync } from "node:child_process";
import { chmodSync, existsSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { scratchFolder } from "./scratch.ts";

/** All that the steps need of a POSIX system. */
export const posix = ["sh", "sed", "tr", "cut", "rm", "uname", "printf"];

export interface Said {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

export type Env = Readonly<Record<string, string>>;

const folders: string[] = [];

/** For the `afterAll` of each file of tests: this module may be loaded once for many. */
export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export function newFolder(): string {
  const folder = scratchFolder("timetrial-suite");
  folders.push(folder);
  return folder;
}

/** A working folder, the steps in it, and what the agent would keep of them. */
export class Machine {
  readonly work = newFolder();
  readonly #suite: string;
  readonly #env: Env;
  readonly #sh: readonly [string, ...string[]];

  constructor(suite: string, env: Env = {}, sh: readonly [string, ...string[]] = ["sh"]) {
    this.#suite = suite;
    this.#env = env;
    this.#sh = sh;
  }

  step(script: string, env: Env = {}): Promise<Said> {
    const [command, ...args] = this.#sh;
    return new Promise((done) => {
      execFile(
        command,
        [...args, join(this.#suite, script)],
        {
          cwd: this.work,
          // A build prints megabytes.
          maxBuffer: 1e8,
          env: {
            PATH: process.env["PATH"] ?? "",
            HOME: process.env["HOME"] ?? "/",
            LC_ALL: "C",
            TT_SUITE_DIR: this.#suite,
            TT_WORK: this.work,
            TT_STEP_DIR: this.work,
            TT_NCPU: "1",
            ...this.#env,
            ...env,
          },
        },
        (error, out, err) => {
          const status = error === null ? 0 : error.code;
          done({ status: typeof status === "number" ? status : -1, out, err });
        },
      );
    });
  }

  /** What setup says, which must say it in the protocol's form and succeed. */
  async setup(env: Env = {}): Promise<ReadonlyMap<string, string>> {
    const said = await this.step("setup.sh", env);
    expect(said).toMatchObject({ status: 0, err: "" });
    return provided(said.out);
  }

  /** The timed step, then its check, as the agent does it. */
  async trial(row: string, impl: string, driver: string, blocks: string): Promise<{ run: Said; check: Said }> {
    const env = { TT_ROW: row, TT_IMPL: impl, TT_DRIVER: driver, TT_PARAM_blocks: blocks };
    const run = await this.step("run.sh", env);
    return { run, check: await this.check(run.out, env) };
  }

  check(out: string, env: Env): Promise<Said> {
    writeFileSync(join(this.work, "out"), out);
    return this.step("check.sh", env);
  }
}

/** The lines NAME=VALUE of a step, each held against the protocol. */
function provided(out: string): ReadonlyMap<string, string> {
  return new Map(
    out
      .split("\n")
      .slice(0, -1)
      .map((line) => {
        expect(line).toMatch(/^[a-z0-9][a-z0-9_.-]*=[ -~]{1,400}$/);
        const at = line.indexOf("=");
        return [line.slice(0, at), line.slice(at + 1)];
      }),
  );
}

/** A folder to be the whole PATH: links to `commands` of this machine, and `scripts` written into it. */
export function binFolder(commands: readonly string[], written: Env = {}): string {
  const folder = newFolder();
  for (const command of commands) {
    const found = which(command);
    if (found !== undefined) symlinkSync(found, join(folder, command));
  }
  for (const [command, body] of Object.entries(written)) {
    writeFileSync(join(folder, command), `#!/bin/sh\n${body}\n`);
    chmodSync(join(folder, command), 0o755);
  }
  return folder;
}

export function which(command: string): string | undefined {
  return (process.env["PATH"] ?? "")
    .split(":")
    .map((folder) => join(folder, command))
    .find((path) => existsSync(path));
}

export function output(command: string, ...args: string[]): string | undefined {
  const { status, stdout } = spawnSync(command, args, { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}
