// `sweep --local`: lists what microVMs left on this computer, and ends what no client uses any more.

import { jsonText, printableLines } from "../../domain/printable.ts";
import { print } from "../output/terminal.ts";
import { formatColumns } from "../output/columns.ts";
import { openLocalSweeper } from "../wiring.ts";

export interface LocalSweepOptions {
  readonly run?: string;
  readonly format: string;
}

/** Returns the exit status: 3 where something that should be gone remains. */
export async function sweepLocalCommand({ run, format }: LocalSweepOptions): Promise<number> {
  const { findLocalLeftovers, endLocalLeftover } = await openLocalSweeper();
  const found = (await findLocalLeftovers()).filter(
    (leftover) => run === undefined || leftover.run === run || leftover.isNobodys,
  );
  const became: { readonly id: string; readonly became: "ended" | "left" | "in use" }[] = [];
  for (const { id, isInUse } of found) {
    // A run that the user names is ended even if its client is alive.
    if (isInUse && run === undefined) became.push({ id, became: "in use" });
    else became.push({ id, became: (await endLocalLeftover(id)) ? "ended" : "left" });
  }
  if (format === "json") {
    const rows = found.map(({ id, run: of, side, parts, isInUse }, i) => ({
      id,
      run: of,
      side,
      parts,
      in_use: isInUse,
      became: became[i]?.became,
    }));
    print(printableLines(`${jsonText({ schema: 1, microvms: rows }, 2)}\n`));
  } else if (found.length === 0) print(printableLines("nothing of any microVM is left on this computer\n"));
  else {
    const rows = found.map(({ id, run: of = "?", side = "?", parts }, i) => [
      id,
      of,
      side,
      parts.join(", "),
      became[i]?.became ?? "",
    ]);
    print(printableLines(formatColumns([["microvm", "run", "side", "left", "became"], ...rows])));
  }
  return became.some((leftover) => leftover.became === "left") ? 3 : 0;
}
