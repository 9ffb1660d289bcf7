// node scripts/why-picture.mjs REPORT.json > docs/why.svg: draws the factors of a run's speedups in CPU time, as
// `timetrial report RUN --why --format json` printed them.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundled } from "../test/bench/bundled.mjs";

const folder = mkdtempSync(join(tmpdir(), "timetrial-picture-"));
const module = join(folder, "why-section.mjs");
await bundled('export { segmentsOf } from "./src/report/why/why-section.ts";', module);
const { segmentsOf } = await import(module);
rmSync(folder, { recursive: true });

const [file = ""] = process.argv.slice(2);
const { rows, baseline, sides } = JSON.parse(readFileSync(file, "utf8"));
const contender = sides.find((side) => side !== baseline);
const titles = { clock: "clock", instructions: "instructions", "work-per-cycle": "work a cycle", rest: "rest" };
const colours = { clock: "#0b62b0", instructions: "#b3530a", "work-per-cycle": "#12795a", rest: "#8d3f8f" };

const [left, right, line, top] = [90, 230, 34, 46];
const bars = rows.flatMap(({ row, speedups, why }) => {
  const { factors = [] } = why[contender] ?? {};
  return factors.length === 0 ? [] : [{ name: row, value: speedups[contender].cpu.value, factors }];
});
const ends = bars.flatMap(({ factors }) => segmentsOf(factors).flatMap(({ from, to }) => [from, to]));
const [least, most] = [Math.min(0.9, ...ends) * 0.95, Math.max(1.1, ...ends) * 1.05];
const width = 760;
const x = (ratio) => left + ((width - left - right) * Math.log(ratio / least)) / Math.log(most / least);
const height = top + bars.length * line + 34;
const out = [];
out.push(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui,sans-serif" font-size="12" fill="#333a44">`,
  `<rect width="${width}" height="${height}" fill="#fff"/>`,
);
let at = left;
for (const name of Object.keys(titles).filter((one) =>
  bars.some(({ factors }) => factors.some((f) => f.name === one)),
)) {
  out.push(
    `<rect x="${at}" y="12" width="14" height="10" fill="${colours[name]}"/><text x="${at + 19}" y="21">${titles[name]}</text>`,
  );
  at += 110;
}
for (const tick of [0.5, 0.7, 1, 1.5, 2, 3, 5].filter((one) => one >= least && one <= most))
  out.push(
    `<line x1="${x(tick).toFixed(1)}" x2="${x(tick).toFixed(1)}" y1="${top - 8}" y2="${height - 26}" stroke="${tick === 1 ? "#5b6470" : "#dfe3e8"}"/>`,
    `<text x="${x(tick).toFixed(1)}" y="${height - 10}" text-anchor="middle">${tick}</text>`,
  );
for (const [i, { name, value, factors }] of bars.entries()) {
  const y = top + i * line;
  out.push(`<text x="${left - 12}" y="${y + 14}" text-anchor="end">${escaped(name)}</text>`);
  for (const { factor, from, to } of segmentsOf(factors))
    out.push(
      `<rect x="${x(Math.min(from, to)).toFixed(1)}" y="${y + 4}" width="${Math.abs(x(to) - x(from)).toFixed(1)}" height="12" fill="${colours[factor.name]}"/>`,
    );
  out.push(
    `<line x1="${x(value).toFixed(1)}" x2="${x(value).toFixed(1)}" y1="${y}" y2="${y + 20}" stroke="#16191d" stroke-width="2"/>`,
  );
  const said = factors.map((factor) => `${titles[factor.name]} ${factor.value.toPrecision(3)}`).join(" × ");
  out.push(`<text x="${width - right + 10}" y="${y + 14}">${value.toPrecision(3)}x = ${said}</text>`);
}
process.stdout.write(`${[...out, "</svg>"].join("\n")}\n`);

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
