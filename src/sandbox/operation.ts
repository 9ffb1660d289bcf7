// An operation of a service: its schema, taken from the SDK, and what answers it.

import type { Region } from "./account.ts";
import type { OperationSchema } from "./protocol/sdk-schemas.ts";

export interface Operation {
  readonly schema: OperationSchema;
  readonly answer: (input: Record<string, unknown>, region: Region) => object;
}

/** The input has been read by `schema`, so it is of the SDK's own type. */
export function operation<Input, Output extends object>(
  schema: OperationSchema,
  answer: (input: Input, region: Region) => Output,
): Operation {
  return { schema, answer: (input, region) => answer(input as Input, region) };
}
