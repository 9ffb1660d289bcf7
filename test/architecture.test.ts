// The rules of the house (docs/design.md, "Rooms"): which room may import which, no circles, no full folders, no name twice, no long file.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const source = normalize(join(dirname(fileURLToPath(import.meta.url)), "..", "src"));

/** Room, and the rooms that it may import; `~` marks those that it may import only dynamically. */
const allowed: Record<string, readonly string[]> = {
  domain: [],
  analysis: ["domain"],
  ports: ["domain"],
  pipeline: ["ports", "domain"],
  report: ["analysis", "domain"],
  adapters: ["ports", "domain"],
  sandbox: ["domain"],
  index: ["domain", "analysis", "ports", "pipeline", "report"],
  cli: ["domain", "analysis", "ports", "pipeline", "report", "adapters/folders/package-root"],
  "cli/wiring": ["domain", "ports", "pipeline", "cli", "~adapters", "~sandbox"],
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly dynamic: boolean;
}

/** The imports of modules of ours in `text`, the file `from` (relative to src, with `/`). Types count as well. */
function importsOf(from: string, text: string): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const found = [
    ...[...code.matchAll(/(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+"(\.[^"]+)"/g)].map(([, to]) => ({
      to,
      dynamic: false,
    })),
    ...[...code.matchAll(/(?<!typeof )import\(\s*"(\.[^"]+)"\s*\)/g)].map(([, to]) => ({ to, dynamic: true })),
  ];
  return found.map(({ to, dynamic }) => ({ from, to: normalize(join(dirname(from), to ?? "")), dynamic }));
}

function roomOf(path: string): string {
  if (path === "cli/wiring.ts" || path.startsWith("cli/wiring/")) return "cli/wiring";
  return path.includes("/") ? (path.split("/")[0] as string) : path.replace(/\.ts$/, "");
}

function forbidden({ from, to, dynamic }: Import): boolean {
  const [room, other] = [roomOf(from), roomOf(to)];
  if (room === other || (room === "cli" && other === "cli/wiring")) return false;
  const rules = allowed[room] ?? [];
  return !rules.some((rule) => to === `${rule}.ts` || other === rule || (dynamic && rule === `~${other}`));
}

function files(folder: string, below = ""): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    return entry.isDirectory() ? files(folder, path) : path.endsWith(".ts") ? [path] : [];
  });
}

/** The shortest circles: for each file that can reach itself, one way round, named from its first file by the alphabet. */
function circles(imports: readonly Import[]): string[] {
  const next = new Map<string, string[]>();
  for (const { from, to } of imports) next.set(from, [...(next.get(from) ?? []), to]);
  const wayBack = (start: string) => {
    const cameFrom = new Map<string, string>();
    for (const queue = [start]; queue.length > 0;) {
      const file = queue.shift() as string;
      for (const to of next.get(file) ?? []) {
        if (to === start) {
          const way = [file];
          while (way[0] !== start) way.unshift(cameFrom.get(way[0] as string) as string);
          return way;
        }
        if (!cameFrom.has(to)) queue.push((cameFrom.set(to, file), to));
      }
    }
    return undefined;
  };
  const found = [...next.keys()].map(wayBack).filter((way) => way !== undefined);
  return [...new Set(found.map((way) => [...way].sort().join(" <-> ")))];
}

/** Folders of `paths` with more than `most` files directly in them, each with the number that it has. */
function fullFolders(paths: readonly string[], most: number): string[] {
  const counts = new Map<string, number>();
  for (const path of paths) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  return [...counts].filter(([, count]) => count > most).map(([folder, count]) => `${folder}: ${count} files`);
}

/** Names that more than one of `texts` (path to text) declares and exports, each with its files. Re-exports do not count. */
function namesBorneTwice(texts: ReadonlyMap<string, string>): string[] {
  const declaration =
    /^export (?:declare |abstract |async |const )*(?:function\*?|class|const|let|interface|type|enum) (\w+)/gm;
  const bearers = new Map<string, Set<string>>();
  for (const [path, text] of texts)
    for (const [, name = ""] of text.matchAll(declaration))
      bearers.set(name, (bearers.get(name) ?? new Set()).add(path));
  return [...bearers].filter(([, paths]) => paths.size > 1).map(([name, paths]) => `${name}: ${[...paths].join(", ")}`);
}

/** Names that the programs of `texts` (path to text) import from the built library and that its index does not export. */
function missingExports(texts: ReadonlyMap<string, string>): string[] {
  const exported = (index: string): string => readFileSync(join(source, index.replace(/\.js$/, ".ts")), "utf8");
  return [...texts].flatMap(([path, text]) =>
    [...text.matchAll(/import \{([^}]*)\} from "[./]*\/dist\/lib\/((?:adapters\/)?index\.js)"/g)].flatMap(
      ([, names = "", index = ""]) =>
        [...names.matchAll(/(\w+)(?: as \w+)?/g)].flatMap(([, name = ""]) =>
          new RegExp(`\\b${name}\\b`).test(exported(index)) ? [] : [`${path}: ${name}`],
        ),
    ),
  );
}

describe("the house", () => {
  const all = files(source).flatMap((path) => importsOf(path, readFileSync(join(source, path), "utf8")));

  test("every room imports only the rooms that it may", () => {
    expect(all.length).toBeGreaterThan(50);
    expect(all.filter(forbidden).map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  test("an import of an adapter planted in the pipeline is found", () => {
    const planted = importsOf(
      "pipeline/run.ts",
      'import { x } from "../adapters/local.ts";\nimport type { Y } from "../ports/clock.ts";\n',
    );
    expect(planted.filter(forbidden).map(({ to }) => to)).toEqual(["adapters/local.ts"]);
  });

  test("wiring may load an adapter only when it is needed", () => {
    const planted = importsOf(
      "cli/wiring.ts",
      'import { x } from "../adapters/local.ts";\nawait import("../adapters/ssm.ts");\n',
    );
    expect(planted.filter(forbidden).map(({ to }) => to)).toEqual(["adapters/local.ts"]);
  });

  test("no files import each other in a circle", () => {
    expect(circles(all)).toEqual([]);
  });

  test("a planted circle is found, the one over a third file and a dynamic import too", () => {
    const at = (from: string, to: string, dynamic = false) => ({ from, to, dynamic });
    expect(circles([at("a.ts", "b.ts"), at("b.ts", "c.ts"), at("c.ts", "b.ts"), at("d.ts", "a.ts")])).toEqual([
      "b.ts <-> c.ts",
    ]);
    expect(circles([at("a.ts", "b.ts"), at("b.ts", "c.ts"), at("c.ts", "a.ts", true)])).toEqual([
      "a.ts <-> b.ts <-> c.ts",
    ]);
  });

  test("no folder holds more than 15 files", () => {
    expect(fullFolders(files(source), 15)).toEqual([]);
    expect(fullFolders(["a/1.ts", "a/2.ts", "a/b/3.ts"], 1)).toEqual(["a: 2 files"]);
  });

  test("no name is exported by two files", () => {
    expect(
      namesBorneTwice(new Map(files(source).map((path) => [path, readFileSync(join(source, path), "utf8")]))),
    ).toEqual([]);
    const planted = new Map([
      ["a.ts", "export type Cell = 1;\nconst cell = 2;\nexport { cell };\n"],
      ["b.ts", 'export interface Cell {}\nexport { cell } from "./a.ts";\n'],
    ]);
    expect(namesBorneTwice(planted)).toEqual(["Cell: a.ts, b.ts"]);
  });

  test("the AWS SDK is named by its facade and the sandbox alone, but for types", () => {
    const users = files(source).filter((path) =>
      /^(?!.*import type).*from "@aws-sdk\//m.test(readFileSync(join(source, path), "utf8")),
    );
    const facade = ["adapters/aws/account-sdk.ts", "adapters/aws/sdk.ts", "adapters/aws/pricing-sdk.ts"];
    expect(users.filter((path) => !path.startsWith("sandbox/") && !facade.includes(path))).toEqual([]);
  });

  test("every file says at its head what it is", () => {
    const headless = files(source).filter(
      (path) => !/^(#!.*\n)?\/\/ \S/.test(readFileSync(join(source, path), "utf8")),
    );
    expect(headless).toEqual([]);
  });

  test("unknown fields are left out by defined() alone", () => {
    const byHand = /\.\.\.\(([\w.]+) === undefined \? \{\} : \{ (?:\w+: )?\1 \}\)/;
    expect(files(source).filter((path) => byHand.test(readFileSync(join(source, path), "utf8")))).toEqual([]);
    expect("...(a.b === undefined ? {} : { b: a.b })").toMatch(byHand);
  });

  test("programs outside of the types' reach import only what the library exports", () => {
    const programs = readdirSync(join(source, "..", "test"), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".mjs"))
      .map((path) => [path, readFileSync(join(source, "..", "test", path), "utf8")] as const);
    expect(programs.filter(([, text]) => text.includes("dist/lib/")).length).toBeGreaterThan(1);
    expect(missingExports(new Map(programs))).toEqual([]);
    const planted = 'import { tcpProbe, ec2Booter as boots } from "../../dist/lib/adapters/index.js";\n';
    expect(missingExports(new Map([["a.mjs", planted]]))).toEqual(["a.mjs: ec2Booter"]);
  });

  test("no file is longer than 300 lines", () => {
    const long = files(source).filter((path) => readFileSync(join(source, path), "utf8").split("\n").length > 301);
    expect(long).toEqual([]);
  });
});
