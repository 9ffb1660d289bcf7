// What a spec file may hold: for the reader of the file, and as JSON Schema for editors.

import type { Command } from "commander";
import * as v from "valibot";
import { type SpecKey, sidesKey, specKeys } from "./spec-keys.ts";

const text = v.string("expected a text in quotes");
const number = v.pipe(v.number("expected a number"), v.finite("expected a number"));
const textOrNumber = v.union([text, number], "expected a text in quotes, or a number");
const texts = v.lazy((value) => (Array.isArray(value) ? v.array(text) : text));

/** The content of a spec file. */
export type SpecContent = Readonly<Record<string, SpecValue | undefined>>;
export type SpecValue =
  | boolean
  | number
  | string
  | readonly string[]
  | Readonly<Record<string, string | number | readonly (string | number)[]>>;

/** Returns the schema of the spec files that `command` reads. */
export function specSchemaOf(command: Command): v.GenericSchema<unknown, SpecContent> {
  const keys = specKeys(command).map((key) => [key.name, v.optional(schemaOfKey(key))] as const);
  return v.strictObject({ [sidesKey]: v.optional(texts), ...Object.fromEntries(keys) });
}

function schemaOfKey({ form, choices, option }: SpecKey): v.GenericSchema<unknown, SpecValue> {
  switch (form) {
    case "boolean":
      return v.boolean("expected true or false");
    case "number":
      return number;
    case "text": {
      if (choices === undefined) return option.optional ? v.union([v.literal(true), text]) : text;
      const expected = choices.map((choice) => JSON.stringify(choice)).join(", ");
      return v.picklist(choices, `expected ${expected.replace(/, ([^,]*)$/, " or $1")}`);
    }
    case "texts":
      return texts;
    case "table":
      return v.record(v.string(), textOrNumber, "expected a table of names and values");
    case "lists":
      return v.record(v.string(), v.array(textOrNumber, "expected a list of values"), "expected a table of lists");
  }
}

/** Returns the JSON Schema (draft 7, which TOML editors read) of the spec files that `command` reads. */
export function jsonSchemaOf(command: Command, about: string, sides: string): Readonly<Record<string, unknown>> {
  const keys = specKeys(command).map((key) => [key.name, { description: aboutKey(key), ...jsonSchemaOfKey(key) }]);
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: about,
    type: "object",
    additionalProperties: false,
    properties: { [sidesKey]: { description: sides, ...jsonTexts }, ...Object.fromEntries(keys) },
  };
}

function aboutKey({ option, name }: SpecKey): string {
  // The description of --no-save is of its absence.
  return option.negate ? `${name} = false: ${option.description}` : option.description;
}

const jsonTexts = { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] };
const jsonTextOrNumber = { type: ["string", "number"] };

function jsonSchemaOfKey({ form, choices, option }: SpecKey): Readonly<Record<string, unknown>> {
  switch (form) {
    case "boolean":
    case "number":
      return { type: form };
    case "text":
      if (choices !== undefined) return { type: "string", enum: choices };
      return option.optional ? { anyOf: [{ const: true }, { type: "string" }] } : { type: "string" };
    case "texts":
      return jsonTexts;
    case "table":
      return { type: "object", additionalProperties: jsonTextOrNumber };
    case "lists":
      return { type: "object", additionalProperties: { type: "array", items: jsonTextOrNumber } };
  }
}
