// Makes text from outside safe for a terminal, a file name or JSON. No other file does this.
//
// Text from machines, manifests, endpoints and stored runs may contain any character. Terminals interpret some: control
// characters, characters that change the writing direction, and invisible ones.

declare const brand: unique symbol;

/**
 * Text without characters that a terminal interprets. Only this file creates it, and functions that print accept no
 * other.
 */
export type Printable = string & { readonly [brand]: "printable" };

/** Bytes of such text. Only this file says so of any. */
export type PrintableBytes = Buffer & { readonly [brand]: "printable" };

/**
 * Control characters (C0, DEL, C1), format characters (directions, zero width, tags), line and paragraph separators,
 * and halves of surrogate pairs.
 */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Replaces each character that a terminal could interpret, line ends included, by a question mark. */
export function printable(text: string): Printable {
  return text.replace(unprintable, "?") as Printable;
}

/** Whether `text` is of ASCII letters, line ends and tabs alone, all of which may be printed. */
export function isPlain(text: string): boolean {
  return !/[^\t\n\r -~]|\r(?!\n)/.test(text);
}

/** Marks the bytes of texts that are plain, each by itself, as printable. */
export function markPlain(bytes: Buffer): PrintableBytes {
  return bytes as PrintableBytes;
}

/** Anything but ASCII, signs and letters of Latin-1, dashes and quotes, arrows and signs of mathematics. */
const unusual = /[^\t\n\r -~\u00a1-\u00ac\u00ae-\u00ff\u2010-\u2027\u2030-\u205e\u2190-\u22ff]|\r(?!\n)/;

/** Replaces each character that a terminal could interpret by a question mark; line ends and tabs stay. */
export function printableLines(text: string): Printable {
  // Most text has the usual characters alone, and is only looked through.
  if (!unusual.test(text)) return text as Printable;
  return text.replace(/\r\n|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (found) =>
    ["\n", "\t", "\r\n"].includes(found) ? found : "?",
  ) as Printable;
}

/** Marks a control sequence of our own, which moves the cursor or clears lines, as printable. */
export function terminalControl(sequence: `\u001b[${string}` | "\r" | "\n"): Printable {
  return sequence as string as Printable;
}

/** Joins printable parts. */
export function joinPrintable(parts: readonly Printable[], between: " " | "\n" | "" = ""): Printable {
  return parts.join(between) as Printable;
}

/**
 * Returns `value` as JSON. Characters that a terminal could interpret are written as \uXXXX, so nothing is lost.
 * `indent`: blanks per level; absent: one line.
 */
export function jsonText(value: unknown, indent?: number): Printable {
  const text = JSON.stringify(value, null, indent);
  if (!/[^\n -~]/.test(text)) return text as Printable;
  // JSON.stringify escapes C0 and lone surrogates itself; a line end here comes from the indentation.
  return text.replace(unprintable, (character) =>
    character === "\n"
      ? character
      : Array.from({ length: character.length }, (_, i) => escaped(character.charCodeAt(i))).join(""),
  ) as Printable;
}

/** Writes such characters as \uXXXX, for formats that have no escapes of their own. Line ends and tabs stay. */
export function escapeUnprintable(text: string): string {
  return text.replace(unprintable, (character) =>
    /[\t\r\n]/.test(character)
      ? character
      : Array.from({ length: character.length }, (_, i) => escaped(character.charCodeAt(i))).join(""),
  );
}

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}

/**
 * Makes a file name of `text`: at most `most` letters, digits, dots, underscores, plus and minus signs; no `.` or `..`.
 */
export function safeFileName(text: string, most = 200): string {
  const name = text.replace(/[^A-Za-z0-9._+-]/g, "_").slice(0, most);
  return /^\.*$/.test(name) ? name.replaceAll(".", "_") || "_" : name;
}
