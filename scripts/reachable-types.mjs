// The declarations in dist/lib that a program can see through the library's entries; the others are removed.

import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/**
 * Removes from the .d.ts files of `folder` each declaration that none of `entries` leads to, by the names that it uses, and
 * each file of which nothing is left. Docstrings go and stay with their declarations. @throws Error where one that stays
 * imports from a package
 */
export function keepReachableTypes(folder, entries) {
  const files = new Map(
    readdirSync(folder, { recursive: true })
      .filter((name) => name.endsWith(".d.ts"))
      .map((name) => [resolve(folder, name), statementsOf(readFileSync(join(folder, name), "utf8"))]),
  );
  const kept = new Set();
  const keep = (file, isWanted) => {
    for (const statement of files.get(file) ?? []) {
      if (kept.has(statement) || !isWanted(statement)) continue;
      kept.add(statement);
      const target = statement.from === undefined ? undefined : targetOf(file, statement.from);
      // Of an import or a re-export, what it names; of a declaration, what it uses of this file and of others.
      if (target !== undefined) keep(target, ({ names }) => statement.names.some((name) => names.includes(name)));
      else keep(file, ({ names }) => names.some((name) => statement.words.has(name)));
      for (const [, path] of statement.text.matchAll(/import\("(\.[^"]+)"\)/g)) keep(targetOf(file, path), () => true);
    }
  };
  for (const entry of entries) keep(resolve(entry), () => true);
  for (const { from, text } of kept)
    if (from !== undefined && !/^(\.|node:)/.test(from))
      throw new Error(`the library's types name another package, which the package must not need: ${text}`);
  for (const [file, statements] of files) {
    const left = statements.filter((statement) => kept.has(statement));
    if (left.length === 0) rmSync(file);
    else writeFileSync(file, `${left.map(({ text }) => text).join("\n")}\n`);
  }
}

/** The .d.ts file that `path`, as `file` imports it, stands for. */
function targetOf(file, path) {
  return path.startsWith(".") ? resolve(dirname(file), path.replace(/\.[jt]s$/, ".d.ts")) : undefined;
}

/** The top-level statements of a declaration file, each with its docstring, the names that it declares, and the words in it. */
function statementsOf(text) {
  const lines = text.split("\n");
  const statements = [];
  let open = [];
  for (const line of lines) {
    const starts = /^(import|export|declare|type|interface|\/\*\*)/.test(line);
    if (starts && isWhole(open.join("\n"))) {
      statements.push(open.join("\n"));
      open = [];
    }
    open.push(line);
  }
  statements.push(open.join("\n").trimEnd());
  return statements
    .filter((each) => each !== "")
    .flatMap(onePerName)
    .map(statementOf);
}

/** Whether `text` is a statement, and not only its docstring or its first lines: between those of a union may be docstrings. */
function isWhole(text) {
  const code = withoutComments(text).trim();
  const isBlock = /^(export )?(declare )?(abstract )?(interface|class|namespace|enum) /.test(code);
  return code.endsWith(isBlock ? "}" : ";") && code.match(/[({[]/g)?.length === code.match(/[)}\]]/g)?.length;
}

function withoutComments(text) {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\/\/.*$/gm, "");
}

/** An import or a re-export of several names, as one statement for each. */
function onePerName(text) {
  const [, before, list, after] = /^((?:import|export)(?: type)? \{)([^}]*)(\} from "[^"]+";)$/.exec(text) ?? [];
  if (list === undefined) return [text];
  const names = list.split(",").map((each) => each.trim());
  return names.filter((each) => each !== "").map((name) => `${before} ${name} ${after}`);
}

function statementOf(text) {
  const code = withoutComments(text);
  const [, from] = / from "([^"]+)"/.exec(code) ?? [];
  const [, list] = /^\s*(?:import|export)(?: type)? \{([^}]*)\}/.exec(code) ?? [];
  const [, declared] =
    /^\s*(?:export )?(?:declare )?(?:abstract )?(?:const|let|function|class|interface|type|enum|namespace) ([\w$]+)/.exec(
      code,
    ) ?? [];
  const [, star] = /^\s*import(?: type)? \* as (\w+)/.exec(code) ?? [];
  const names =
    list === undefined
      ? [declared ?? star]
      : list
          .trim()
          .replace(/^type /, "")
          .split(" as ");
  return { text, from, names, words: new Set(code.match(/[\w$]+/g)) };
}
