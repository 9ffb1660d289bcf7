// The picture in docs/design.md: the rooms of src/, their folders, and which imports which. Drawn from the import graph;
// only what lies to the left of what is set here. It shows no numbers, so that it changes with the house alone.

import { readGraph, roomArrows, roomFigures } from "./import-graph.mjs";

/** Rooms from left to right, where they stand on one level. */
const fromLeft = ["report", "analysis", "pipeline", "ports", "adapters", "sandbox"];

const purposes = {
  cli: "options in, text out; wires the ports",
  index: "the public API of the library",
  report: "analysis in, text out",
  analysis: "records in, numbers out",
  pipeline: "the way through a run, stage by stage",
  ports: "what the pipeline asks of the outside",
  adapters: "all I/O: AWS, ssh, processes, folders",
  sandbox: "an EC2 and SSM endpoint of its own",
  domain: "what the program talks about",
};

const width = 960;
const box = { width: 270, line: 16, pad: 10 };
const gap = { row: 46, top: 14 };

/** The picture as SVG. */
export function housePicture() {
  const files = readGraph("src");
  const arrows = roomArrows(files);
  const rows = levels(
    roomFigures(files).map(({ room }) => room),
    arrows,
  );
  const boxes = placeBoxes(rows, new Map(roomFigures(files).map((figures) => [figures.room, figures])));
  const height = Math.max(...[...boxes.values()].map(({ y, h }) => y + h)) + gap.top;
  const drawn = arrows.filter(({ to }) => to !== "domain");
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12">`,
    "<title>The rooms of src/ and their imports</title>",
    `<desc>Drawn by scripts/house-picture.mjs from the imports in src/. ${arrows.map(describeArrow).join("; ")}.</desc>`,
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="#456"/></marker></defs>',
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...drawn.map((arrow) => drawArrow(arrow, boxes, rows, drawn)),
    ...[...boxes.values()].flatMap((placed) => drawBox(placed, arrows)),
    "</svg>",
    "",
  ].join("\n");
}

function describeArrow({ from, to, dynamic }) {
  return `${from} imports ${to}${dynamic ? " dynamically" : ""}`;
}

/** Rooms by level, the highest first: a room stands above every room that it imports. */
function levels(rooms, arrows) {
  const level = new Map();
  const levelOf = (room, above = []) => {
    if (above.includes(room)) throw new Error(`rooms import each other in a circle: ${[...above, room].join(" -> ")}`);
    const below = arrows.filter(({ from }) => from === room).map(({ to }) => levelOf(to, [...above, room]));
    level.set(room, below.length === 0 ? 0 : Math.max(...below) + 1);
    return level.get(room);
  };
  rooms.forEach((room) => levelOf(room));
  const highest = Math.max(...level.values());
  return Array.from({ length: highest + 1 }, (_, i) =>
    rooms
      .filter((room) => level.get(room) === highest - i)
      .toSorted((a, b) => fromLeft.indexOf(a) - fromLeft.indexOf(b)),
  );
}

function placeBoxes(rows, figures) {
  const boxes = new Map();
  let y = gap.top;
  for (const row of rows) {
    const free = (width - row.length * box.width) / (row.length + 1);
    const texts = row.map((room) => wrap(folderNames(figures.get(room)), 44));
    const h =
      box.pad * 2 + box.line * (2 + (row.includes("domain") ? 1 : 0) + Math.max(...texts.map((lines) => lines.length)));
    row.forEach((room, i) => {
      boxes.set(room, { room, x: Math.round(free + i * (box.width + free)), y, w: box.width, h, lines: texts[i] });
    });
    y += h + gap.row;
  }
  return boxes;
}

function folderNames({ folders }) {
  return folders.map(([folder]) => folder).filter((folder) => folder !== "");
}

function wrap(words, most) {
  const lines = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length + 3 <= most) lines[lines.length - 1] = `${last} · ${word}`;
    else lines.push(word);
  }
  return lines;
}

function drawBox({ room, x, y, w, h, lines }, arrows) {
  const everyone = arrows.filter(({ to }) => to === room).length === new Set(arrows.map(({ from }) => from)).size;
  const more = room === "domain" && everyone ? ["(every other room imports it)"] : [];
  const text = (dy, content, more = "") => `<text x="${x + box.pad}" y="${y + dy}"${more}>${content}</text>`;
  return [
    `<rect x="${x}" y="${y}" width="${w}" height="${h}" rx="6" fill="#eef3f8" stroke="#456"/>`,
    text(box.pad + 12, room === "index" ? "index.ts" : `${room}/`, ' font-weight="bold" font-size="14"'),
    text(box.pad + 12 + box.line, purposes[room] ?? "", ' fill="#345"'),
    ...[...lines, ...more].map((line, i) => text(box.pad + 12 + box.line * (i + 2), line, ' fill="#678"')),
  ];
}

/** From the lower edge of one box to the upper edge of another; levels between are passed beside their boxes. */
function drawArrow(arrow, boxes, rows, arrows) {
  const [from, to] = [boxes.get(arrow.from), boxes.get(arrow.to)];
  const levelOf = (room) => rows.findIndex((row) => row.includes(room));
  const start = [port(from, arrow, arrows, "from"), from.y + from.h];
  const end = [port(to, arrow, arrows, "to"), to.y];
  const points = [start];
  for (let level = levelOf(arrow.from) + 1; level < levelOf(arrow.to); level += 1) {
    const row = rows[level].map((room) => boxes.get(room));
    const x = gutter(row, end[0], arrows.indexOf(arrow));
    points.push([x, row[0].y - 8], [x, row[0].y + row[0].h + 8]);
  }
  points.push(end);
  const dash = arrow.dynamic ? ' stroke-dasharray="5 4"' : "";
  const path = points.map(([x, y]) => `${x} ${y}`).join(" L");
  return `<path d="M${path}" fill="none" stroke="#456"${dash} marker-end="url(#head)"><title>${describeArrow(arrow)}</title></path>`;
}

/** Where an arrow meets a box: spread over its edge, in the order of their other ends. */
function port(placed, arrow, arrows, end) {
  const other = end === "from" ? "to" : "from";
  const here = arrows.filter((one) => one[end] === placed.room);
  const sorted = here.toSorted((a, b) => fromLeft.indexOf(a[other]) - fromLeft.indexOf(b[other]));
  return Math.round(placed.x + (placed.w * (sorted.indexOf(arrow) + 1)) / (here.length + 1));
}

/** The middle of the space between boxes that is nearest to `x`; each arrow a little beside the others. */
function gutter(row, x, number) {
  const edges = [0, ...row.flatMap((placed) => [placed.x, placed.x + placed.w]), width];
  const middles = [];
  for (let i = 0; i < edges.length; i += 2) middles.push((edges[i] + edges[i + 1]) / 2);
  const nearest = middles.toSorted((a, b) => Math.abs(a - x) - Math.abs(b - x))[0];
  return Math.round(nearest) + (number % 5) * 5 - 10;
}
