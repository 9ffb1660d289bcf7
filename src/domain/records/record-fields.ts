// The fields of a record by the kind of their values, and the bounds of numbers, read from the record's schema.

import type { PublishedRecord } from "../published/figures.ts";
import { type CompletedTrial, recordEntries } from "../run/trial-record.ts";

type Every = CompletedTrial & Pick<PublishedRecord, "cpu_s">;

/** The fields that hold a number. */
export type NumberField = Exclude<
  { [F in keyof Required<Every>]: NonNullable<Every[F]> extends number ? F : never }[keyof Every],
  undefined
>;

/** The fields that hold a text that repeats. */
export type WordField =
  | "suite"
  | "row"
  | "impl"
  | "driver"
  | "work_id"
  | "side"
  | "machine"
  | "host_id"
  | "batch"
  | "capture"
  | "orphan_command"
  | "counted"
  | "check"
  | "digest"
  | "status"
  | "reason";

/** Bounds of a number. */
export interface NumberBounds {
  readonly least: number;
  readonly most: number;
  readonly isWhole: boolean;
}

/** What a field holds: one of some words, any text, a time of day, a number within bounds, texts by name, or a list of texts. */
export type FieldKind =
  | { readonly kind: "number"; readonly bounds: NumberBounds }
  | { readonly kind: "word"; readonly isClosed: boolean; readonly most: number }
  | { readonly kind: "instant" | "texts" | "list" };

interface Schema {
  readonly type: string;
  readonly wrapped?: Schema;
  readonly literal?: unknown;
  readonly pipe?: readonly { readonly type: string; readonly requirement?: unknown }[];
}

/** The fields of a stored record and what each holds, in the order of the schema. */
export const recordFields: ReadonlyMap<string, FieldKind> = new Map(
  Object.entries(recordEntries).map(([name, schema]) => [name, kindOf(name, schema as unknown as Schema)]),
);

function kindOf(name: string, schema: Schema): FieldKind {
  if (schema.type === "optional") return kindOf(name, schema.wrapped as Schema);
  if (name === "started_at") return { kind: "instant" };
  switch (schema.type) {
    case "number":
      return { kind: "number", bounds: boundsOf(schema) };
    case "literal":
      if (typeof schema.literal === "number")
        return { kind: "number", bounds: { least: schema.literal, most: schema.literal, isWhole: true } };
      return { kind: "word", isClosed: true, most: Infinity };
    case "string":
      return { kind: "word", isClosed: false, most: (requirementOf(schema, "max_length") ?? Infinity) as number };
    case "picklist":
      return { kind: "word", isClosed: true, most: Infinity };
    case "record":
      return { kind: "texts" };
    case "array":
      return { kind: "list" };
    default:
      throw new Error(`${name}: a record cannot hold ${schema.type}`);
  }
}

function boundsOf(schema: Schema): NumberBounds {
  const isSafe = schema.pipe?.some(({ type }) => type === "safe_integer") === true;
  const isWhole = isSafe || schema.pipe?.some(({ type }) => type === "integer") === true;
  const known = new Set(["number", "min_value", "max_value", "finite", "integer", "safe_integer"]);
  const strange = schema.pipe?.find(({ type }) => !known.has(type));
  if (strange !== undefined) throw new Error(`a record's number cannot be bound by ${strange.type}`);
  return {
    isWhole,
    least: (requirementOf(schema, "min_value") ?? (isSafe ? Number.MIN_SAFE_INTEGER : -Number.MAX_VALUE)) as number,
    most: Math.min(
      (requirementOf(schema, "max_value") ?? Number.MAX_VALUE) as number,
      isSafe ? Number.MAX_SAFE_INTEGER : Number.MAX_VALUE,
    ),
  };
}

function requirementOf({ pipe = [] }: Schema, type: string): unknown {
  return pipe.find((one) => one.type === type)?.requirement;
}
