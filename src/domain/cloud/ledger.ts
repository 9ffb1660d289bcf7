// What was asked of a cloud and what became of it: one line of ledger.ndjson, written before the call, so that no crash
// can forget a machine.

import * as v from "valibot";

const text = v.string();
const texts = v.array(text);
/** When the line was written, ISO 8601; the ledger's keeper adds it. */
const at = v.exactOptional(text);

/** The schema of one line of ledger.ndjson. */
export const ledgerSchema = v.variant("kind", [
  v.object({
    kind: v.literal("intent"),
    at,
    token: text,
    side: text,
    type: text,
    zone: text,
    count: v.pipe(v.number(), v.integer(), v.minValue(0)),
    /** The id that the image's name stood for. */
    image: v.exactOptional(text),
    /** The machines end themselves then at the latest. ISO 8601. */
    deadline: v.exactOptional(text),
  }),
  v.object({ kind: v.literal("launched"), at, token: text, ids: texts }),
  v.object({ kind: v.literal("not-launched"), at, token: text, reason: text }),
  v.object({ kind: v.literal("terminated"), at, ids: texts }),
  v.object({ kind: v.literal("absence"), at, state: text, ids: texts }),
]);

export type LedgerEntry = Readonly<v.InferOutput<typeof ledgerSchema>>;
