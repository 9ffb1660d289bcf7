// node scripts/report-pictures.mjs: draws docs/table.svg, the table as a terminal shows it, and docs/report.svg, the forest of
// speedups, of the stored run examples/two-families.tar.gz.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";

const run = "examples/two-families.tar.gz";

function report(...words) {
  const env = { ...process.env, LC_ALL: "C.UTF-8", NO_COLOR: "1", COLUMNS: "80" };
  const { status, stdout, stderr } = spawnSync(process.execPath, ["dist/cli.js", "report", run, ...words], {
    encoding: "utf8",
    env,
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const lines = [`$ timetrial report ${run}`, ...report().trimEnd().split("\n")];
const [pitch, line] = [7.9, 17];
const width = Math.ceil(Math.max(...lines.map((each) => each.length)) * pitch + 32);
const height = lines.length * line + 28;
const texts = lines.map((each, i) => {
  const isFaster = /†/.test(each) && / s {2}/.test(each) && !each.includes("~");
  const isNote = i > lines.findIndex((one) => one.includes("geomean"));
  const colour = i === 0 ? "#7aa2c8" : isNote ? "#9aa4b2" : isFaster ? "#7fd18b" : "#e6e9ee";
  // The length is said, so that columns stand below each other in any fixed-width face.
  const length =
    each.length === 0 ? "" : ` textLength="${(each.length * pitch).toFixed(1)}" lengthAdjust="spacingAndGlyphs"`;
  return `<text x="16" y="${26 + i * line}" fill="${colour}"${length} xml:space="preserve">${escaped(each)}</text>`;
});
writeFileSync(
  "docs/table.svg",
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="ui-monospace,DejaVu Sans Mono,Menlo,Consolas,monospace" font-size="13">`,
    `<rect width="${width}" height="${height}" rx="8" fill="#16191d"/>`,
    ...texts,
    "</svg>\n",
  ].join("\n"),
);
writeFileSync("docs/report.svg", report("--format", "svg"));
