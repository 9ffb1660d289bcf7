// The command line in the tests' own process. What is asked of its words (refusals, findings, forms of a report) is asked of
// the same code as in a process of its own, without the CPU time that starting Node and loading the bundles takes.

import { vi } from "vitest";
import { runCommandLine } from "../../src/cli/command-line.ts";
import type { Ended } from "./cli.ts";

let last: Promise<unknown> = Promise.resolve();

/**
 * What `words` print in `folder`, with `env` for all of the environment, and their exit status. One after the other: a process
 * has one folder, one environment and one output.
 */
export async function runHere(words: readonly string[], folder: string, env: NodeJS.ProcessEnv): Promise<Ended> {
  const ended = last.then(() => runAlone(words, folder, env));
  last = ended.catch(() => {});
  return await ended;
}

async function runAlone(words: readonly string[], folder: string, env: NodeJS.ProcessEnv): Promise<Ended> {
  const before = { folder: process.cwd(), env: { ...process.env }, status: process.exitCode };
  process.chdir(folder);
  setEnvironment(env);
  process.exitCode = undefined;
  const [stdout, stderr] = [takeOutput(process.stdout), takeOutput(process.stderr)];
  try {
    await runCommandLine([process.execPath, "timetrial", ...words]);
    return { status: Number(process.exitCode ?? 0), stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    stdout.giveBack();
    stderr.giveBack();
    process.exitCode = before.status;
    setEnvironment(before.env);
    process.chdir(before.folder);
  }
}

function setEnvironment(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) if (env[name] === undefined) delete process.env[name];
  for (const [name, value] of Object.entries(env)) if (value !== undefined) process.env[name] = value;
}

/** Takes what is written to `stream`, which writes none of it until it is given back. A worker's is a pipe, as a command's is. */
function takeOutput(stream: NodeJS.WriteStream): { text: () => string; giveBack: () => void } {
  const pieces: Buffer[] = [];
  const writing = vi.spyOn(stream, "write").mockImplementation((piece) => {
    pieces.push(Buffer.from(piece as string));
    return true;
  });
  return { text: () => Buffer.concat(pieces).toString(), giveBack: () => writing.mockRestore() };
}
