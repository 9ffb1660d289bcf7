// Runs one script on one machine by one ssh process.

import { randomBytes } from "node:crypto";
import { execa } from "execa";
import { defined } from "../../domain/defined.ts";
import { killProcessGroup } from "../process/process-group.ts";
import { MarkedOutput } from "../process/output-head.ts";
import { markedScript } from "./arguments.ts";

const stdoutBytes = 24_000;
const stderrBytes = 8_000;

/** The result of a script that was sent. */
export interface SessionResult {
  /** Whether the remote shell began the script. If not, `stderr` is the text of ssh or of the login shell. */
  readonly begun: boolean;
  /** Process id of the remote shell, if known. */
  readonly pid?: number;
  /** ssh's exit status; absent where it was killed. 255 means that the connection failed. */
  readonly status?: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether it was killed at its time limit. */
  readonly late: boolean;
  /** Whether this machine has no ssh. */
  readonly missing: boolean;
}

export interface SessionOptions {
  readonly limit_s: number;
  readonly signal?: AbortSignal | undefined;
  readonly env: Readonly<Record<string, string>>;
}

/** Sends `script` by the ssh that the first argument is the command line of, and waits for its end. Kills ssh when `signal` aborts. Never throws. */
export async function runSession(
  [program, ...words]: readonly [string, ...string[]],
  script: string,
  options: SessionOptions,
): Promise<SessionResult> {
  const mark = `timetrial-${randomBytes(16).toString("hex")}`;
  const stdout = new MarkedOutput(`${mark}\n`, stdoutBytes);
  const stderr = new MarkedOutput(`${mark}\n`, stderrBytes);
  // A process group of its own: an interrupt at the terminal is for us, and a ProxyCommand ends with its ssh.
  const child = execa(program, words, {
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
    // The ssh that holds the shared connection inherits our pipes and closes them only when the remote script ends.
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
      ...defined({ status: result.exitCode }),
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
