// Many types by patterns are launched only where the user said so: by --yes, by a budget, or at the terminal.

import { TimetrialError } from "../../domain/errors.ts";
import { printable } from "../../domain/printable.ts";
import { asksYes, canAsk } from "../output/ask.ts";

/** The most types that patterns may stand for without a word of the user. */
const mostUnasked = 20;

/** What patterns would launch. */
export interface ManyTypes {
  /** Sides that patterns stand for. */
  readonly types: number;
  /** Machines of the whole run. */
  readonly machines: number;
  /** Returns what they cost, in words. */
  readonly cost: () => Promise<string>;
}

/**
 * Does nothing where the types are few, or the user gave --yes or a budget, or agrees at the terminal.
 *
 * @throws TimetrialError REFUSED, with the numbers and the cost
 */
export async function agreeToMany(
  { types, machines, cost }: ManyTypes,
  { yes, budget }: { readonly yes?: boolean | undefined; readonly budget?: string | undefined },
  ask: { readonly can: () => boolean; readonly yes: typeof asksYes } = { can: canAsk, yes: asksYes },
): Promise<void> {
  if (types <= mostUnasked || yes === true || budget !== undefined) return;
  const text = `the patterns stand for ${types} types: ${machines} machines, ${await cost()}`;
  if (ask.can() && (await ask.yes(printable(`${text}. Launch them?`)))) return;
  throw new TimetrialError("REFUSED", text, {
    hint: "--yes launches them, --budget USD limits what they may cost; a narrower pattern stands for fewer",
  });
}
