// Of the packages that dist/ holds, what timetrial uses: plugins of esbuild that leave out the rest.

import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { uncalled, withoutUncalled } from "./left-out.mjs";
import { withUsedFields } from "./used-fields.mjs";
import { withOnlyExports } from "./wasm-parts.mjs";

/** The plugins. `folder`: where the bundles are written, for a file beside them. */
export function onlyUsedParts(folder) {
  return [
    ...[plainSchemas, onlyVersions, ...withoutUnused, onlyProbabilities(folder)].map(met),
    withoutUncalled(uncalled),
  ];
}

/** `plugin`, with which a build fails where no module matches one of its filters: a package may look otherwise by then. */
export function met({ name, setup }) {
  return {
    name,
    setup(build) {
      const unmet = new Set();
      const onLoad = (options, callback) => {
        unmet.add(options);
        build.onLoad(options, (found) => {
          unmet.delete(options);
          return callback(found);
        });
      };
      build.onEnd(() => ({
        errors: [...unmet].map(({ filter, namespace }) => ({
          text: `${name}: no module matches ${filter}${namespace === undefined ? "" : ` (${namespace})`}`,
        })),
      }));
      return setup({ ...build, onLoad });
    },
  };
}

// The SDK's schemas write the keys of their traits as constants in brackets. esbuild must take such a key for something
// that runs, and keeps every schema of EC2: half a megabyte. With the constants' values as keys it drops what nothing uses.
//
// Each schema of an error is registered with its class: the SDK makes an error of an unregistered kind from the service's
// base class, with the same name and message, which is all that timetrial looks at. The base class stays registered.
const plainSchemas = {
  name: "plain-schemas",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]schemas[\\/]schemas_\d+\.js$/ }, async ({ path }) => {
      const isClient = /[\\/]@aws-sdk[\\/]client-/.test(path);
      const text = await readFile(path, "utf8");
      const values = new Map([...text.matchAll(/^const (\w+) = (".*");$/gm)].map(([, name, value]) => [name, value]));
      const plain = text.replace(/\[(\w+)\]: /g, (key, name) => (values.has(name) ? `${values.get(name)}: ` : key));
      if (!isClient) return { contents: plain, loader: "js" };
      const named = await namedFields(join(dirname(path), "../pagination"));
      const contents = withUsedFields(plain.replace(/^n0_registry\.registerError\(.*\);$/gm, ""), (field) =>
        named.has(field),
      );
      return { contents, loader: "js" };
    });
  },
};

/** The words of our modules that may talk to AWS or in its place. */
const ownWords = Promise.all(
  ["../src/adapters", "../src/sandbox"].map((folder) => wordsIn(join(import.meta.dirname, folder))),
);

/** The words that name fields: ours, and those of a client's modules that read page after page. */
async function namedFields(pagination) {
  return new Set([...(await ownWords), await wordsIn(pagination).catch(() => [])].flat());
}

/** The words of the modules below `folder`. */
async function wordsIn(folder) {
  const names = (await readdir(folder, { recursive: true })).filter((name) => /\.[jt]s$/.test(name));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return texts.flatMap((text) => text.match(/\w+/g) ?? []);
}

// Each client of the SDK imports its whole package.json, to name its version in the requests.
const onlyVersions = {
  name: "only-versions",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]@aws-sdk[\\/][^\\/]+[\\/]package\.json$/ }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, "utf8"));
      return { contents: JSON.stringify({ version }), loader: "json" };
    });
  },
};

// What the packages load for uses that timetrial has none of: operations of AWS that stream events, colours of cli-table3
// (its cells come coloured), what AWS Lambda tells its functions (scripts/left-out.mjs leaves out the one module that asks), and
// the log that the agents for proxies write where DEBUG names them.
const unused = {
  "@smithy/core/event-streams": "module.exports = {};",
  "@colors/colors/safe": "module.exports = {};",
  debug: "module.exports = () => () => {};",
  "@aws/lambda-invoke-store": "module.exports = {};",
  // The tables of Node's own Unicode; with emoji that were added since, and those that a cell shows without a variation selector.
  // They take Node longer to load than the rest of a table takes, and no emoji is without a character from U+231A on.
  "emoji-regex": `module.exports = () => ({
    [Symbol.replace]: (text, by) =>
      /[\\u231a-\\uffff]/.test(text)
        ? text.replace(/\\p{RGI_Emoji}|\\p{Emoji_Presentation}|\\p{Emoji_Modifier_Base}/gv, by)
        : text,
  });`,
};
const withoutUnused = Object.entries(unused).map(([path, contents]) => ({
  name: "without-unused",
  setup({ onResolve, onLoad }) {
    const namespace = `unused-${path}`;
    onResolve({ filter: new RegExp(`^${path}$`) }, () => ({ path, namespace }));
    onLoad({ filter: /.*/, namespace }, () => ({ contents, loader: "js" }));
  },
}));

// cephes holds five WebAssembly modules and a Buffer for browsers; Student's t needs two functions of the module of
// probabilities. They become a file: as text in base64 it would be a third larger, and far harder to compress.
const probabilities = ["incbet", "incbi"];
const onlyProbabilities = (folder) => ({
  name: "only-probabilities",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^cephes$/ }, ({ namespace }) =>
      namespace === "probabilities" ? undefined : { path: "three", namespace: "probabilities" },
    );
    onLoad({ filter: /.*/, namespace: "probabilities" }, () => ({
      contents: `export { compiled, ${probabilities.join(", ")} } from "cephes";`,
      resolveDir: import.meta.dirname,
    }));
    onLoad({ filter: /[\\/]cephes[\\/]index\.mjs$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const [, module] = /^var cprob = \{\n {2}buffer:\s*"([A-Za-z0-9+/=]+)",$/m.exec(text) ?? [];
      const contents = text
        .slice(text.indexOf("class CephesCompiled "))
        .replace(/^var wasmMap = \{[^}]*\};$/m, "var wasmMap = { cprob };")
        .replace(/^( *WASM_CODE\[pkg\] = )Buffer\.from\(buffer, "base64"\);$/m, "$1timetrialModule();")
        .replace(`"${module}"`, '""');
      if (module === undefined || !contents.includes("{ cprob }") || !contents.includes("timetrialModule()"))
        throw new Error(
          `${path}: expected a Buffer, CephesCompiled, cprob and wasmMap: see what this version looks like`,
        );
      await mkdir(folder, { recursive: true });
      const needed = withOnlyExports(Buffer.from(module, "base64"), ["memory", ...probabilities]);
      await writeFile(join(folder, "cephes.wasm"), needed);
      const reader = 'function timetrialModule() { return readFileSync(new URL("./cephes.wasm", import.meta.url)); }';
      return { contents: `import { readFileSync } from "node:fs";\n${contents}\n${reader}`, loader: "js" };
    });
  },
});
