// What `verify` prints: a line for each check as it ends, or one JSON document at the end.

import type { AuditFinding } from "../../../analysis/audit/run-audit.ts";
import { jsonText, printable, printableLines } from "../../../domain/printable.ts";
import { print } from "../../output/terminal.ts";

/** The most findings that are printed for one check, as lines and as JSON. */
const mostShown = { text: 10, json: 1000 } as const;

interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** What was checked; of a check that found nothing. */
  readonly checked?: string;
  /** How many findings there are; `findings` has the first 1000. */
  readonly count: number;
  readonly findings: readonly AuditFinding[];
}

export class CheckOutput {
  readonly #format: "text" | "json";
  readonly #run: string;
  readonly #checks: Check[] = [];

  constructor(format: "text" | "json", run: string) {
    this.#format = format;
    this.#run = run;
  }

  /** Takes the result of one check. `checked`: what it says where it found nothing. Returns whether it did. */
  add(name: string, found: readonly AuditFinding[], checked: string): boolean {
    const ok = found.length === 0;
    const findings = found.slice(0, mostShown[this.#format]);
    this.#checks.push({ name, ok, ...(ok ? { checked } : {}), count: found.length, findings });
    if (this.#format === "json") return ok;
    if (ok) print(printableLines(`ok    ${name.padEnd(8)} ${checked}\n`));
    for (const { where, what } of findings)
      print(printableLines(`FAIL  ${name.padEnd(8)} ${printable(where === "" ? what : `${where}: ${what}`)}\n`));
    if (found.length > findings.length)
      print(printableLines(`FAIL  ${name.padEnd(8)} and ${found.length - findings.length} more\n`));
    return ok;
  }

  /** Says whether all checks found nothing. Returns the exit status. */
  end(): number {
    const verified = this.#checks.every(({ ok }) => ok);
    if (this.#format === "text") print(printableLines(verified ? "verified\n" : "not verified\n"));
    else {
      const checks = this.#checks.map(({ findings, ...check }) => ({
        ...check,
        findings: findings.map(({ where, what }) => (where === "" ? { what } : { where, what })),
      }));
      print(printableLines(`${jsonText({ schema: 1, run: this.#run, verified, checks }, 2)}\n`));
    }
    return verified ? 0 : 1;
  }
}
