// Keeps the head of a script's output, cut as the agent and then the service cut it.
//
// Known from amazon-ssm-agent 3.3.0.0 (reference/ssm-agent-3.3.0.0.json); 8,000 and 2,500 characters from the
// service's documentation.

import { isUtf8 } from "node:buffer";

const agentLimit = 24_000;
const stderrLimit = 8_000;
const combinedLimit = 2_500;
const cutMark = "--output truncated--";

/** The beginning of a stream, over all runs of its script. */
export class StreamHead {
  readonly #chunks: Buffer[] = [];
  #length = 0;

  take(chunk: Buffer): void {
    if (this.#length >= agentLimit) return;
    this.#chunks.push(chunk.subarray(0, agentLimit - this.#length));
    this.#length += Math.min(chunk.length, agentLimit - this.#length);
  }

  /** The text as the agent sends it: 24,000 bytes are already too many, and then its last 20 are a mark. */
  text(): string {
    const bytes = Buffer.concat(this.#chunks);
    if (bytes.length < agentLimit) return decoded(bytes);
    return decoded(bytes.subarray(0, agentLimit - cutMark.length)) + cutMark;
  }
}

/** What the service keeps of standard error. */
export function cutErrors(text: string): string {
  return text.slice(0, stderrLimit);
}

/** Both together, as ListCommandInvocations gives them with Details. */
export function combinedOutput(stdout: string, stderr: string): string {
  const separator = "\n----------ERROR-------\n";
  const mark = "\n---Output truncated---";
  const whole = stderr === "" ? stdout : `${stdout}${separator}${stderr}`;
  return whole.length <= combinedLimit ? whole : whole.slice(0, combinedLimit - mark.length) + mark;
}

/** `bytes` as Go's JSON has them: one U+FFFD for each byte that belongs to no character. */
function decoded(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const character = bytes.subarray(at, at + characterLength(bytes[at] ?? 0));
    const isWhole = isUtf8(character);
    text += isWhole ? character.toString("utf8") : "\ufffd";
    at += isWhole ? character.length : 1;
  }
  return text;
}

/** Bytes of the UTF-8 character that `first` begins. */
function characterLength(first: number): number {
  if (first < 0xc0) return 1;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}
