// The import graph of src/: what the picture in docs/design.md is drawn from.
//
//   node scripts/import-graph.mjs [SRC]    prints files, lines, arrows and circles of each room of the folder SRC (src)

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { pathToFileURL } from "node:url";

const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** Files of the folder `source` and their imports of each other, types and dynamic imports among them. */
export function readGraph(source) {
  const paths = readdirSync(source, { recursive: true })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"))
    .toSorted(byText);
  const known = new Set(paths);
  const files = paths.map((path) => {
    const text = readFileSync(join(source, path), "utf8");
    const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
    const named = [...code.matchAll(/(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+"(\.[^"]+)"/g)];
    const loaded = [...code.matchAll(/(?<!typeof )\bimport\(\s*"(\.[^"]+)"\s*\)/g)];
    const imports = new Map();
    for (const [dynamic, found] of [
      [true, loaded],
      [false, named],
    ])
      for (const [, to] of found) imports.set(normalize(join(dirname(path), to)), dynamic);
    for (const to of imports.keys()) if (!known.has(to)) imports.delete(to);
    return { path, lines: text.split("\n").length - 1, imports };
  });
  return files;
}

/** The folder of src/ that a file lies in; a file of src/ itself is a room of its own. */
export function roomOf(path) {
  return path.includes("/") ? path.split("/")[0] : path.replace(/\.ts$/, "");
}

/** Sets of files that reach each other by imports, dynamic ones too: Tarjan's strongly connected components. */
export function importCircles(files) {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const [index, low, stack, circles] = [new Map(), new Map(), [], []];
  const visit = (path) => {
    index.set(path, index.size);
    low.set(path, index.get(path));
    stack.push(path);
    for (const to of byPath.get(path).imports.keys()) {
      if (!index.has(to)) visit(to);
      if (stack.includes(to)) low.set(path, Math.min(low.get(path), low.get(to)));
    }
    if (low.get(path) !== index.get(path)) return;
    const circle = stack.splice(stack.indexOf(path));
    if (circle.length > 1) circles.push(circle.toSorted(byText));
  };
  for (const { path } of files) if (!index.has(path)) visit(path);
  return circles;
}

/** Per room: files, lines, arrows inside, arrows to other rooms, circles that begin in it. */
export function roomFigures(files) {
  const circles = importCircles(files);
  return [...new Set(files.map(({ path }) => roomOf(path)))].map((room) => {
    const inside = files.filter(({ path }) => roomOf(path) === room);
    const targets = inside.flatMap(({ imports }) => [...imports.keys()]);
    const folders = new Map();
    for (const { path } of inside) {
      const folder = path.split("/").slice(1, -1).join("/");
      folders.set(folder, (folders.get(folder) ?? 0) + 1);
    }
    return {
      room,
      files: inside.length,
      lines: inside.reduce((sum, { lines }) => sum + lines, 0),
      inner: targets.filter((to) => roomOf(to) === room).length,
      outer: targets.filter((to) => roomOf(to) !== room).length,
      circles: circles.filter(([first]) => roomOf(first) === room).length,
      folders: [...folders].toSorted(([a], [b]) => (a < b ? -1 : 1)),
    };
  });
}

/** Imports from room to room: how many, and whether all of them are dynamic. */
export function roomArrows(files) {
  const arrows = new Map();
  for (const { path, imports } of files)
    for (const [to, dynamic] of imports) {
      const [from, other] = [roomOf(path), roomOf(to)];
      if (from === other) continue;
      const arrow = arrows.get(`${from} ${other}`) ?? { from, to: other, count: 0, dynamic: true };
      arrows.set(`${from} ${other}`, { ...arrow, count: arrow.count + 1, dynamic: arrow.dynamic && dynamic });
    }
  return [...arrows.values()];
}

function printFigures(source) {
  const files = readGraph(source);
  const rows = roomFigures(files);
  const sum = (field) => rows.reduce((total, row) => total + row[field], 0);
  const fields = ["files", "lines", "inner", "outer", "circles"];
  const total = { room: "all", ...Object.fromEntries(fields.map((field) => [field, sum(field)])) };
  console.log(["room".padEnd(10), ...fields.map((field) => field.padStart(8))].join(""));
  for (const row of [...rows, total])
    console.log([row.room.padEnd(10), ...fields.map((field) => String(row[field]).padStart(8))].join(""));
  for (const circle of importCircles(files)) console.log(`circle: ${circle.join(" ")}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) printFigures(process.argv[2] ?? "src");
