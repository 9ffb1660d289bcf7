// Accepts hyperfine's options. An option that exists here does what it does in hyperfine, under the same name. For an
// option without an equivalent, the error names the way to do it here in one line. This module works on the words
// before commander reads them, because commander has no options of two or three arguments.

import { TimetrialError } from "../../domain/errors.ts";

/** hyperfine's options that have the same meaning here under another name. */
const renamed: Readonly<Record<string, readonly string[]>> = {
  "-N": ["--shell", "none"],
  "--command-name": ["--name"],
  "--export-md": ["--export-markdown"],
};

/** hyperfine's options that do not exist here, and what to type instead. */
const refused: Readonly<Record<string, string>> = {
  "--show-output": "output goes to files; the last lines of a command that fails are shown, and --check sees all of it",
  "--input": "standard input is empty; --shell sh -- 'COMMAND <FILE' reads a file",
  "--output": "output goes to files that --check sees as $TT_STEP_DIR/out; --shell sh -- 'COMMAND >FILE' writes one",
  "--style": "--color auto, always or never; --quiet shows no progress",
  "--sort": "commands stand in the order that they are written in; the last line says which is fastest",
  "--time-unit": "each table has the unit that fits it; --format csv has seconds",
  "-u": "each table has the unit that fits it; --format csv has seconds",
  "--conclude": "--check is run after each timed run, --cleanup after all",
  "-C": "--check is run after each timed run, --cleanup after all",
  "--export-asciidoc": "--export-markdown FILE, or csv, json, html or svg",
  "--export-orgmode": "--export-markdown FILE, or csv, json, html or svg",
  "--min-benchmarking-time": "--until 1% goes on until the intervals are as narrow",
  "--reference-name": "--name names each command, the reference first",
};

/** Options that may be values once here, and once for each command in hyperfine. */
const once = ["--prepare", "-p", "--setup", "-s", "--cleanup", "-c"] as const;

/** hyperfine's options with several arguments, and their number. */
const several: Readonly<Record<string, number>> = {
  "-L": 2,
  "--parameter-list": 2,
  "-P": 3,
  "--parameter-scan": 3,
};

/**
 * Returns `words`, the options of a command that measures, in the form that commander takes.
 *
 * @throws TimetrialError USAGE
 */
export function readHyperfineOptions(words: readonly string[]): string[] {
  const found: string[] = [];
  const seen = new Set<string>();
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    const [name = "", ...value] = word.startsWith("--") ? splitOnce(word) : [word];
    const instead = refused[name];
    if (instead !== undefined)
      throw new TimetrialError("USAGE", `${name} is an option of hyperfine that timetrial does not have`, {
        hint: instead,
      });
    if (once.some((option) => option === name)) {
      const key = name.replace(/^-+/, "").charAt(0);
      if (seen.has(key))
        throw new TimetrialError("USAGE", `${name}: given twice`, {
          hint: "here it is one for all commands; a script may look at its own arguments",
        });
      seen.add(key);
    }
    const count = several[name];
    if (count !== undefined && value.length === 0) {
      const values = words.slice(i + 1, i + 1 + count);
      if (values.length < count)
        throw new TimetrialError(
          "USAGE",
          `${name}: expected ${count === 2 ? "VAR and VALUES" : "VAR, MIN and MAX"}, got ${values.length} of them`,
        );
      found.push(
        name.length === 2 ? (name === "-L" ? "--parameter-list" : "--parameter-scan") : name,
        values.join("="),
      );
      i += count;
      continue;
    }
    const replacement = renamed[name];
    found.push(...(replacement === undefined ? [word] : [...replacement, ...value]));
  }
  return found;
}

function splitOnce(word: string): string[] {
  const at = word.indexOf("=");
  return at === -1 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}

export interface ParameterOptions {
  /** Each is `VAR=a,b,c`. */
  readonly parameterList?: readonly string[];
  /** Each is `VAR=MIN=MAX`. */
  readonly parameterScan?: readonly string[];
  readonly parameterStepSize?: string;
}

export interface ScannedParameter {
  readonly name: string;
  readonly values: readonly string[];
}

/** The most commands that parameters may make of one. */
const mostCommands = 100;

/** Parses the parameters of commands. @throws TimetrialError USAGE */
export function scannedParameters(options: ParameterOptions): ScannedParameter[] {
  const lists = (options.parameterList ?? []).map((text): ScannedParameter => {
    const [, name, list] = /^([A-Za-z_]\w*)=(.+)$/s.exec(text) ?? [];
    if (name === undefined || list === undefined)
      throw new TimetrialError("USAGE", `--parameter-list: expected VAR VALUE,VALUE…, got ${JSON.stringify(text)}`);
    return { name, values: list.split(",") };
  });
  const scans = (options.parameterScan ?? []).map((text) => scanOf(text, options.parameterStepSize ?? "1"));
  if (options.parameterStepSize !== undefined && scans.length === 0)
    throw new TimetrialError("USAGE", "--parameter-step-size: there is no --parameter-scan that it could be for");
  return [...lists, ...scans];
}

function scanOf(text: string, step: string): ScannedParameter {
  const [, name, from, to] = /^([A-Za-z_]\w*)=(-?\d+(?:\.\d+)?)=(-?\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (
    name === undefined ||
    from === undefined ||
    to === undefined ||
    !/^\d+(\.\d+)?$/.test(step) ||
    Number(step) <= 0
  ) {
    throw new TimetrialError(
      "USAGE",
      `--parameter-scan: expected VAR MIN MAX, and a --parameter-step-size above 0, got ${JSON.stringify(text.replaceAll("=", " "))} and ${step}`,
    );
  }
  const digits = Math.max(...[from, to, step].map((number) => number.split(".")[1]?.length ?? 0));
  const unit = 10 ** digits;
  const [first, last, by] = [from, to, step].map((number) => Math.round(Number(number) * unit)) as [
    number,
    number,
    number,
  ];
  const values: string[] = [];
  for (let value = first; value <= last && values.length <= mostCommands; value += by)
    values.push((value / unit).toFixed(digits));
  if (values.length === 0)
    throw new TimetrialError("USAGE", `--parameter-scan: expected MIN of at most MAX, got ${from} and ${to}`);
  return { name, values };
}

/**
 * Returns every combination of the parameters' values; one empty combination where there are no parameters.
 *
 * @throws TimetrialError USAGE
 */
export function combinations(parameters: readonly ScannedParameter[]): ReadonlyMap<string, string>[] {
  const found = parameters.reduce<ReadonlyMap<string, string>[]>(
    (before, { name, values }) =>
      before.flatMap((combination) => values.map((value) => new Map([...combination, [name, value]]))),
    [new Map()],
  );
  if (found.length <= mostCommands) return found;
  throw new TimetrialError(
    "USAGE",
    `expected at most ${mostCommands} commands, and the parameters make ${found.length}`,
  );
}

/** Returns `text` with `{VAR}` replaced by the values of `chosen`. */
export function substituted(text: string, chosen: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\{([A-Za-z_]\w*)\}/g, (whole, name: string) => chosen.get(name) ?? whole);
}
