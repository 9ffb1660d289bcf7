// What of a script's output is kept: the head, as the agent and then the service cut it.

import { closeSync, openSync, readSync } from "node:fs";

const agentLimit = 24_000;
const stderrLimit = 8_000;
const combinedLimit = 2_500;

/** At most 24,000 bytes of the file; where it has more, the head and a mark within the limit. */
export function readOutput(path: string): string {
  return cut(firstBytes(path), "--output truncated--").toString("utf8");
}

/** The agent cuts as for stdout, says why it failed, and the service keeps 8,000 characters. */
export function readErrors(path: string, failure: string | undefined): string {
  const said = cut(firstBytes(path), "--error truncated--").toString("utf8");
  return (failure === undefined ? said : said + failure).slice(0, stderrLimit);
}

/** Both together, as ListCommandInvocations gives them with Details. */
export function combinedOutput(stdout: string, stderr: string): string {
  const separator = "\n----------ERROR-------\n";
  const mark = "\n---Output truncated---";
  const whole = stderr === "" ? stdout : `${stdout}${separator}${stderr}`;
  return whole.length <= combinedLimit ? whole : whole.slice(0, combinedLimit - mark.length) + mark;
}

function cut(bytes: Buffer, mark: string): Buffer {
  if (bytes.length <= agentLimit) return bytes;
  return Buffer.concat([bytes.subarray(0, agentLimit - mark.length), Buffer.from(mark)]);
}

function firstBytes(path: string): Buffer {
  const bytes = Buffer.alloc(agentLimit + 1);
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return Buffer.alloc(0);
  }
  try {
    let length = 0;
    for (let got = -1; got !== 0 && length < bytes.length; length += got)
      got = readSync(file, bytes, length, bytes.length - length, length);
    return bytes.subarray(0, length);
  } finally {
    closeSync(file);
  }
}
