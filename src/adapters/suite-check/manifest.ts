// Findings about a manifest that parses.

import { commandSuiteName } from "../../domain/plan/user-command.ts";
import type { SuiteFinding } from "../../domain/suite-finding.ts";
import type { Manifest } from "../../domain/plan/suite.ts";
import { accepts as acceptsValue, expectedValues } from "../../domain/plan/suite-parameters.ts";
import { lineOfKeys } from "../folders/toml.ts";

/** `text` is the source of `manifest`; `known` are names already in use. */
export function manifestFindings(manifest: Manifest, text: string, known: readonly string[]): SuiteFinding[] {
  const at = (keys: readonly unknown[], what: string, hint: string): SuiteFinding => ({
    file: "suite.toml",
    line: lineOfKeys(text, keys),
    what: `${keys
      .map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))
      .join("")
      .slice(1)}: ${what}`,
    hint,
  });
  const { name, os, rows, params, auto, accepts } = manifest;
  const taken = [...known, commandSuiteName].includes(name);
  const seen = new Map<string, number>();
  return [
    ...(taken
      ? [at(["name"], `${name} is the name of a suite that comes with timetrial`, "choose another: tables show it")]
      : []),
    ...Object.keys(auto)
      .filter((key) => !(key in params))
      .map((key) => at(["auto", key], "there is no such parameter", `add it below [params], or take it out here`)),
    ...Object.entries(accepts).flatMap(([key, accepted]) => {
      const value = params[key];
      if (value === undefined)
        return [at(["accepts", key], "there is no such parameter", "add it below [params], or take it out here")];
      if (acceptsValue(accepted, value)) return [];
      const what = `expected ${expectedValues(accepted)}, as [accepts] has it, got "${value}"`;
      return [at(["params", key], what, "change the one or the other")];
    }),
    ...rows.flatMap((row, i) => {
      const key = `${row.name}/${row.impl}`;
      const before = seen.get(key);
      seen.set(key, before ?? i);
      const stray = (row.os ?? []).find((one) => !os.includes(one));
      const odd = row.instructions.find((word) => !/^(x86_64|aarch64):[a-z0-9_.]+$/.test(word));
      return [
        ...(before === undefined
          ? []
          : [at(["rows", i, "name"], `${key} is rows[${before}] already`, "give it another name or impl")]),
        ...(!row.fresh && row.runs <= row.warmup
          ? [
              at(
                ["rows", i, "runs"],
                `expected more than its warm-up of ${row.warmup}, got ${row.runs}`,
                "set warmup = 0",
              ),
            ]
          : []),
        ...(stray === undefined
          ? []
          : [
              at(
                ["rows", i, "os"],
                `${stray} is not in the suite's own os`,
                `add it there: os = [${[...os, stray].map((one) => `"${one}"`).join(", ")}]`,
              ),
            ]),
        ...(odd === undefined
          ? []
          : [
              at(
                ["rows", i, "instructions"],
                `expected ARCH:WORD, got ${JSON.stringify(odd)}`,
                `as in "x86_64:sha_ni" or "aarch64:sha2"`,
              ),
            ]),
      ];
    }),
  ];
}
