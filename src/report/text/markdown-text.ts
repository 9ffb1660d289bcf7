// Text for GitHub's Markdown: escaped names and values, and tables of them.

import { printable } from "../../domain/printable.ts";

/**
 * Returns `text` on one line, with nothing in it that GitHub would take for markup. A name that looks like a mention or
 * an issue would notify somebody: an empty comment separates its sign.
 *
 * Source: GitHub Flavored Markdown 0.29, 2.4 (backslash escapes) and 4.10 (tables: a pipe is escaped in code, too).
 */
export function escapeMarkdown(text: string): string {
  return printable(text.replace(/[\r\n\t]+/g, " "))
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/[\\`*_[\]|~]/g, "\\$&")
    .replace(/(^|[^A-Za-z0-9_/])([@#])(?=[A-Za-z0-9])/g, "$1$2<!-- -->");
}

/** Returns a line of a table, of cells that are escaped already. */
export function markdownLine(cells: readonly string[]): string {
  return `|${cells.map((cell) => ` ${cell} `).join("|")}|`;
}
