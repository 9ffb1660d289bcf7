// `sandbox`: serves the sandbox to other clients until it is interrupted, and prints how to reach it.
//
// Standard output is sh: comments, and the environment as `export` lines, so that a shell can source a file of it. Like
// every sandbox it terminates itself a minute after it was last needed. This command is such a need: after it is
// killed, the sandbox soon terminates.

import { print } from "../output/terminal.ts";
import { printableLines } from "../../domain/printable.ts";
import type { ChildProcess } from "node:child_process";
import { TimetrialError } from "../../domain/errors.ts";
import {
  findRunningSandbox,
  type SandboxConnection,
  sandboxFaults,
  sandboxFolder,
  sandboxRunsAlready,
  spawnSandbox,
  startTimeout_s,
  waitUntilListening,
} from "../sandbox-process.ts";

/**
 * How often this command tells the sandbox that it is needed, and how long the sandbox stays after the last such call.
 * Seconds.
 */
const askEvery_s = 15;
const stays_s = 60;

/**
 * Serves the sandbox until an interrupt; returns the exit status. `faults`: what is to go wrong, in the sandbox's
 * notation (`--help`).
 */
export async function sandboxCommand(faults: string | undefined): Promise<number> {
  const folder = sandboxFolder();
  const running = await findRunningSandbox(folder);
  if (running !== undefined) throw sandboxRunsAlready(`a sandbox listens on ${running.endpoint} already`, running);
  // The sandbox has a process group of its own: Ctrl-C on the terminal reaches this command alone, which then
  // terminates the sandbox once.
  const child = spawnSandbox({ folder, faults: faults ?? sandboxFaults(), leastStay_s: stays_s }, "inherit");
  const ended = new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve(status ?? 3));
  });
  const end = (): void => void child.kill("SIGTERM");
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const name of signals) process.on(name, end);
  let asking: NodeJS.Timeout | undefined;
  try {
    const address = await Promise.race([
      waitUntilListening(folder, child, ({ pid }) => pid === child.pid),
      ended.then(() => undefined),
    ]);
    if (address === undefined) return await failed(child, ended);
    print(printableLines(howToReach(address)));
    asking = setInterval(() => void findRunningSandbox(folder), askEvery_s * 1000);
    return await ended;
  } finally {
    clearInterval(asking);
    end();
    for (const name of signals) process.off(name, end);
  }
}

async function failed(child: ChildProcess, ended: Promise<number>): Promise<number> {
  const isOver = child.exitCode !== null || child.signalCode !== null;
  const status = isOver ? await ended : undefined;
  // Status 0 without having listened: the sandbox was interrupted first, or another client's sandbox has taken the
  // folder.
  // Status 2: the sandbox has printed what it cannot read.
  if (status === 0 || status === 2) return status;
  throw new TimetrialError("CLOUD", `the sandbox did not start within ${startTimeout_s} s`);
}

/** Returns what a client needs to reach the sandbox, as sh. */
function howToReach(address: SandboxConnection): string {
  const variables = {
    AWS_ENDPOINT_URL: address.endpoint,
    AWS_ACCESS_KEY_ID: address.access_key_id,
    AWS_SECRET_ACCESS_KEY: address.secret_access_key,
    AWS_REGION: address.region,
  };
  return [
    `# The sandbox listens on ${address.endpoint} until this command is interrupted. Its clients' environment:`,
    ...Object.entries(variables).map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'`),
    "# An aws older than 2.13 (Debian 12's is) takes no endpoint and no AWS_REGION from its environment:",
    `#   aws --region ${address.region} --endpoint-url ${address.endpoint} ec2 describe-instances`,
    "",
  ].join("\n");
}
