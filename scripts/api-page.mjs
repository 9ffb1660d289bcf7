// docs/api.md: what `timetrial` and `timetrial/adapters` export, from the declarations and their docstrings, as the compiler
// sees them. Fails where an export lacks a docstring, a function lacks an example, a type that a signature names is not
// exported, or one is exported that none names.

import { API, SymbolFlags } from "typescript/unstable/sync";
import { SyntaxKind } from "typescript/unstable/ast";
import { format } from "prettier";

const root = process.cwd();
const entries = [
  { name: "timetrial", file: "src/index.ts" },
  { name: "timetrial/adapters", file: "src/adapters/index.ts" },
];

/** The text of docs/api.md. @throws Error naming every fault of what it is made from */
export async function apiPage() {
  const api = new API({ cwd: root });
  try {
    const snapshot = api.updateSnapshot({ openProject: `${root}/tsconfig.lib.json` });
    const project = snapshot.getProjects()[0];
    const modules = entries.map((entry) => ({ ...entry, exports: exportsOf(project, entry.file) }));
    const faults = [...closureFaults(project.checker, modules), ...modules.flatMap(docFaults)];
    if (faults.length > 0) throw new Error(`the public API:\n${faults.map((fault) => `  ${fault}`).join("\n")}`);
    return await render(project.checker, modules);
  } finally {
    api.close();
  }
}

function exportsOf({ program, checker }, file) {
  const source = program.getSourceFile(`${root}/${file}`);
  const sections = [
    ...source.text.matchAll(/^\/\/ (To run|To analyse|To print|What is stored[^.]*|The ports[^.]*)\.$/gm),
  ];
  return checker.getExportsOfModule(checker.getSymbolAtLocation(source)).map((alias) => {
    const symbol = resolve(checker, alias);
    const specifier = alias.declarations[0].resolve();
    const at = specifier.pos;
    const isTypeOnly = specifier.isTypeOnly === true || specifier.parent?.parent?.isTypeOnly === true;
    const isValue = !isTypeOnly && (symbol.flags & SymbolFlags.Value) !== 0;
    const section = sections.findLast(({ index }) => index < at + 1)?.[1];
    const tags = symbol.getJsDocTags(checker);
    return { name: alias.name, symbol, isValue, section, doc: symbol.getDocumentationComment(checker), tags };
  });
}

function resolve(checker, symbol) {
  return symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

function idOf(symbol) {
  const [{ path, index }] = symbol.declarations;
  return `${path}:${index}`;
}

/** Types of ours that `symbol`'s declarations name, bodies and private members left out. */
function namedTypes(checker, symbol) {
  const found = new Map();
  const visit = (node) => {
    const isHidden =
      node.kind === SyntaxKind.Block ||
      node.kind === SyntaxKind.TypeQuery ||
      (node.kind === SyntaxKind.VariableDeclaration && node.type === undefined) ||
      node.name?.kind === SyntaxKind.PrivateIdentifier;
    if (isHidden) return;
    if (node.kind === SyntaxKind.TypeReference || node.kind === SyntaxKind.ExpressionWithTypeArguments) {
      const named = checker.getSymbolAtLocation(node.typeName ?? node.expression);
      const type = named && resolve(checker, named);
      const isOurs = type?.declarations[0]?.path.startsWith(`${root}/src/`) ?? false;
      if (isOurs && !(type.flags & SymbolFlags.TypeParameter)) found.set(idOf(type), type);
    }
    node.forEachChild(visit);
  };
  for (const handle of symbol.declarations) visit(handle.resolve());
  return [...found.values()];
}

function closureFaults(checker, modules) {
  const exported = new Map(
    modules.flatMap(({ name, exports }) => exports.map((one) => [idOf(one.symbol), `${name}: ${one.name}`])),
  );
  const seen = new Set();
  const faults = [];
  const walk = (symbol) => {
    if (seen.has(idOf(symbol))) return;
    seen.add(idOf(symbol));
    for (const type of namedTypes(checker, symbol)) {
      if (!exported.has(idOf(type))) faults.push(`${type.name}: named by ${symbol.name}, but not exported`);
      walk(type);
    }
  };
  for (const { exports } of modules) for (const one of exports.filter((each) => each.isValue)) walk(one.symbol);
  const needless = [...exported].filter(([id]) => !seen.has(id)).map(([, name]) => name);
  return [...new Set(faults), ...needless.map((name) => `${name}: exported, but no signature names it`)];
}

function docFaults({ name, exports }) {
  return exports.flatMap((one) => [
    ...(one.doc.trim() === "" ? [`${name}: ${one.name}: has no docstring`] : []),
    ...(one.isValue && !one.tags.some((tag) => tag.name === "example")
      ? [`${name}: ${one.name}: has no @example`]
      : []),
  ]);
}

async function render(checker, modules) {
  const links = new Map(modules.flatMap(({ exports }) => exports.map(({ name }) => [name, `#${name.toLowerCase()}`])));
  const parts = [
    "# The library",
    "",
    "<!-- Written by `npm run generate` from the docstrings in src/. Change those, not this page. -->",
    "",
    "What a program needs to run, to analyse and to print what the command line does. `timetrial` loads no adapter and no AWS SDK;",
    "`timetrial/adapters` has everything that touches the outside. Fields bear their unit: `limit_s` is in seconds, `rss_bytes` in bytes. What was not",
    "measured is absent or null, never 0. Two whole programs are in [examples/](../examples/).",
    "",
  ];
  for (const { name, exports } of modules) {
    parts.push(`# \`${name}\``, "");
    const sections = [...new Set(exports.map(({ section }) => section))];
    for (const section of sections) {
      if (section !== undefined) parts.push(`## ${section}`, "");
      const here = exports.filter((one) => one.section === section);
      for (const one of [...here.filter((each) => each.isValue), ...here.filter((each) => !each.isValue)])
        parts.push(...(await renderExport(checker, one, links)));
    }
  }
  return `${parts.join("\n").trimEnd()}\n`;
}

async function renderExport(checker, { name, symbol, doc, tags }, links) {
  const lines = [`### \`${name}\``, "", doc.trim(), ""];
  const declarations = await Promise.all(symbol.declarations.map((handle) => declarationText(checker, symbol, handle)));
  lines.push("```ts", declarations.join("\n"), "```", "");
  for (const { name: tag, text } of tags) {
    if (tag === "throws") lines.push(`Throws ${text.trim()}`, "");
    if (tag === "example") lines.push("```ts example", text.trim(), "```", "");
  }
  const uses = namedTypes(checker, symbol)
    .map((type) => type.name)
    .filter((each) => each !== name && links.has(each));
  if (uses.length > 0)
    lines.push(`See ${[...new Set(uses)].map((each) => `[${each}](${links.get(each)})`).join(", ")}.`, "");
  return lines;
}

/** A declaration as a reader needs it: without `export`, bodies and private members; what a schema implies written out. */
async function declarationText(checker, symbol, handle) {
  const node = handle.resolve();
  const text = node.getText();
  if (node.kind === SyntaxKind.TypeAliasDeclaration && /InferOutput<|typeof /.test(text)) {
    const noTruncation = 1;
    const inTypeAlias = 1 << 23;
    const type = checker.typeToString(checker.getDeclaredTypeOfSymbol(symbol), undefined, noTruncation | inTypeAlias);
    return await pretty(`type ${symbol.name} = ${type};`);
  }
  if (node.kind === SyntaxKind.FunctionDeclaration) {
    // A parameter with a value of its own is one that may be left out.
    const parameters = [...node.parameters].map((parameter) => {
      const { name, type, initializer, questionToken } = parameter;
      const optional = initializer !== undefined || questionToken !== undefined ? "?" : "";
      const called = name.kind === SyntaxKind.Identifier ? name.getText() : "options";
      const shown = type?.getText() ?? checker.typeToString(checker.getTypeAtLocation(parameter));
      return `${called}${optional}: ${shown}`;
    });
    return await pretty(`function ${node.name.getText()}(${parameters.join(", ")}): ${node.type.getText()};`);
  }
  if (node.kind === SyntaxKind.InterfaceDeclaration) return await pretty(interfaceText(node));
  return await pretty(node.kind === SyntaxKind.ClassDeclaration ? `declare ${classText(node, text)}` : text);
}

/** The class without bodies of its methods, and without its private and internal members. */
function classText(node, text) {
  let shown = text;
  for (const member of [...node.members].toReversed()) {
    const isHidden = member.name?.kind === SyntaxKind.PrivateIdentifier || isInternal(member);
    if (!isHidden && member.body === undefined) continue;
    const from = (isHidden ? member.pos : member.body.getStart()) - node.getStart();
    shown = `${shown.slice(0, from)}${isHidden ? "" : ";"}${shown.slice(member.end - node.getStart())}`;
  }
  return shown.replace(/^export /, "");
}

function isInternal(member) {
  return /\/\*\* @internal\b/.test(member.getFullText());
}

/** The interface without the members that are internal. */
function interfaceText(node) {
  const internal = [...node.members].filter(isInternal);
  const at = node.getStart();
  return internal.reduceRight((text, { pos, end }) => text.slice(0, pos - at) + text.slice(end - at), node.getText());
}

async function pretty(code) {
  const text = await format(code.replace(/^export /, ""), { parser: "typescript", printWidth: 100 });
  return text.trimEnd();
}
