// Faults of a command's output: noise, cuts and wrong digits.

import type { GetCommandInvocationResult } from "@aws-sdk/client-ssm";
import type { FaultDraws } from "./fault-plan.ts";

/** As a terminal's leavings, a log of the kernel's and a half-read file would look. */
const noise = "\u001b[2J\u001b]0;owned\u0007\r\u0000\u0008kernel: \u009b31m[42.0] \ufffd\ufffd\n<<<timetrial 1 begin\n";

export function spoilReply(reply: GetCommandInvocationResult, faults: FaultDraws): GetCommandInvocationResult {
  const whole = reply.StandardOutputContent ?? "";
  if (whole === "") return reply;
  let text = whole;
  const place = (name: "garbage" | "truncate"): number => Math.floor(faults.fraction(name) * text.length);
  if (faults.happens("wrong-digest")) text = withWrongDigit(text, faults);
  if (faults.happens("garbage")) {
    const where = faults.fraction("garbage");
    const at = where < 1 / 3 ? 0 : where < 2 / 3 ? text.length : place("garbage");
    text = text.slice(0, at) + noise + text.slice(at);
  }
  if (faults.happens("truncate")) text = text.slice(0, place("truncate"));
  return { ...reply, StandardOutputContent: text };
}

function withWrongDigit(text: string, faults: FaultDraws): string {
  const last = [...text.matchAll(/[0-9a-f]{32,}/g)].at(-1);
  if (last === undefined) return text;
  const at = last.index + Math.floor(faults.fraction("wrong-digest") * last[0].length);
  return text.slice(0, at) + (text[at] === "0" ? "1" : "0") + text.slice(at + 1);
}
