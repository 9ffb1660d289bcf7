// docs/table.md has every mark and every note of the table: the texts are read from the code that makes them.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { leftOutMeanings } from "../../src/report/explain/left-out.ts";
import { markUrl, type TableMark, tableMarks } from "../../src/report/table/marks.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(join(root, "docs", "table.md"), "utf8");

/** The files whose texts stand below a table. */
const files = [
  "src/analysis/compare-tests/pair-tests.ts",
  "src/analysis/compare-tests/test-notes.ts",
  "src/analysis/comparison/table-notes.ts",
  "src/analysis/notes/false-alarms.ts",
  "src/analysis/why/clock-notes.ts",
  "src/domain/plan/stopping-rule.ts",
  "src/report/table/bottleneck-lines.ts",
  "src/report/table/closing-line.ts",
  "src/report/table/footer.ts",
];

/** The texts in `code`, without imports and comments; what is put into them is left out. */
function textsOf(code: string): string[] {
  const plain = code
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/^\s*\/\/.*$/gm, "")
    .replace(/^import [^;]*;$/gm, "");
  const hole = String.raw`\$\{(?:[^{}\x60]|\x60[^\x60]*\x60|\{[^{}]*\})*\}`;
  const literal = new RegExp(String.raw`\x60((?:[^\x60\\$]|\\.|${hole}|\$(?!\{))*)\x60|"((?:[^"\\\n]|\\.)*)"`, "g");
  return [...plain.matchAll(literal)].flatMap(([, template, text]) =>
    template === undefined ? [text ?? ""] : template.split(new RegExp(hole)),
  );
}

/** The parts of `texts` that a reader could look for: two words and more. */
function notesOf(texts: readonly string[]): string[] {
  return texts
    .map((text) => text.trim().replace(/^[:;,()]+ ?|[ :;,(]+$/g, ""))
    .filter((text) => /[a-z]{2,} [a-z]{2,}/i.test(text));
}

/** The page's text in one line, without the lining up of its tables. */
const words = page.replace(/\s+/g, " ");

describe("every note", () => {
  test.each(files)("of %s is on the page", (file) => {
    const notes = notesOf(textsOf(readFileSync(join(root, file), "utf8")));
    expect(notes.length).toBeGreaterThan(0);
    expect(notes.filter((note) => !words.includes(note))).toEqual([]);
  });

  test("that were added and forgotten would be found", () => {
    const code =
      'import { x } from "./not a note.ts";\n// "nor this one"\nreturn [`${count} moon of ${`a ${b}`} rose`, "at dawn"];';
    expect(notesOf(textsOf(code))).toEqual(["moon of", "at dawn"]);
    expect(notesOf(textsOf("`the moon of ${x} is full: ${y}`"))).toEqual(["the moon of", "is full"]);
  });
});

test("every mark has a heading, to which a page links", () => {
  const headings = new Set([...page.matchAll(/^### (.*)$/gm)].map(([, heading]) => heading));
  for (const [mark, heading] of Object.entries(tableMarks)) {
    expect(headings, mark).toContain(heading);
    const fragment = markUrl(mark as TableMark).split("#")[1];
    expect(fragment).toBe(heading.toLowerCase().replaceAll(" ", "-"));
    const section = page.split(`### ${heading}\n`)[1]?.split("\n#")[0] ?? "";
    expect(section, `${heading}: shows ${mark}`).toContain(mark);
  }
});

test("every reason why a run is left out has the words that explain has", () => {
  const rows = new Map(
    [...page.matchAll(/^\| `([^`]+)` +\| (.*?) +\|$/gm)].map(([, word, meaning]) => [word, meaning]),
  );
  for (const [word, meaning] of Object.entries(leftOutMeanings)) expect(rows.get(word), word).toBe(meaning);
});
