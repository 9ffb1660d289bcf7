// Tables' columns: how wide the bundled program takes text to be.

import { runInNewContext } from "node:vm";
import { build, type Plugin, type PluginBuild } from "esbuild";
import { expect, test } from "vitest";
import { onlyUsedParts } from "../scripts/used-parts.mjs";

test("a table's cells are as wide with the expression that stands for emoji-regex as with the package", async () => {
  const plugin = onlyUsedParts("dist").find((each) => each.name === "without-unused" && asksFor(each, "emoji-regex"));
  const texts = [
    "plain",
    "äé",
    "漢字かな",
    "한글",
    "😀",
    "👩‍💻",
    "👨‍👩‍👧‍👦",
    "👍🏽",
    "🇩🇪",
    "🇩",
    "1️⃣",
    "#️⃣",
    "☝",
    "✌️",
    "❤",
    "❤️",
    "⌚",
    "⌚️",
    "🏴‍☠️",
    "🏳️‍🌈",
    "©",
    "©️",
    "→",
  ];
  const width = async (plugins: Plugin[]) => {
    const { outputFiles } = await build({
      stdin: { contents: 'module.exports = require("string-width");', resolveDir: import.meta.dirname },
      bundle: true,
      write: false,
      format: "cjs",
      plugins,
    });
    const context = { module: { exports: undefined as unknown as (text: string) => number } };
    runInNewContext(outputFiles[0]?.text ?? "", context);
    return texts.map((text) => context.module.exports(text));
  };
  if (plugin === undefined) throw new Error("nothing stands for emoji-regex");
  expect(await width([plugin])).toEqual(await width([]));
});

/** Whether a plugin asks for the modules named `path`. */
function asksFor(plugin: Plugin, path: string): boolean {
  let asks = false;
  const onResolve = ({ filter }: { filter: RegExp }) => {
    asks ||= filter.test(path);
  };
  void plugin.setup({ onResolve, onLoad: () => undefined, onEnd: () => undefined } as unknown as PluginBuild);
  return asks;
}
