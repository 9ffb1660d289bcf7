// Every page that a comment or another page cites is there, with the heading that is named, and every link leads somewhere.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { filesBelow, pages } from "../support/pages.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

const sources = ["src", "remote", "suites", "test", "scripts", "examples"]
  .flatMap((folder) => filesBelow(folder))
  .concat("build.mjs", ".ci/run")
  .filter((path) => /\.(ts|mjs|sh|c|h|py|awk|toml)$|run$/.test(path));

/** The page without its blocks of code. */
function prose(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "");
}

function headings(path: string): string[] {
  const text = readFileSync(join(root, path), "utf8").replace(/^```[\s\S]*?^```/gm, "");
  return [...text.matchAll(/^#+ +(.*?) *$/gm)].map(([, heading = ""]) => heading.replaceAll("`", ""));
}

/** The fragment by which a heading is linked to on GitHub and npm. */
function fragmentOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}

/** Address of a file or folder of ours: pages link so to what the package leaves out. */
const ofRepository = /^https:\/\/github\.com\/timetrial\/timetrial\/(?:blob|tree)\/main\//;

/** What is wrong with the links in `text`, a page at `path`. */
function brokenLinks(path: string, text: string): string[] {
  return [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = ""]) => {
    const ours = ofRepository.test(target);
    if (!ours && /^[a-z]+:/.test(target)) return [];
    const [file = "", fragment] = target.replace(ofRepository, "").split("#");
    const to = file === "" ? path : relative(root, join(root, ours ? "." : dirname(path), file));
    if (!existsSync(join(root, to))) return [`${path}: ${target}: no such file`];
    if (fragment === undefined || headings(to).map(fragmentOf).includes(fragment)) return [];
    return [`${path}: ${target}: ${to} has no such heading`];
  });
}

/** The comments of a source file, each line without its marks. */
function comments(text: string): string {
  return text
    .split("\n")
    .flatMap((line) => /(?:^\s*\/?\*+|(?:^|\s)\/\/|^\s*#+)\s(.*)/.exec(line)?.[1] ?? [])
    .join(" ");
}

/** A path of a file of ours, from the root. */
const filePath =
  /(?<![\w/.-])\.?\/?((?:src|test|scripts|remote|docs|examples)\/[\w./-]+\.(?:ts|mjs|sh|c|py|md|svg))\b/g;

/** What `text` imports in a module that it holds as a text. */
function loaded(text: string): string {
  return [...text.matchAll(/from "(\.\/src\/[^"]+)"/g)].map(([, file]) => file).join(" ");
}

/** Pages and files that `text`, the source file at `path`, cites and that are not there, or have no such heading. */
function brokenCitations(path: string, text: string): string[] {
  const cited = [...comments(text).matchAll(/([\w./-]+\.md)\b[`)]*(?:,? "([^"]+)"| section (\d+))?/g)];
  const broken = cited.flatMap(([whole, page = "", heading, section]) => {
    const to = [page, join(dirname(path), page)].find((each) => existsSync(join(root, each)));
    if (to === undefined) return [`${path}: ${page}: no such page`];
    const found = headings(to).some((each) => each === heading || each.startsWith(`${section}. `));
    return (heading === undefined && section === undefined) || found ? [] : [`${path}: ${whole}: no such heading`];
  });
  // Modules that the benchmarks load are named in texts that no compiler reads.
  const files = [...`${comments(text)} ${loaded(text)}`.matchAll(filePath)];
  const gone = files.flatMap(([, file = ""]) =>
    file.endsWith(".md") || existsSync(join(root, file)) ? [] : [`${path}: ${file}: no such file`],
  );
  // A page that is named in capitals and by number is one of somebody's desk.
  const unnamed = [...comments(text).matchAll(/\b[A-Z][A-Z-]{4,}(?:,? section)? \d+(?:\.\d+)?\b/g)];
  return [...broken, ...gone, ...unnamed.map(([words]) => `${path}: ${words}: no such page`)];
}

/** Files that the page `text` at `path` names in passing, and that are not there. */
function brokenMentions(path: string, text: string): string[] {
  return [...text.replace(/^```[\s\S]*?^```/gm, "").matchAll(/`([^`\n]+)`/g)]
    .flatMap(([, code = ""]) => [...code.matchAll(filePath)])
    .flatMap(([, file = ""]) => (existsSync(join(root, file)) ? [] : [`${path}: ${file}: no such file`]));
}

describe("pages and comments", () => {
  test("every link in a page leads to a file, and to a heading of it", () => {
    expect(pages).toEqual(expect.arrayContaining(["README.md", "docs/design.md", "suites/README.md"]));
    const texts = pages.map((path) => [path, readFileSync(join(root, path), "utf8")] as const);
    expect(texts.flatMap(([path, text]) => [...brokenLinks(path, text), ...brokenMentions(path, text)])).toEqual([]);
  });

  test("every page that a comment cites is there, with the heading that it names", () => {
    const all = sources.filter((path) => path !== "test/docs/pages.test.ts");
    expect(all.flatMap((path) => brokenCitations(path, readFileSync(join(root, path), "utf8")))).toEqual([]);
  });

  test("every page of docs/ is linked to from some page", () => {
    const linked = pages.flatMap((path) =>
      [...prose(readFileSync(join(root, path), "utf8")).matchAll(/\]\(([^)\s#]+)/g)].map(([, to = ""]) =>
        ofRepository.test(to) ? to.replace(ofRepository, "") : join(dirname(path), to),
      ),
    );
    expect(pages.filter((path) => path.startsWith("docs/") && !linked.includes(path))).toEqual([]);
  });

  test("a link and a citation that lead nowhere are found", () => {
    expect(brokenLinks("README.md", "[a](docs/none.md) [b](docs/design.md#none) [c](docs/design.md#words)")).toEqual([
      "README.md: docs/none.md: no such file",
      "README.md: docs/design.md#none: docs/design.md has no such heading",
    ]);
    const address = "https://github.com/timetrial/timetrial/blob/main";
    expect(brokenLinks("docs/ec2.md", `[a](${address}/docs/none.md) [b](${address}/docs/design.md#words)`)).toEqual([
      `docs/ec2.md: ${address}/docs/none.md: no such file`,
    ]);
    expect(brokenMentions("README.md", "as `src/none.ts` says, not `src/index.ts`")).toEqual([
      "README.md: src/none.ts: no such file",
    ]);
    expect(
      brokenCitations(
        "src/index.ts",
        '// See docs/none.md, and docs/design.md, "None", and docs/design.md, "Words".\n/** HANDBOOK section 4.2, src/gone.ts */\n',
      ),
    ).toEqual([
      "src/index.ts: docs/none.md: no such page",
      'src/index.ts: docs/design.md, "None": no such heading',
      "src/index.ts: src/gone.ts: no such file",
      "src/index.ts: HANDBOOK section 4.2: no such page",
    ]);
  });
});
