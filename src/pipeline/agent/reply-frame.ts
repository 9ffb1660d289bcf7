// Parses the agent's reply: a begin mark, whole lines of the journal, and an end mark with their length and digest
// (`remote/README.md` section 5).

import { createHash } from "node:crypto";

export interface ReplyFrame {
  readonly of: string;
  readonly offset: number;
  readonly state: "running" | "ended" | "dead";
  readonly lines: readonly string[];
  /** Progress of the current step, where the machine knows it. The digest does not cover it. */
  readonly progress?: { readonly id: string; readonly text: string };
  /** Bytes of the payload: the next offset is `offset + length`. */
  readonly length: number;
}

const begin = /^<<<timetrial 1 begin (\S+) (\d{1,15}) (running|ended|dead)$/;
const end = /^>>>timetrial 1 end (\d{1,6}) (sha256|cksum) ([0-9a-f]+)$/;

/** The progress line. It follows the end mark, so that its text cannot be mistaken for a mark. */
const step = /^>>>timetrial 1 step (\S{1,100}) ([ -~]{1,200})$/m;

/** Returns the frame in `reply`, or what is wrong with it. */
export function parseReply(reply: string): ReplyFrame | { readonly fault: string } {
  const from = reply.indexOf("<<<timetrial 1 begin ");
  if (from === -1) return { fault: `no begin mark in ${shown(reply.slice(0, 80))}` };
  const bodyAt = reply.indexOf("\n", from) + 1;
  const opened = begin.exec(reply.slice(from, bodyAt - 1));
  if (bodyAt === 0 || opened === null) return { fault: "a begin mark that cannot be read" };
  const endAt = reply.startsWith(">>>timetrial 1 end ", bodyAt)
    ? bodyAt
    : reply.indexOf("\n>>>timetrial 1 end ", bodyAt) + 1;
  // The end of the reply shows who cut it: SSM's agent appends a mark of its own to a reply that is too long.
  if (endAt === 0) return { fault: `no end mark; its last words are ${shown(reply.trimEnd().slice(-40))}` };
  const closed = end.exec(reply.slice(endAt).split("\n", 1)[0] ?? "");
  if (closed === null) return { fault: "an end mark that cannot be read" };

  const payload = Buffer.from(reply.slice(bodyAt, endAt));
  if (payload.length !== Number(closed[1]))
    return { fault: `${payload.length} bytes where the end mark says ${closed[1]}` };
  if (digest(payload, closed[2] as "sha256" | "cksum") !== closed[3]) return { fault: "a digest that does not agree" };
  const [, id, text] = step.exec(reply.slice(endAt)) ?? [];
  return {
    of: opened[1] as string,
    offset: Number(opened[2]),
    state: opened[3] as ReplyFrame["state"],
    lines: payload.length === 0 ? [] : payload.toString().trimEnd().split("\n"),
    length: payload.length,
    ...(id === undefined || text === undefined ? {} : { progress: { id, text } }),
  };
}

function shown(text: string): string {
  return text === "" ? "nothing" : JSON.stringify(text);
}

function digest(payload: Buffer, algorithm: "sha256" | "cksum"): string {
  return algorithm === "sha256" ? createHash("sha256").update(payload).digest("hex") : String(cksum(payload));
}

/** Returns the checksum of cksum(1): the CRC of POSIX.1-2017, over the bytes and then their number. */
function cksum(bytes: Buffer): number {
  let crc = 0;
  const add = (byte: number): void => {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x80000000) !== 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  };
  for (const byte of bytes) add(byte);
  for (let length = bytes.length; length > 0; length = Math.floor(length / 256)) add(length % 256);
  return ~crc >>> 0;
}
