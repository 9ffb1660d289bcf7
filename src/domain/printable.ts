// The one place between text that is not ours and a terminal, a file name or a JSON word.
//
// Machines, manifests, endpoints and stored runs may hold any character. A terminal obeys some: control characters, those
// that turn the writing direction, and those that are not seen.

declare const brand: unique symbol;

/** Text that holds nothing a terminal obeys. Made by the functions of this file alone: what prints takes nothing else. */
export type Printable = string & { readonly [brand]: "printable" };

/**
 * Control characters (C0, DEL, C1), format characters (directions, zero width, tags), line and paragraph separators, and
 * halves of surrogate pairs.
 */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** `text` as one line, each character that a terminal could obey replaced by a question mark. */
export function printable(text: string): Printable {
  return text.replace(unprintable, "?") as Printable;
}

/** `text` with its line ends and tabs, every other character that a terminal could obey replaced by a question mark. */
export function printableLines(text: string): Printable {
  return text.replace(/\r\n|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (found) =>
    ["\n", "\t", "\r\n"].includes(found) ? found : "?",
  ) as Printable;
}

/** Text of our own that moves the cursor or clears lines. */
export function terminalControl(sequence: `\u001b[${string}` | "\r" | "\n"): Printable {
  return sequence as string as Printable;
}

/** Puts printable parts together. */
export function joinPrintable(parts: readonly Printable[], between: " " | "\n" | "" = ""): Printable {
  return parts.join(between) as Printable;
}

/**
 * `value` as JSON that loses nothing: characters that a terminal could obey are written as \uXXXX. `indent`: blanks a level;
 * one line where absent.
 */
export function jsonText(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, null, indent);
  if (!/[^\n -~]/.test(text)) return text;
  // JSON.stringify has escaped C0 and lone surrogates; a line end is its own indentation.
  return text.replace(unprintable, (character) =>
    character === "\n"
      ? character
      : Array.from({ length: character.length }, (_, i) => escaped(character.charCodeAt(i))).join(""),
  );
}

/** `text` with those characters written as \uXXXX, for formats that have no escapes of their own. Line ends and tabs stay. */
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

/** `text` as the name of a file: at most `most` letters, digits, dots, underscores, plus and minus signs; no `.` or `..`. */
export function safeFileName(text: string, most = 200): string {
  const name = text.replace(/[^A-Za-z0-9._+-]/g, "_").slice(0, most);
  return /^\.*$/.test(name) ? name.replaceAll(".", "_") || "_" : name;
}
