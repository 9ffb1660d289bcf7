// Parses `--fail-if 'cpu slower than 3 %'` and `--undecided`.

import { defined } from "../../domain/defined.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { type Gate, type GateLimit, geomeanLimit } from "../../domain/plan/gate.ts";
import type { Spec } from "../../domain/plan/plan.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import { undecidedAnswers } from "./choices.ts";
import { parseChoice } from "./option-values.ts";

export interface GateOptions {
  readonly failIf?: readonly string[] | undefined;
  readonly undecided?: string | undefined;
}

/** Parses the limits of a gate; undefined where there are none. @throws TimetrialError USAGE */
export function parseGate({ failIf = [], undecided }: GateOptions): Gate | undefined {
  const counts = undecided === undefined ? undefined : parseChoice("--undecided", undecided, undecidedAnswers);
  if (failIf.length > 0) return { limits: failIf.map(parseLimit), ...defined({ undecided: counts }) };
  if (counts === undefined) return undefined;
  throw new TimetrialError("USAGE", "--undecided: expected --fail-if beside it: without a limit nothing is decided");
}

/** Parses `[ROW|geomean] real|cpu slower than N %`. @throws TimetrialError USAGE */
function parseLimit(text: string): GateLimit {
  const words = text.trim().replace(/\s+/g, " ");
  const [, of, metric, number = ""] = /^(?:(.+) )?(real|cpu) slower than (\d{1,4}(?:\.\d{1,3})?) ?%$/.exec(words) ?? [];
  if ((metric !== "real" && metric !== "cpu") || Number(number) > 1000) {
    throw new TimetrialError(
      "USAGE",
      `--fail-if: expected a limit such as 'cpu slower than 3 %', got ${quoteForMessage(text)}`,
      {
        hint: "[ROW or geomean] real or cpu, slower than, and 0 to 1000 %: 'hashes/sha256 real slower than 2.5 %'; without a row: every row",
      },
    );
  }
  return { ...defined({ of }), metric, slower_percent: Number(number) };
}

/** Refuses --until gate where there is no gate, or where no suite by itself decides it. @throws TimetrialError USAGE */
export function refuseUndecidable(gate: Gate | undefined, suites: number): void {
  if (gate === undefined) throw new TimetrialError("USAGE", "--until gate: expected --fail-if beside it");
  if (suites < 2 || !gate.limits.some(({ of }) => of === geomeanLimit)) return;
  throw new TimetrialError(
    "USAGE",
    `--until gate: expected one suite, since a limit is on the geomean; got ${suites}`,
    {
      hint: "each suite's rounds end by its own rows: give --rounds, or a limit on rows",
    },
  );
}

/** Refuses a gate on what compares nothing. @throws TimetrialError USAGE */
export function refuseGateOnOneSide(gate: Gate | undefined, { sides, command }: Pick<Spec, "sides" | "command">): void {
  if (gate === undefined || sides.length > 1 || (command?.commands.length ?? 0) > 1) return;
  throw new TimetrialError(
    "USAGE",
    `--fail-if: expected two sides or two commands, got ${sides[0]?.name ?? "none"} alone`,
    {
      hint: "a limit is on how much longer one takes than the other",
    },
  );
}
