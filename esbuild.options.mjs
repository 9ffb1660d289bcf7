// How our code is made into modules for Node: the product, and what benchmarks load.

export const built = {
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  mainFields: ["module", "main"],
  minify: true,
  // Bundled CommonJS packages call require; the name is long, lest minified code take it.
  banner: {
    js: "import { createRequire as timetrialCreateRequire } from 'node:module'; const require = timetrialCreateRequire(import.meta.url);",
  },
  logLevel: "warning",
};
