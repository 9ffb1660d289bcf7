// The fields that schemas of files have in common.

import * as v from "valibot";

/** Any text. */
export const text = v.string();

/** Texts by name. */
export const textsByName = v.record(text, text);

/** A whole number, 0 or more. */
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** A length of time in seconds, 0 or more. */
export const secondsField = v.pipe(v.number(), v.finite(), v.minValue(0));
