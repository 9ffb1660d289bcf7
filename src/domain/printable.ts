// What machines say, fit for a terminal.

/** `text` with control characters, and those that turn the writing direction, replaced: nothing that a terminal obeys. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "?");
}
