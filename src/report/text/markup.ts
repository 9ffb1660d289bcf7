// Text that a browser reads. What is put into it is escaped unless it is markup already: there is no other way in.

import { printable } from "../../domain/printable.ts";

/** Text that is safe to be read as HTML or SVG, since `markup` made it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Content = Markup | string | number | undefined | readonly Content[];

/** The template with `values` in it: texts escaped, markup as it is, lists one after another, undefined as nothing. */
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

/** `text` fit for an element and for an attribute in quotes; control characters and turns of direction are taken out. */
function escaped(text: string): string {
  return printable(text).replace(/[&<>"']/g, (letter) => entities[letter] as string);
}
