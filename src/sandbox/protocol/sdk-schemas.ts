// Helpers of both protocols for the SDK's schemas: an operation's input and output, required members, names.

import { NormalizedSchema } from "@smithy/core/schema";

/** An operation's schema as the SDK exports it: thunks to input and output at places 4 and 5. */
export type OperationSchema = readonly unknown[];

export function inputOf(operation: OperationSchema): NormalizedSchema {
  return NormalizedSchema.of(operation[4] as Parameters<typeof NormalizedSchema.of>[0]);
}

export function outputOf(operation: OperationSchema): NormalizedSchema {
  return NormalizedSchema.of(operation[5] as Parameters<typeof NormalizedSchema.of>[0]);
}

/** Names of the members that must be there: they come first, and the seventh field counts them. */
export function requiredMembers(structure: NormalizedSchema): string[] {
  const raw = structure.getSchema() as unknown;
  if (!Array.isArray(raw)) return [];
  const count = typeof raw[6] === "number" ? raw[6] : 0;
  return (raw[4] as string[]).slice(0, count);
}

/** A name that a trait gives, or `otherwise`. */
export function nameIn(trait: unknown, otherwise: string): string {
  return typeof trait === "string" ? trait : otherwise;
}

export function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
