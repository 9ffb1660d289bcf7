// The exit status of the command line.

import type { GateResult } from "../../analysis/gate/judge-gate.ts";

/**
 * Returns the exit status of several outcomes: the first that occurs in the order of docs/design.md, "Errors and exit
 * status".
 */
export function worstStatus(statuses: readonly number[]): number {
  return [3, 130, 5, 4, 2, 1, 6, 7].find((status) => statuses.includes(status)) ?? 0;
}

/** Returns the exit status of a gate: 0 pass, 6 fail, 7 undecided unless the user has that count as one of them. */
export function gateStatus(gate: Pick<GateResult, "answer" | "undecided"> | undefined): number {
  if (gate === undefined) return 0;
  const answer = gate.answer === "undecided" ? (gate.undecided ?? "undecided") : gate.answer;
  return { pass: 0, fail: 6, undecided: 7 }[answer];
}
