// Spec files: what a file says stands for flags, flags override it, and an error about a value of it names its line.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterAll, describe, expect, test } from "vitest";
import { declareBoot } from "../../../src/cli/flags/boot.ts";
import { declareCompare, declarePlan, declareRun, readMeasureWords } from "../../../src/cli/flags/measure.ts";
import { actWithSpec } from "../../../src/cli/spec/act.ts";
import { type SpecKey, specKeys } from "../../../src/cli/spec/spec-keys.ts";
import { specText } from "../../../src/cli/spec/spec-text.ts";
import { TimetrialError } from "../../../src/domain/errors.ts";
import { type Refusal, refusalOf } from "../../support/refusal.ts";

const folder = mkdtempSync(join(tmpdir(), "timetrial-spec-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "spec.toml");

const declarations = {
  compare: (command: Command) => declareCompare(command, undefined),
  plan: (command: Command) => declarePlan(command, undefined),
  run: (command: Command) => declareRun(command, undefined),
  boot: declareBoot,
};

/** The command `name` with the words `argv`, parsed and not carried out. */
function commandOf(name: keyof typeof declarations, argv: readonly string[]): Command {
  const command = new Command(name).exitOverride().configureOutput({ writeErr: () => {} });
  declarations[name](command);
  command.action(() => {});
  command.parse(name === "boot" ? argv : readMeasureWords(argv), { from: "user" });
  return command;
}

interface Called {
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
}

/** What `name` is called with where `text` is the spec file among `argv`, in the place of FILE. */
async function called(
  name: keyof typeof declarations,
  text: string,
  argv: readonly string[] = ["FILE"],
  fail?: TimetrialError,
): Promise<Called> {
  writeFileSync(file, text);
  const [before, behindDashes] = splitWords(argv.map((word) => (word === "FILE" ? file : word)));
  const command = commandOf(name, before);
  let seen: Called | undefined;
  await actWithSpec(command, { words: command.args, behindDashes, isRun: name === "run" }, async (words, options) => {
    if (fail !== undefined) throw fail;
    seen = { words, options: options as Called["options"] };
    return 0;
  });
  return seen as Called;
}

function splitWords(argv: readonly string[]): [string[], string[]?] {
  const at = argv.indexOf("--");
  return at === -1 ? [[...argv]] : [argv.slice(0, at), argv.slice(at + 1)];
}

const refused = async (name: keyof typeof declarations, text: string, argv?: readonly string[]): Promise<Refusal> => {
  const { message, code, hint, exitStatus } = await refusalOf(() => called(name, text, argv));
  const shown = (said: string): string => said.replaceAll(folder, "…");
  return { code, message: shown(message), exitStatus, ...(hint === undefined ? {} : { hint: shown(hint) }) };
};

describe("a value of a spec file", () => {
  test("stands for its flag, in the form that the flag has", async () => {
    const { words, options } = await called(
      "compare",
      `sides = ["a=local", "b=local"]
suite = "hashes"
rounds = 20
budget = 0.5
spot = true
wide = false
save = false
max_hours = 4
[set]
blocks = 10000
[env]
A = "b=c"
[parameter_list]
n = [1, "2"]
[parameter_scan]
m = [1, 9]
`,
    );
    expect(words).toEqual(["a=local", "b=local"]);
    expect(options).toMatchObject({
      suite: ["hashes"],
      rounds: "20",
      budget: "0.5",
      spot: true,
      save: false,
      maxHours: "4",
      set: ["blocks=10000"],
      env: ["A=b=c"],
      parameterList: ["n=1,2"],
      parameterScan: ["m=1=9"],
      cloud: "aws",
    });
    expect(options).not.toHaveProperty("wide");
  });

  test("gives way to the same flag on the command line, whose values are not added to it", async () => {
    const text = 'sides = ["a=local", "b=local"]\nsuite = ["hashes"]\nrounds = 20\ncommand = ["true"]\n';
    const { words, options } = await called("compare", text, ["FILE", "--suite", "crypto", "--rounds", "3"]);
    expect([words, options]).toMatchObject([
      ["a=local", "b=local"],
      { suite: ["crypto"], rounds: "3", command: ["true"] },
    ]);
    expect((await called("compare", text, ["FILE", "c=local", "local"])).words).toEqual(["c=local", "local"]);
    expect((await called("compare", text, ["FILE", "--", "false"])).options).not.toHaveProperty("command");
  });

  test("of --profile sets the environment as the flag does", async () => {
    const before = process.env["AWS_PROFILE"];
    try {
      await called("compare", 'sides = ["local"]\nprofile = "bench"\n');
      expect(process.env["AWS_PROFILE"]).toBe("bench");
      await called("compare", 'sides = ["local"]\nprofile = "bench"\n', ["FILE", "--profile", "mine"]);
      expect(process.env["AWS_PROFILE"]).toBe("mine");
    } finally {
      if (before === undefined) delete process.env["AWS_PROFILE"];
      else process.env["AWS_PROFILE"] = before;
    }
  });

  test("of run: one side stands for --on, and suites among the words for those of the file", async () => {
    const text = 'sides = ["ssh:a1"]\nsuite = ["hashes"]\n';
    expect(await called("run", text)).toMatchObject({ words: [], options: { on: "ssh:a1", suite: ["hashes"] } });
    expect(await called("run", text, ["FILE", "--on", "local"])).toMatchObject({ options: { on: "local" } });
    const other = await called("run", text, ["FILE", "crypto"]);
    expect([other.words, other.options["suite"]]).toEqual([["crypto"], undefined]);
  });

  test("of boot is one of boot's options", async () => {
    const text = 'sides = "c7g.large"\nimage = ["al2023", "freebsd/14.3"]\nboots = 20\nipv6 = true\n';
    expect(await called("boot", text)).toMatchObject({
      words: ["c7g.large"],
      options: { image: ["al2023", "freebsd/14.3"], boots: "20", ipv6: true, port: "22" },
    });
  });
});

describe("a spec file is refused", () => {
  test.each<[string, keyof typeof declarations, string, string, string?]>([
    [
      "with an unknown key",
      "compare",
      'sides = ["local"]\n\nrunds = 3\n',
      "…/spec.toml:3: runds: unknown key",
      "did you mean rounds?",
    ],
    [
      "with a text for a number",
      "compare",
      'rounds = "5"\n',
      '…/spec.toml:1: rounds: expected a number, got "5"',
      "write it without quotes",
    ],
    ["with a number for a text", "compare", "region = 5\n", "…/spec.toml:1: region: expected a text in quotes, got 5"],
    [
      "with a number among texts",
      "compare",
      'suite = [\n  "hashes",\n  3,\n]\n',
      "…/spec.toml:3: suite[1]: expected a text in quotes, got 3",
    ],
    [
      "with a text for a switch",
      "compare",
      'spot = "yes"\n',
      '…/spec.toml:1: spot: expected true or false, got "yes"',
      "write it without quotes",
    ],
    [
      "with a text for a table",
      "compare",
      'set = "blocks=3"\n',
      '…/spec.toml:1: set: expected a table of names and values, got "blocks=3"',
    ],
    [
      "with another word than an option takes",
      "compare",
      '# place\ncloud = "azure"\n',
      '…/spec.toml:2: cloud: expected "aws" or "sandbox", got "azure"',
    ],
    [
      "that is no TOML",
      "compare",
      "rounds 5\n",
      "…/spec.toml:1:8: expected TOML: Invalid TOML document: illegal character in key",
    ],
    [
      "without sides",
      "compare",
      "rounds = 5\n",
      "…/spec.toml: sides: expected a list of sides, got none",
      'as in: sides = ["c6g.large", "c7g.large"]; or name them on the command line',
    ],
    [
      "by run, with two sides",
      "run",
      'sides = ["local", "b=local"]\n',
      "…/spec.toml:1: sides: expected one side, got 2",
      "timetrial compare …/spec.toml compares them; --on SIDE runs on one",
    ],
    [
      "by boot, with a key of compare",
      "boot",
      'sides = ["c7g.large"]\nrounds = 5\n',
      "…/spec.toml:2: rounds: unknown key",
    ],
  ])("%s", async (_, name, text, message, hint) => {
    const error = await refused(name, text);
    expect([error.message, error.hint, error.exitStatus]).toEqual([message, hint, 2]);
  });

  test("where it is not there, or another is named beside it", async () => {
    rmSync(file, { force: true });
    const command = commandOf("compare", ["nowhere.toml"]);
    const act = async (): Promise<number> => 0;
    expect(await refusalOf(() => actWithSpec(command, { words: ["nowhere.toml"] }, act))).toMatchObject({
      message: "nowhere.toml: it is not there",
      exitStatus: 2,
    });
    expect((await refusalOf(() => actWithSpec(command, { words: ["a.toml", "b.toml"] }, act))).message).toBe(
      'expected one spec file, got "a.toml" and "b.toml"',
    );
  });

  test("a microVM's file is a side, with a label too", async () => {
    const words = ["firecracker:vm.toml", "b=firecracker:./vm.toml", "ssh:host.toml", "published:x.toml"];
    let seen: readonly string[] = [];
    await actWithSpec(commandOf("compare", words), { words }, async (given) => {
      seen = given;
      return 0;
    });
    expect(seen).toEqual(words);
  });
});

describe("a later error about a value of a spec file", () => {
  const text = 'sides = [\n  "a=local",\n  "a=local",\n]\nuntil = "x"\nsuite = ["hashs"]\n[set]\nblocks = 7\n';
  test.each([
    [
      '--until: expected a width such as 1%, up to 50%, got "x"',
      '…/spec.toml:5: until: expected a width such as 1%, up to 50%, got "x"',
    ],
    ['two sides are called "a"', '…/spec.toml:3: sides[1]: two sides are called "a"'],
    ['there is no suite "hashs"', '…/spec.toml:6: suite[0]: there is no suite "hashs"'],
    ['--set "blocks": no suite has such a parameter', "…/spec.toml:8: set.blocks: no suite has such a parameter"],
    ["--rounds: expected more", "--rounds: expected more"],
  ])("%s", async (message, expected) => {
    const fail = new TimetrialError("USAGE", message, { hint: "so" });
    const error = await refusalOf(() => called("compare", text, ["FILE"], fail));
    expect([error.message.replaceAll(folder, "…"), error.hint, error.exitStatus]).toEqual([expected, "so", 2]);
  });

  test("is left as it is where the command line gave the value", async () => {
    const fail = new TimetrialError("USAGE", '--until: expected a width, got "y"');
    const error = await refusalOf(() => called("compare", text, ["FILE", "--until", "y"], fail));
    expect(error.message).toBe('--until: expected a width, got "y"');
  });
});

/** Values for the option of `key`, as words. */
function sampleWords({ form, option, choices }: SpecKey): string[] {
  const flag = option.long ?? "";
  const values = {
    boolean: [],
    number: ["3"],
    text: [choices?.at(-1) ?? 'a "b"\\'],
    texts: ["a", "ä\t"],
    table: ["a=1", "b=x=y"],
    lists: [],
  };
  if (form === "boolean") return [flag];
  if (form === "lists") return option.flags.includes("max") ? [flag, "n", "1", "9"] : [flag, "n", "a,b"];
  return values[form].flatMap((value) => [flag, value]);
}

test.each(["compare", "run", "boot"] as const)(
  "what %s is given by flags, all of them, a spec file says again",
  async (name) => {
    const profile = process.env["AWS_PROFILE"];
    const all = specKeys(commandOf(name, name === "run" ? [] : ["x"])).flatMap(sampleWords);
    const words = name === "run" ? ["hashes", "--on", "ssh:a1"] : ["c6g.large", "new=c7g.large"];
    const given = commandOf(name, [...words, ...all]);
    const again = await called(name, specText(given, { words: given.args, isRun: name === "run" }));
    if (profile === undefined) delete process.env["AWS_PROFILE"];
    else process.env["AWS_PROFILE"] = profile;
    const { suite, ...others } = given.opts();
    const { suite: suiteAgain, ...othersAgain } = again.options;
    expect(othersAgain).toEqual(others);
    if (name === "run") expect(suiteAgain).toEqual(["hashes", ...(suite as string[])]);
    else expect([again.words, suiteAgain]).toEqual([given.args, suite]);
    expect(readFileSync(file, "utf8").split("\n").length).toBeGreaterThan(20);
  },
);

test.each([
  [["make", "-j", "a b"], [], ["make -j 'a b'"]],
  [["sleep 1", "sleep 2"], [], ["sleep 1", "sleep 2"]],
  [["a | b"], ["--shell", "sh"], ["a | b"]],
])("the words %j behind -- are written as a command of a spec file", async (behindDashes, more, expected) => {
  const command = commandOf("compare", ["local", ...more]);
  const { options } = await called("compare", specText(command, { words: ["local"], behindDashes }));
  expect(options["command"]).toEqual(expected);
});
