// Bundles that share code: each module is in one file of dist/, whichever commands and entries of the library load it.
//
// esbuild splits the code by the entries that reach it: hundreds of pieces, as ES modules. Node takes longer to find and
// compile thirty small files than to read one large, and each is 250 bytes more of the packed package, so pieces are joined
// until that no longer saves anything. What is imported dynamically is joined too where the file's readers lose nothing by it.
// A second run of esbuild writes entries and joined pieces as CommonJS, which starts sooner than ES modules do.

import { basename, dirname } from "node:path";
import { build } from "esbuild";

/** What a file more costs, in bytes of minified code: the time to load it, and what it adds to the package. */
const fileCost = 50_000;
/** The same where a file more changes nothing for usual commands: for the sake of the package. */
const rareFileCost = 3_000_000;
/** The entry that every command starts with: it must not load what it does not need. */
const startWeight = 100;
/** What a usual command loads one after the other: it must load little that it does not need, and few files. */
const commandWeight = 60;

/**
 * Builds `entries` (name of a file in dist/ -> module) and returns what is in each file and what it loads, in the form of
 * esbuild's metafile. `start`: the entry that every command starts with; `commands`: the entries, by name or by module, that
 * usual commands load. `first`, `second`: esbuild's options for splitting, and for writing.
 */
export async function sharedBundles({ entries, start, commands, first, second }) {
  const split = await build({
    ...first,
    entryPoints: entries,
    format: "esm",
    splitting: true,
    minify: false,
    minifySyntax: true,
    write: false,
    metafile: true,
    outdir: "dist",
    chunkNames: "[name]-[hash]",
  });
  const { outputs, texts } = named(
    split.outputFiles,
    reachable(
      new Map(Object.entries(split.metafile.outputs).map(([path, output]) => [basename(path), output])),
      Object.keys(entries).map((name) => `${name}.js`),
    ),
    Object.keys(entries),
  );
  const groups = joined(outputs, { start: `${start}.js`, commands, fixed: Object.keys(entries) });
  const fileOf = new Map(groups.flatMap(([file, pieces]) => pieces.map((piece) => [piece, file])));
  const names = uniqueNames(groups, texts);
  const within = piecesWithin(outputs, texts, fileOf, Object.keys(entries));
  for (const [piece, file] of within) fileOf.set(piece, file);
  const entryFiles = [...outputs].flatMap(([piece, { entryPoint }]) =>
    entryPoint === undefined || within.has(piece) || fileOf.has(piece) ? [] : [piece],
  );

  await build({
    ...second,
    entryPoints: Object.fromEntries(
      [...entryFiles, ...groups.map(([file]) => file)].map((file) => [file.replace(/\.js$/, ""), `main:${file}`]),
    ),
    outdir: "dist",
    plugins: [...second.plugins, pieces({ outputs, texts, groups: new Map(groups), fileOf, names, within })],
  });
  const files = [...entryFiles.map((file) => [file, [file]]), ...groups];
  return {
    outputs: Object.fromEntries(files.map(([file, parts]) => [`dist/${file}`, account(parts, outputs, fileOf)])),
  };
}

/** What is in a file of the pieces `parts`, and what it loads, by esbuild's account of the pieces. */
function account(parts, outputs, fileOf) {
  const imports = parts
    .flatMap((piece) => outputs.get(piece).imports)
    .filter(({ path }) => !parts.includes(basename(path)))
    .map(({ path, kind }) => {
      const piece = basename(path);
      if (/^(dist|\.)\//.test(path)) return { path: `dist/${fileOf.get(piece) ?? piece}`, kind };
      return { path, kind, external: true };
    });
  return { inputs: Object.assign({}, ...parts.map((piece) => outputs.get(piece).inputs)), imports };
}

/** The entries, all but those called `fixed`, that only export what one joined file has: piece to that file. */
function piecesWithin(outputs, texts, fileOf, fixed) {
  const found = new Map();
  for (const [piece, { entryPoint }] of outputs) {
    if (entryPoint === undefined || fileOf.has(piece) || fixed.includes(piece.replace(/\.js$/, ""))) continue;
    const text = texts.get(piece);
    // Where it imports no name, it is for what its own imports need, which load it themselves.
    const files = new Set([...text.matchAll(importLines)].map(([, , from]) => fileOf.get(from)));
    const rest = text.replace(/^import (\{\n[^}]*\} from )?"[^"]+";$|^\/\/.*$/gm, "").replace(exportLines, "");
    const [file] = files;
    if (files.size === 1 && file !== undefined && rest.trim() === "") found.set(piece, file);
  }
  return found;
}

/** The pieces to which `from` lead: esbuild also writes those that only code leads to which it has left out. */
function reachable(outputs, from) {
  const found = new Set(from);
  for (const piece of found)
    for (const { path, external } of outputs.get(piece).imports) if (external !== true) found.add(basename(path));
  return new Map([...outputs].filter(([piece]) => found.has(piece)));
}

/**
 * The pieces under names that depend on the modules in them alone: esbuild's have a digest, which depends on the folder, too.
 * `fixed`: names of entries, which they keep.
 */
function named(files, outputs, fixed) {
  const key = ({ entryPoint, inputs }) =>
    JSON.stringify([entryPoint === undefined, ...[entryPoint ?? [], Object.keys(inputs)].flat().map(withinRepository)]);
  const taken = new Set(fixed);
  const names = new Map();
  const unnamed = [...outputs].filter(([piece]) => !fixed.includes(piece.replace(/\.js$/, "")));
  for (const [piece, output] of unnamed.sort(([, a], [, b]) => (key(a) < key(b) ? -1 : 1))) {
    const { entryPoint } = output;
    const word =
      entryPoint === undefined ? "piece" : `${roomOf(entryPoint)}-${basename(entryPoint).replace(/\.\w+$/, "")}`;
    names.set(piece, `${unlike(taken, word)}.js`);
  }
  const nameOf = (piece) => names.get(piece) ?? piece;
  const renamedPath = (path) => path.replace(/[^/]+$/, nameOf);
  const pieces = [...outputs].map(([piece, output]) => {
    const imports = output.imports.map((each) => ({ ...each, path: renamedPath(each.path) }));
    return [nameOf(piece), { ...output, imports }];
  });
  const texts = files.flatMap(({ path, text }) => {
    if (!outputs.has(basename(path))) return [];
    // Functions of CommonJS modules bear their module's path.
    const pathless = text.replace(/(__commonJS\(\{\n {2})"[^"\n]+"\(/g, "$1module(");
    return [[nameOf(basename(path)), pathless.replace(/"\.\/([\w.-]+\.js)"/g, (_, piece) => `"./${nameOf(piece)}"`)]];
  });
  return { outputs: new Map(pieces.sort(([a], [b]) => (a < b ? -1 : 1))), texts: new Map(texts) };
}

/** `word`, or with the first number with which it is none of `taken`, to which it is added. */
function unlike(taken, word) {
  let name = word;
  for (let n = 2; taken.has(name); n++) name = `${word}-${n}`;
  taken.add(name);
  return name;
}

/**
 * Of a module, what its file's name begins with: its folder of src/, or its package. npm packs files in the order of their
 * names, and code that is close to what it is like compresses better: packages of AWS are one here.
 */
function roomOf(path) {
  const [, name] = /^.*node_modules\/@?([^/]+)/.exec(path) ?? [];
  if (name !== undefined) return name.replace("smithy", "aws-sdk");
  return dirname(path).split("/")[1] ?? "src";
}

/** What most of `pieces` is of. */
function mainRoomOf(pieces, outputs) {
  const bytes = new Map();
  for (const [path, { bytesInOutput }] of pieces.flatMap((piece) => Object.entries(outputs.get(piece).inputs)))
    bytes.set(roomOf(path), (bytes.get(roomOf(path)) ?? 0) + bytesInOutput);
  return [...bytes].reduce((most, each) => (each[1] > most[1] ? each : most))[0];
}

/** The path of an input from the repository's root, wherever its node_modules is. */
function withinRepository(path) {
  return path.replace(/^.*?(?=node_modules\/)/, "");
}

/**
 * Pieces that several entries load, and those that are imported dynamically, joined: pairs of a file's name and its pieces.
 * Entries called `fixed` keep their files. Depends on the code alone.
 */
function joined(outputs, { start, commands, fixed }) {
  const loads = (piece) =>
    outputs
      .get(piece)
      .imports.flatMap(({ path, kind, external }) =>
        kind === "import-statement" && external !== true ? [basename(path)] : [],
      );
  const isEntry = (piece) => outputs.get(piece).entryPoint !== undefined;
  const entries = [...outputs.keys()].filter(isEntry);
  const reachedBy = new Map([...outputs.keys()].map((piece) => [piece, entries.map(() => false)]));
  for (const [n, entry] of entries.entries()) {
    const visit = (piece) => {
      if (reachedBy.get(piece)[n]) return;
      reachedBy.get(piece)[n] = true;
      loads(piece).forEach(visit);
    };
    visit(entry);
  }
  const loaded = commands.map((named) => named.map((name) => entries.findIndex(isCalled(name, outputs))));
  const missing = commands.flat().filter((_, n) => loaded.flat()[n] === -1);
  if (missing.length > 0) throw new Error(`no entry ${missing.join(", ")}: what usual commands load has changed`);
  for (const reached of reachedBy.values()) reached.push(...loaded.map((own) => own.some((n) => reached[n])));
  const weights = [
    ...entries.map((entry) => (entry === start ? startWeight : 1)),
    ...commands.map(() => commandWeight),
  ];
  const groups = [...reachedBy]
    .filter(([piece, reached]) => !fixed.includes(piece.replace(/\.js$/, "")) && reached.includes(true))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([piece, reached]) => ({ pieces: [piece], bytes: outputs.get(piece).bytes, reached, next: loads(piece) }));
  joinPairs(groups, weights);
  const alone = ({ pieces }) => pieces.length === 1 && isEntry(pieces[0]);
  const taken = new Set(fixed);
  return groups
    .filter((group) => !alone(group))
    .map(({ pieces }) => [`${unlike(taken, mainRoomOf(pieces, outputs))}.js`, pieces]);
}

/** Tells whether an entry has this name in dist/, or is made of the module `name`. */
function isCalled(name, outputs) {
  return (piece) => piece === `${name}.js` || outputs.get(piece).entryPoint === name;
}

/** Joins, in place, the pair of groups that saves the most, until no pair saves anything. */
function joinPairs(groups, weights) {
  const savings = new Map();
  const saves = (a, b) => {
    const row = savings.get(a) ?? savings.set(a, new Map()).get(a);
    return row.get(b) ?? row.set(b, saving(a, b, weights)).get(b);
  };
  for (;;) {
    let best = { saved: 0 };
    for (const [n, a] of groups.entries())
      for (const b of groups.slice(n + 1))
        if (saves(a, b) > best.saved && !loadsMore(a, b, groups) && !closesCircle(a, b, groups))
          best = { saved: saves(a, b), a, b };
    if (best.saved === 0) return;
    const { a, b } = best;
    groups.splice(groups.indexOf(b), 1);
    groups[groups.indexOf(a)] = {
      pieces: [...a.pieces, ...b.pieces],
      bytes: a.bytes + b.bytes,
      reached: a.reached.map((reached, n) => reached || b.reached[n]),
      next: [...a.next, ...b.next].filter((piece) => !a.pieces.includes(piece) && !b.pieces.includes(piece)),
    };
  }
}

/** Bytes that need not be loaded where `a` and `b` are one file, less those that are loaded in vain. */
function saving(a, b, weights) {
  const isUsual = weights.some((weight, n) => weight > 1 && a.reached[n] !== b.reached[n]);
  return weights.reduce((sum, weight, n) => {
    if (a.reached[n] && b.reached[n]) return sum + weight * (isUsual ? fileCost : rareFileCost);
    return sum - weight * (a.reached[n] ? b.bytes : b.reached[n] ? a.bytes : 0);
  }, 0);
}

/** Whether who loads one of `a` and `b` would have to load what only the other needs, too. */
function loadsMore(a, b, groups) {
  const misses = (from, to) =>
    groups.some(
      (group) =>
        group !== from &&
        group.pieces.some((piece) => to.next.includes(piece)) &&
        from.reached.some((reached, n) => reached && !group.reached[n]),
    );
  return misses(a, b) || misses(b, a);
}

/** Whether one of `a` and `b` leads to the other through a third: as one file they would load each other's loader. */
function closesCircle(a, b, groups) {
  const groupOf = new Map(groups.flatMap((group) => group.pieces.map((piece) => [piece, group])));
  const leads = (from, to) => {
    const seen = new Set([from]);
    const queue = from.next.map((piece) => groupOf.get(piece)).filter((group) => group !== to);
    for (const group of queue) {
      if (group === to) return true;
      if (seen.has(group)) continue;
      seen.add(group);
      queue.push(...group.next.map((piece) => groupOf.get(piece)));
    }
    return false;
  };
  return leads(a, b) || leads(b, a);
}

/**
 * A name for each export of the joined pieces, which no other of its file has: function of a piece and the name that it has
 * there. What is imported most often gets the shortest: so the names of files are much alike, and compress well.
 */
function uniqueNames(groups, texts) {
  const lists = [...texts.values()].flatMap((text) => [...text.matchAll(importLines)]);
  const count = new Map();
  const uses = (key) => count.get(key) ?? 0;
  for (const [, list, from] of lists)
    for (const [name] of listed(list)) count.set(`${from} ${name}`, uses(`${from} ${name}`) + 1);
  const given = new Map(
    groups.flatMap(([, pieces]) => {
      const keys = pieces.toSorted().flatMap((piece) => exportsOf(texts.get(piece)).map((name) => `${piece} ${name}`));
      return keys.toSorted((x, y) => uses(y) - uses(x)).map((key, n) => [key, shortName(n)]);
    }),
  );
  return (piece, name) => given.get(`${piece} ${name}`) ?? name;
}

/** Names from `n` = 0 on: letters, then two letters with a sign that no keyword has. */
function shortName(n) {
  const letters = "etnriasolcdupmhfgvybkwxETSNIRAOLCDUPMHFGVYBKWXJQZjqz";
  return n < letters.length
    ? letters[n]
    : `${shortName(Math.floor(n / letters.length) - 1)}$${letters[n % letters.length]}`;
}

/** Names that a piece exports. */
function exportsOf(text) {
  return [...text.matchAll(exportLines)].flatMap(([, list]) => listed(list).map(([, as]) => as));
}

/** Reads the pieces: those of a file together, those of another from that file, under names that are unique. */
function pieces({ outputs, texts, groups, fileOf, names, within }) {
  const imports = [...texts].flatMap(([piece, text]) =>
    [...text.matchAll(importLines)].map(([, list, from]) => ({ piece, from, list: listed(list) })),
  );
  /** What a file has to export, as pairs of a piece and a name: all that an entry does, and what other files import. */
  const wantedOf = (file) => {
    if (!groups.has(file)) return exportsOf(texts.get(file)).map((name) => [file, name]);
    const outside = imports.filter(
      ({ piece, from }) => fileOf.get(from) === file && (fileOf.get(piece) !== file || within.has(piece)),
    );
    const later = groups.get(file).filter((piece) => outputs.get(piece).entryPoint !== undefined);
    return [
      ...outside.flatMap(({ from, list }) => list.map(([name]) => [from, name])),
      ...later.flatMap((piece) => exportsOf(texts.get(piece)).map((name) => [piece, name])),
    ];
  };
  /** One module for all imports of a file: it is required once, under one name. */
  const outside = (file) => {
    const names_ = wantedOf(file).map(([piece, name]) => names(piece, name));
    return `export { ${[...new Set(names_)].join(", ")} } from "./${file}";`;
  };
  /** The exports of a piece that has no file of its own: of what it imports, or its own. */
  const ofWithin = (piece) => {
    const from = new Map(
      imports
        .filter((one) => one.piece === piece && within.has(piece))
        .flatMap(({ from, list }) => list.map(([name, as]) => [as, names(from, name)])),
    );
    const list = [...texts.get(piece).matchAll(exportLines)].flatMap(([, text]) => listed(text));
    return `{ ${list.map(([name, as]) => `${as}: file.${from.get(name) ?? names(piece, as)}`).join(", ")} }`;
  };
  /** In which file a piece is that is imported dynamically, and what it exports there. */
  const later = (piece) => {
    const file = within.get(piece) ?? fileOf.get(piece);
    return file === undefined ? { file: piece } : { file, exports: ofWithin(piece) };
  };
  const main = (file) => {
    const parts = groups.get(file) ?? [file];
    const wanted = new Map(wantedOf(file).map(([piece, name]) => [names(piece, name), piece]));
    const local = [...wanted.keys()].map((name, n) => [name, `timetrial${n}`]);
    const getters = local.map(([name, as]) => `${JSON.stringify(name)}: () => ${as}`);
    return [
      ...parts.map((piece) => `import "./${piece}";`),
      ...local.map(([name, as]) => `import { ${name} as ${as} } from "./${wanted.get(name)}";`),
      // Shorter than what esbuild writes for exports, which is in each file anew.
      getters.length === 0
        ? ""
        : `for (const [name, get] of Object.entries({ ${getters.join(", ")} })) Object.defineProperty(exports, name, { get, enumerable: true });`,
    ].join("\n");
  };
  return {
    name: "pieces",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^main:/ }, ({ path }) => ({ path: path.slice("main:".length), namespace: "main" }));
      onResolve({ filter: /^\.\// }, ({ path, importer, namespace, kind }) => {
        const piece = basename(path);
        const file = fileOf.get(piece) ?? piece;
        const from = namespace === "main" ? importer : (fileOf.get(importer) ?? importer);
        if (kind !== "import-statement" || namespace === "outside") return { path: `./${file}`, external: true };
        return file === from ? { path: piece, namespace: "piece" } : { path: file, namespace: "outside" };
      });
      onLoad({ filter: /.*/, namespace: "main" }, ({ path }) => ({ contents: main(path), loader: "js" }));
      onLoad({ filter: /.*/, namespace: "outside" }, ({ path }) => ({ contents: outside(path), loader: "js" }));
      onLoad({ filter: /.*/, namespace: "piece" }, ({ path }) => ({
        contents: renamed(path, texts.get(path), names, later),
        loader: "js",
      }));
    },
  };
}

const importLines = /^import \{\n([^}]*)\} from "\.\/([^"]+)";$/gm;
const exportLines = /^export \{\n([^}]*)\};$/gm;

/** The pairs of names in the braces of an `import` or `export`, as esbuild writes them. */
function listed(list) {
  return [...list.matchAll(/^ {2}([\w$]+)(?: as ([\w$]+))?/gm)].map(([, name, as = name]) => [name, as]);
}

/**
 * The piece `text` with unique names in its imports and exports, and with what Node has for what ES modules have. `later`: in
 * which file a piece is that is imported dynamically, and what it exports there.
 */
function renamed(piece, text, names, later) {
  const written = (list, change) =>
    listed(list)
      .map(([name, as]) => `  ${change(name, as)}`)
      .join(",\n");
  return text
    .replace(importLines, (_, list, from) => {
      return `import {\n${written(list, (name, as) => `${names(from, name)} as ${as}`)}\n} from "./${from}";`;
    })
    .replace(exportLines, (_, list) => `export {\n${written(list, (name, as) => `${name} as ${names(piece, as)}`)}\n};`)
    .replace(/\bimport\("\.\/([^"]+)"\)/g, (_, from) => {
      const { file, exports } = later(from);
      const loaded = `Promise.resolve().then(() => require("./${file}"))`;
      return exports === undefined ? loaded : `${loaded}.then((file) => (${exports}))`;
    })
    .replaceAll("import.meta.url", 'require("node:url").pathToFileURL(__filename).href');
}
