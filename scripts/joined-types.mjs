// The declarations of the library, in one file: those that a program can see through its entries. A hundred small files would
// be a tenth of the package.

import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

/**
 * Joins what `entries`, .d.ts files in `folder`, lead to by the names that it uses as `folder`/types.d.ts, which the entries
 * then export from. Docstrings go with their declarations. Each other .d.ts file is removed. @throws Error where two
 * declarations have one name, or where one imports from a package
 */
export function joinTypes(folder, entries) {
  const files = new Map(
    readdirSync(folder, { recursive: true })
      .filter((name) => name.endsWith(".d.ts"))
      .toSorted()
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
    }
  };
  for (const entry of entries) keep(resolve(entry), () => true);

  const isOurs = ({ from }) => from?.startsWith(".");
  const joined = [...files.values()].flat().filter((statement) => kept.has(statement) && !isOurs(statement));
  refuseOthers(kept, joined);
  for (const file of files.keys()) rmSync(file);
  writeFileSync(join(folder, "types.d.ts"), `${joined.map(({ text }) => text).join("\n")}\n`);
  for (const entry of entries) {
    const types = relative(dirname(entry), folder) || ".";
    const exported = files.get(resolve(entry)).map(({ isType, names: [name] }) => (isType ? `type ${name}` : name));
    writeFileSync(entry, `export { ${exported.join(", ")} } from "${types}/types.js";\n`);
  }
}

/** @throws Error where one of the statements `kept` cannot be one of a single file, or names a package; `joined`: those of the file */
function refuseOthers(kept, joined) {
  const names = joined.map(({ names }) => names.at(-1));
  for (const { from, text, names: own } of kept) {
    if (from !== undefined && !/^(\.|node:)/.test(from))
      throw new Error(`the library's types name another package, which the package must not need: ${text}`);
    if ((from?.startsWith(".") && own.length !== 1) || /\bimport\(/.test(withoutComments(text)))
      throw new Error(`the library's types cannot be one file, since one is known by another name: ${text}`);
  }
  const twice = names.filter((name, n) => name === undefined || names.indexOf(name) !== n);
  if (twice.length > 0) throw new Error(`the library's types have two declarations of one name: ${twice.join(", ")}`);
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
  const isType = /^\s*export (?:type \{|\{ type )/.test(code);
  return { text, from, names, isType, words: new Set(code.match(/[\w$]+/g)) };
}
