// Colour on a terminal: when there is any, what gets it, and that the text is the same without.

import { stripVTControlCharacters } from "node:util";
import { afterEach, describe, expect, test, vi } from "vitest";
import { paintTable, usesColour } from "../../../src/cli/output/colour.ts";
import { outputTargets } from "../../../src/cli/output/output-targets.ts";
import { printableLines } from "../../../src/domain/printable.ts";

const isTTY = process.stdout.isTTY;
afterEach(() => {
  process.stdout.isTTY = isTTY;
  vi.unstubAllEnvs();
});

function onTerminal(is: boolean, env: Readonly<Record<string, string>> = {}): void {
  process.stdout.isTTY = is;
  vi.stubEnv("NO_COLOR", undefined);
  for (const [name, value] of Object.entries({ TERM: "xterm", ...env })) vi.stubEnv(name, value);
}

describe("colours", () => {
  test("are on a terminal by default, and not in a pipe", () => {
    onTerminal(true);
    expect(usesColour(undefined)).toBe(true);
    onTerminal(false);
    expect(usesColour("auto")).toBe(false);
  });

  test("are not there with NO_COLOR, unless it is empty, nor on a dumb terminal", () => {
    onTerminal(true, { NO_COLOR: "1" });
    expect(usesColour(undefined)).toBe(false);
    onTerminal(true, { NO_COLOR: "" });
    expect(usesColour(undefined)).toBe(true);
    onTerminal(true, { TERM: "dumb" });
    expect(usesColour(undefined)).toBe(false);
  });

  test("follow --color before the rest, never go into a file, and other values are refused", () => {
    onTerminal(false, { NO_COLOR: "1" });
    expect(outputTargets({ color: "always" })).toEqual([{ format: "table", isColoured: true }]);
    expect(outputTargets({ color: "always", out: ["table.txt"] })).toEqual([{ format: "table", file: "table.txt" }]);
    onTerminal(true);
    expect(usesColour("never")).toBe(false);
    expect(() => usesColour("sometimes")).toThrow(/--color: expected auto, always or never, got "sometimes"/);
  });
});

const table = `  md5      0.750 s    0.776 s  ~ 0.967 (0.749-1.24)  ~ 1.01 (1.00-1.02)
  sha1     0.487 s    0.313 s  1.56x (1.26-1.88) †1  1.57x ±0.4 % †1
  sha256    1.11 s     1.33 s  0.835x (0.80-0.87)    0.83x ±1.1 %
  fail2          -          -  fail                  t/o
  geomean 8/8                  1.25x [1.08…1.27]
`;

describe("a coloured table", () => {
  const painted = paintTable(printableLines(table));

  test("has the text of the plain one", () => {
    expect(stripVTControlCharacters(painted)).toBe(table);
  });

  test("has faster in green, slower and failed in red, no difference dim, and what has no interval as it is", () => {
    const coloured = (code: number): string[] =>
      [...painted.matchAll(new RegExp(`\\u001b\\[${code}m([^\\u001b]*)\\u001b\\[0m`, "g"))].map(
        ([, text]) => text ?? "",
      );
    expect(coloured(32)).toEqual(["1.56x", "1.57x"]);
    expect(coloured(31)).toEqual(["0.835x", "0.83x", "fail", "t/o"]);
    expect(coloured(2)).toEqual(["~ 0.967", "~ 1.01"]);
  });
});
