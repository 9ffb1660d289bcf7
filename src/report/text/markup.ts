// Text for a browser. A value in it is escaped unless it is markup already; there is no other way to insert one.

import { printable } from "../../domain/printable.ts";

/** Text that is safe as HTML or SVG, because `markup` made it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Content = Markup | string | number | undefined | readonly Content[];

/**
 * Returns the template with `values` in it: texts are escaped, markup is unchanged, the items of lists follow each
 * other, undefined is empty.
 */
export function markup(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(parts.map((part, i) => part + (i < values.length ? written(values[i]) : "")).join(""));
}

function written(content: Content): string {
  if (content === undefined) return "";
  if (content instanceof Markup) return content.text;
  if (typeof content === "string") return escaped(content);
  return typeof content === "number" ? String(content) : content.map(written).join("");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Escapes `text` for an element and for an attribute in quotes. Control characters and direction marks become question
 * marks.
 */
function escaped(text: string): string {
  return printable(text).replace(/[&<>"']/g, (letter) => entities[letter] as string);
}
