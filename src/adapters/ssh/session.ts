// One script by one ssh: a process here, a shell there.

import { randomBytes } from "node:crypto";
import { execa } from "execa";
import { killProcessGroup } from "../process/process-group.ts";
import { MarkedOutput } from "../process/output-head.ts";
import { markedScript } from "./arguments.ts";

const stdoutBytes = 24_000;
const stderrBytes = 8_000;

/** What became of a script that was sent. */
export interface SessionResult {
  /** Did the shell there begin with it? If not, `stderr` holds what ssh, or the login shell, said instead. */
  readonly begun: boolean;
  /** The process id of the shell there, where it told it. */
  readonly pid?: number;
  /** ssh's exit status; absent where it did not end by itself. 255 is ssh's own, for a connection that failed. */
  readonly status?: number;
  readonly stdout: string;
  readonly stderr: string;
  /** It was ended, since it took longer than its limit. */
  readonly late: boolean;
  /** There is no ssh on this machine. */
  readonly missing: boolean;
}

export interface SessionOptions {
  readonly limit_s: number;
  readonly signal?: AbortSignal | undefined;
  readonly env: Readonly<Record<string, string>>;
}

/** Sends `script` by an ssh with `words`, and waits for its end. When `signal` aborts it ends ssh; it throws nothing. */
export async function runSession(
  words: readonly string[],
  script: string,
  options: SessionOptions,
): Promise<SessionResult> {
  const mark = `timetrial-${randomBytes(16).toString("hex")}`;
  const stdout = new MarkedOutput(`${mark}\n`, stdoutBytes);
  const stderr = new MarkedOutput(`${mark}\n`, stderrBytes);
  // A group of its own: an interrupt at the terminal is for us, and a ProxyCommand ends with its ssh.
  const child = execa("ssh", words, {
    input: markedScript(script, mark),
    buffer: false,
    reject: false,
    detached: true,
    cleanup: false,
    env: options.env,
  });
  child.stdout.on("data", (bytes: Buffer) => stdout.add(bytes));
  child.stderr.on("data", (bytes: Buffer) => stderr.add(bytes));
  let late = false;
  const end = (): void => {
    killProcessGroup(child.pid);
    // The ssh that keeps the connection has our pipes too, and closes them only when the script there ends.
    for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.destroy();
  };
  const limit = setTimeout(() => {
    late = true;
    end();
  }, options.limit_s * 1000);
  options.signal?.addEventListener("abort", end);
  try {
    const result = await child;
    stderr.end();
    const pid = /(\d{1,9}) $/.exec(stderr.before.text())?.[1];
    return {
      begun: stdout.found,
      ...(stderr.found && pid !== undefined ? { pid: Number(pid) } : {}),
      ...(result.exitCode === undefined ? {} : { status: result.exitCode }),
      stdout: stdout.after.text(),
      stderr: stdout.found ? stderr.after.text() : stderr.before.text(),
      late,
      missing: result.code === "ENOENT",
    };
  } finally {
    clearTimeout(limit);
    options.signal?.removeEventListener("abort", end);
  }
}
