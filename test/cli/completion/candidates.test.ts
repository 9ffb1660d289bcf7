// What completion offers, by the words before the cursor.

import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { commandTable } from "../../../src/cli/command-table.ts";
import { type CompletionSources, findCandidates } from "../../../src/cli/completion/candidates.ts";
import { candidateLines } from "../../../src/cli/completion/print-candidates.ts";

const sources: CompletionSources = {
  suites: async (begun) => (begun.startsWith("zip/") ? [{ value: "zip/small" }] : [{ value: "zip" }]),
  runs: async () => [{ value: "20200101-a" }, { value: "--trust" }],
  sidesOf: async (name) => (name === "20200101-a" ? ["old", "new"] : undefined),
  rowsOf: async (name) => (name === "20200101-a" ? ["zip/small"] : []),
  types: async () => ["c7g.large"],
  published: async (isOfBoots) => [isOfBoots ? "published:boot-2021" : "published:c7g.8xlarge"],
};

/** The values that are offered for the last of `words`. */
async function offered(...words: string[]): Promise<string[]> {
  const root = new Command("timetrial").version("1");
  for (const [name, about, declared] of commandTable) {
    const command = root.command(name).description(about);
    if (name === words[0]) await (await declared())(command, undefined); // prettier-ignore
  }
  return (await findCandidates(root, words, sources)).map(({ value }) => value);
}

describe("of the first word", () => {
  test("every command is offered, and what stands before none", async () => {
    expect(await offered("")).toEqual([...commandTable.map(([name]) => name), "help", "--version", "-V"]);
  });

  test("help is followed by a command", async () => {
    expect(await offered("help", "")).toEqual(commandTable.map(([name]) => name));
    expect(await offered("help", "run", "")).toEqual([]);
  });
});

describe("of flags", () => {
  test.each(commandTable.map(([name]) => name))("all that %s has are offered", async (name) => {
    const [, , declared] = commandTable.find(([known]) => known === name) ?? [];
    const command = new Command(name);
    await (
      await declared?.()
    )?.(command, undefined);
    const flags = command.options
      .flatMap(({ long, short }) => [long, short])
      .filter((flag) => typeof flag === "string");
    expect(await offered(name, "--")).toEqual([...flags, "--help", "-h"]);
  });

  test("an unknown command has none", async () => {
    expect(await offered("frobnicate", "--")).toEqual([]);
  });
});

describe("of a flag's value", () => {
  test("the choices are offered, behind a blank and behind =", async () => {
    expect(await offered("sweep", "--format", "")).toEqual(["text", "json"]);
    expect(await offered("sweep", "--format=j")).toEqual(["--format=text", "--format=json"]);
    expect(await offered("compare", "a", "b", "-S", "")).toEqual(["none", "sh"]);
  });

  test("a suite, and behind its / a row", async () => {
    expect(await offered("compare", "a", "b", "--suite", "z")).toEqual(["zip"]);
    expect(await offered("compare", "a", "b", "--suite=zip/")).toEqual(["--suite=zip/small"]);
  });

  test("the baseline is one of the sides before it, or of the named run", async () => {
    expect(await offered("compare", "a", "--rounds", "3", "b", "--baseline", "")).toEqual(["a", "b"]);
    expect(await offered("report", "20200101-a", "--baseline", "")).toEqual(["old", "new"]);
    expect(await offered("report", "nowhere", "--baseline", "")).toEqual([]);
  });

  test("sweep takes a run's name, not the word for the newest", async () => {
    expect(await offered("sweep", "--run", "")).toEqual(["20200101-a"]);
  });

  test("a flag of several values waits for all of them", async () => {
    expect(await offered("run", "-P", "n", "1", "")).toEqual([]);
    expect(await offered("run", "-P", "n", "1", "9", "")).toEqual(["zip"]);
  });

  test("a value that anything may be has no candidate, so that the shell offers files", async () => {
    expect(await offered("report", "--out", "")).toEqual([]);
  });
});

describe("of an argument", () => {
  test("a side is a place, a type of a stored run, or published", async () => {
    expect(await offered("compare", "")).toEqual([
      "local",
      "ssh:",
      "firecracker:",
      "c7g.large",
      "published:c7g.8xlarge",
    ]);
    expect(await offered("compare", "local", "new=")).toContain("new=c7g.large");
    expect(await offered("boot", "")).toEqual(["firecracker:", "c7g.large", "published:boot-2021"]);
    expect(await offered("run", "--on", "")).toEqual(["local", "ssh:", "firecracker:", "c7g.large"]);
  });

  test("a run is a stored one, also behind a label; one that would be a flag is left out", async () => {
    expect(await offered("report", "")).toEqual(["latest", "20200101-a"]);
    expect(await offered("report", "latest", "old=2")).toEqual(["old=latest", "old=20200101-a", "old=--trust"]);
  });

  test("explain has the rows of its run, and nothing behind them", async () => {
    expect(await offered("explain", "20200101-a", "")).toEqual(["zip/small", "geomean"]);
    expect(await offered("explain", "20200101-a", "geomean", "")).toEqual([]);
  });

  test("list and completion have their words, and the names behind them", async () => {
    expect(await offered("list", "")).toEqual(["suites", "runs", "types", "published"]);
    expect(await offered("list", "suites", "")).toEqual(["zip"]);
    expect(await offered("list", "types", "")).toEqual(["c7g.large"]);
    expect(await offered("list", "runs", "")).toEqual([]);
    expect(await offered("completion", "")).toEqual(["bash", "zsh", "fish"]);
  });

  test("a command of the user's own has none", async () => {
    expect(await offered("run", "--", "so")).toEqual([]);
  });
});

describe("the lines that the scripts read", () => {
  test("hold no value that a shell could interpret", () => {
    const hostile = [
      "$(touch x)",
      "`x`",
      "a b",
      "a;b",
      "a|b",
      "a\nb",
      "a\tb",
      "~x",
      "'",
      '"',
      "!x",
      "*",
      "{a,b}",
      "a\u001b[31m",
      "é",
    ];
    expect(candidateLines([...hostile, "c7g.large", "ssh:", "a=b"].map((value) => ({ value })))).toBe(
      "c7g.large\nssh:\na=b\n",
    );
  });

  test("hold a description in one line of the terminal", () => {
    expect(candidateLines([{ value: "a", about: `two\nlines\tand\u001b[31m ${"x".repeat(99)}` }])).toBe(
      `a\ttwo?lines?and?[31m ${"x".repeat(48)}...\n`,
    );
  });
});
