// The examples of --help: three a command, each of which the command takes; and the headings of the options.

import { Command } from "commander";
import { expect, test } from "vitest";
import { commandTable } from "../../src/cli/command-table.ts";
import { examplesOf } from "../../src/cli/flags/examples.ts";
import { declareRun, readMeasureWords } from "../../src/cli/flags/measure.ts";

test.each(commandTable)("%s has three examples, each of which it takes", async (name, _about, declared) => {
  const lines = examplesOf(name)
    .split("\n")
    .filter((line) => line.startsWith("  timetrial "));
  expect(lines).toHaveLength(3);
  for (const line of lines) {
    const command = new Command(name).exitOverride().configureOutput({ writeErr: () => {} });
    await (
      await declared()
    )(command, undefined);
    command.action(() => {});
    const [, own, ...words] = line
      .replace(/ -- .*/, "")
      .trim()
      .split(" ");
    expect(own).toBe(name);
    const given = ["compare", "run", "plan"].includes(name) ? readMeasureWords(words) : words;
    const profile = process.env["AWS_PROFILE"];
    expect(() => command.parse(given, { from: "user" }), line).not.toThrow();
    if (profile === undefined) delete process.env["AWS_PROFILE"];
    else process.env["AWS_PROFILE"] = profile;
  }
});

test("what measures has its options under headings", () => {
  const command = new Command("run");
  declareRun(command, undefined);
  const headings = command.helpInformation().match(/^[A-Z][^:]*:$/gm);
  expect(headings?.toSorted()).toEqual(
    [
      "Account and place:",
      "Arguments:",
      "Commands of your own:",
      "Limits:",
      "Machines:",
      "Options:",
      "Output:",
      "Work:",
    ].toSorted(),
  );
});
