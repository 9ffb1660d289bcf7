// Explains why a port never opened, and tells errors of the probing computer from those of the probed machine.

import type { ProbeResult } from "../../ports/port-probe.ts";

/** Errors of the probing computer, which say nothing about the probed machine. */
const localErrors = new Set(["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EADDRNOTAVAIL"]);

/** Returns the probing computer's own error, if attempts met one: then observed times are late, or missing. */
export function localErrorOf({ answers }: Pick<ProbeResult, "answers">): string | undefined {
  return Object.keys(answers).find((code) => localErrors.has(code));
}

/** Returns the words for the probing computer's own error `code`. */
export function localErrorText(code: string): string {
  return `this machine ran out of something (${code}) while it probed: fewer --parallel, or a higher ulimit -n`;
}

/** Explains why a port never opened, as far as the probe's results tell. */
export function explainClosedPort(
  { answers, closed_at_s }: Pick<ProbeResult, "answers" | "closed_at_s">,
  { port, timeout_s, alive }: { port: number; timeout_s: number; alive: boolean },
): string {
  const within = `within ${timeout_s} s`;
  const errors = Object.keys(answers).filter((answer) => !["open", "closed", "silent"].includes(answer));
  const own = localErrorOf({ answers });
  if (own !== undefined) return localErrorText(own);
  const forbidden = errors.find((code) => code === "EACCES" || code === "EPERM");
  if (closed_at_s !== undefined) return `port ${port} refused (the kernel is up), and did not open ${within}`;
  if (forbidden !== undefined)
    return `this machine may not reach it (${forbidden}): its own firewall or routes forbid it`;
  if (errors.length > 0 && (answers["silent"] ?? 0) === 0)
    return `not reachable from here (${errors.join(", ")}) ${within}`;
  const also = errors.length > 0 ? ` but for ${errors.join(", ")}` : "";
  if (alive)
    return `filtered: its SSM agent is online, and port ${port} was silent${also} ${within}: a security group, a network ACL or a firewall drops what comes`;
  return `port ${port} was silent${also} ${within}: it did not boot, or a security group, a network ACL or a firewall drops what comes`;
}
