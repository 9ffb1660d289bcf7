// `sweep`: lists what runs left in the account, as EC2 reports it, and ends the user's own leftovers past their
// deadline.

import { defined } from "../../domain/defined.ts";
import { print, say } from "../output/terminal.ts";
import { printable, printableLines } from "../../domain/printable.ts";
import { type Leftover, priceOfLeftover, type TypePrice } from "../../domain/cloud/leftover.ts";
import { parsePrices } from "../../domain/cost/price.ts";
import { defaultImage } from "../../domain/plan/side.ts";
import { sweep } from "../../pipeline/sweep.ts";
import { sweepJson, sweepLines, sweepRows } from "../../report/commands/sweep-report.ts";
import { asksYes, canAsk } from "../output/ask.ts";
import { formatColumns } from "../output/columns.ts";
import { parseCloudTarget } from "../options/location-options.ts";
import { matching } from "../options/option-values.ts";
import { parseChoice } from "../options/option-values.ts";
import { openPrices, openSweeper } from "../wiring.ts";

export interface SweepOptions {
  readonly cloud: string;
  readonly region?: string;
  readonly endpoint?: string;
  readonly allOwners?: boolean;
  readonly yes?: boolean;
  readonly run?: string;
  readonly price?: readonly string[];
  readonly format: string;
}

/** Returns the exit status: 3 where something that should be gone remains, or may remain. */
export async function sweepCommand(options: SweepOptions): Promise<number> {
  const format = parseChoice("--format", options.format, ["text", "json"]);
  const { run, allOwners = false, yes = false } = options;
  if (run !== undefined) matching("--run", run, /^[A-Za-z0-9._-]{1,128}$/, "the name of a run");
  const given = typePrices(options.price ?? []);
  const sweeper = await openSweeper(parseCloudTarget(options));
  const warn = (text: string): void => say(printableLines(`timetrial: ${text}`));
  const swept = await sweep(sweeper, {
    ...defined({ run }),
    allOwners,
    agrees: async (others) => yes || (await agreed(others)),
    ending: (leftovers) => {
      for (const leftover of leftovers) warn(`ending ${leftover.kind} ${leftover.id} of ${leftover.run}`);
    },
    say: warn,
  });
  const prices = [...given, ...(await askedPrices(swept.found.map(({ leftover }) => leftover), given, options, warn))]; // prettier-ignore
  if (format === "json") print(printableLines(sweepJson(swept, prices)));
  else {
    print(printableLines(formatColumns(sweepRows(swept, prices))));
    for (const line of sweepLines(swept)) print(printableLines(`${line}\n`));
  }
  return swept.left.length > 0 ? 3 : 0;
}

/**
 * Parses `TYPE=USD` and `TYPE:spot=USD` for any type: the types of the leftovers are not known yet.
 *
 * @throws TimetrialError USAGE
 */
function typePrices(texts: readonly string[]): TypePrice[] {
  const types = [...new Set(texts.map((text) => text.replace(/(:spot)?=.*$/s, "")))];
  const sides = types.map((type) => ({ name: type, kind: "ec2" as const, type, image: defaultImage }));
  return parsePrices(texts, sides).map(({ side, market, usd_per_hour }) => ({ type: side, market, usd_per_hour }));
}

/**
 * Looks up the hourly prices of the machines among `found` that `given` has no price for. Calls `say` with the reason
 * where a price is not known.
 */
async function askedPrices(
  found: readonly Leftover[],
  given: readonly TypePrice[],
  options: SweepOptions,
  say: (text: string) => void,
): Promise<TypePrice[]> {
  const open = found.filter(
    (leftover) => leftover.kind === "instance" && priceOfLeftover(leftover, given) === undefined,
  );
  if (open.length === 0) return [];
  const prices = await openPrices(parseCloudTarget(options));
  const { signal } = new AbortController();
  const asked: TypePrice[] = [];
  for (const market of ["on-demand", "spot"] as const) {
    const types = open.flatMap((leftover) =>
      leftover.market === market && leftover.type !== undefined ? [leftover.type] : [],
    );
    if (types.length === 0) continue;
    const { quotes, unknown } = await prices.ask({ types, market, signal });
    asked.push(...quotes);
    for (const why of unknown) say(why);
  }
  return asked;
}

/** Asks the user at a terminal. Returns false where there is no terminal. */
async function agreed(others: readonly Leftover[]): Promise<boolean> {
  if (!canAsk()) return false;
  for (const { kind, id, owner, run } of others)
    say(printableLines(`${kind} ${id} of ${owner ?? "nobody who is named"}, run ${run}`));
  return await asksYes(printable("These belong to others. End them?"));
}
