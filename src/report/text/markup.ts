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
  let text = parts[0] as string;
  for (let i = 0; i < values.length; i++) text += written(values[i]) + (parts[i + 1] as string);
  return new Markup(text);
}

function written(content: Content): string {
  if (typeof content === "string") return escaped(content);
  if (typeof content === "number") return String(content);
  if (content === undefined) return "";
  return content instanceof Markup ? content.text : content.map(written).join("");
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
  // Most text is plain, and is only looked through.
  if (!/[^ !#-%(-;=?-~]/.test(text)) return text;
  return printable(text).replace(/[&<>"']/g, (letter) => entities[letter] as string);
}
