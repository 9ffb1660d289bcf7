// The picture of time against money: a dot for each ranked side with a price, and the frontier of those that no other side
// beats in both. What lies above or right of the line is slower or dearer than a side on it.

import stringWidth from "string-width";
import type { CostPerJob } from "../../analysis/notes/cost-per-job.ts";
import { axisScale, type Scale } from "../plot/scale.ts";
import type { ReportData } from "../report-data.ts";
import type { Ranking } from "../../analysis/ranking/ranking.ts";
import { dollarsText, jobsUnit } from "../table/cost-per-job.ts";
import { formatTime, unitFor } from "../text/numbers.ts";
import { markup, type Markup } from "../text/markup.ts";

/** In pixels: the picture, and the space around the plot in it. */
const [width, height] = [700, 400];
const space = { left: 62, right: 20, top: 30, bottom: 46 } as const;
const plot = { x: space.left, y: space.top, x2: width - space.right, y2: height - space.bottom } as const;

/** In pixels: the radius of a dot, the height of a name, and the width of a letter of it in the widest font. */
const [radius, nameHeight, letter] = [5, 13, 7];

/** The picture, in pixels. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly content: Markup;
}

/** A side in the picture. */
interface Dot {
  readonly side: string;
  readonly job: CostPerJob;
  readonly time_s: number;
  readonly unbeaten: boolean;
  /** Pixels. */
  readonly x: number;
  readonly y: number;
}

/** Returns the picture; undefined where fewer than two sides have a price. */
export function timeAndMoney(report: ReportData & { readonly ranking: Ranking }): Picture | undefined {
  const { ranking, comparison } = report;
  const priced = ranking.sides.flatMap(({ side, job, unbeaten }) => {
    // The ranking's own time may be CPU time.
    const time_s = comparison.scores?.real.sides[side]?.time_s;
    return job === null || time_s === undefined ? [] : [{ side, job, time_s, unbeaten: unbeaten === true }];
  });
  if (priced.length < 2) return undefined;
  const jobs = jobsUnit(priced.map(({ job }) => job));
  const unit = unitFor(priced.map(({ time_s }) => time_s));
  const inUnit = { us: 1e6, ms: 1e3, s: 1, clock: 1 / 60 }[unit];
  const [money, time] = [
    axisScale(priced.flatMap(({ job }) => ends(job).map((usd) => usd * jobs.count))),
    axisScale(priced.flatMap(({ job, time_s }) => ends(job).map((usd) => ((time_s * usd) / job.usd) * inUnit))),
  ];
  const xOf = (usd: number): number => round(plot.x + ((plot.x2 - plot.x) * money.at(usd * jobs.count)) / 100);
  const yOf = (s: number): number => round(plot.y2 - ((plot.y2 - plot.y) * time.at(s * inUnit)) / 100);
  const dots = priced.map((one): Dot => ({ ...one, x: xOf(one.job.usd), y: yOf(one.time_s) }));
  const spot = ranking.market === "spot" ? ", spot" : "";
  const rows = `geometric mean of ${ranking.rows} ${ranking.rows === 1 ? "row" : "rows"}`;
  return {
    width,
    height,
    content: markup`${axes(money, time)}
<text class="axis-title" x="${plot.x2}" y="${height - 8}" text-anchor="end">$ ${jobs.word}${spot}</text>
<text class="axis-title" x="${plot.x - 20}" y="${plot.y - 16}">real time, ${unit === "clock" ? "minutes" : unit}: ${rows}</text>
<path class="frontier" d="${frontier(dots)}"/>
${dots.map(({ job, time_s, ...dot }) => {
  const [lo, hi] = [job.lo ?? job.usd, job.hi ?? job.usd];
  const said = `${dot.side}: ${formatTime(time_s, unit)}, $ ${dollarsText(job, jobs.count)} ${jobs.word}`;
  // At one price, time and money move together: the interval is a line towards the origin.
  const reach = [xOf(lo), yOf((time_s * lo) / job.usd), xOf(hi), yOf((time_s * hi) / job.usd)] as const;
  return markup`<g class="${dot.unbeaten ? "unbeaten" : "beaten"}"><title>${said}</title><line class="reach" x1="${reach[0]}" y1="${reach[1]}" x2="${reach[2]}" y2="${reach[3]}"/><circle class="dot" cx="${dot.x}" cy="${dot.y}" r="${radius}"/></g>
`;
})}${names(dots)}`,
  };
}

/** Returns the picture as a section of the page; undefined where there is none. */
export function timeAndMoneySection(report: ReportData & { readonly ranking: Ranking }): Markup | undefined {
  const picture = timeAndMoney(report);
  if (picture === undefined) return undefined;
  return markup`<section id="time-and-money"><h2>Time against money</h2>
<div class="scroll"><svg class="tradeoff" viewBox="0 0 ${picture.width} ${picture.height}" width="${picture.width}" height="${picture.height}" role="img">${picture.content}</svg></div>
<p class="key">${pictureKey}</p></section>`;
}

/** What the marks of the picture mean. */
export const pictureKey: string =
  "● no other side is as fast and as cheap, and better in one of the two · ○ another is · dashed: the frontier · through a dot: 95 %";

/** The style of the picture's marks. */
export const pictureStyle: string = `.frontier{fill:none;stroke:var(--real);stroke-width:1.5;stroke-dasharray:6 4}
.unbeaten{--c:var(--real)}.beaten{--c:var(--ink-2)}.beaten .dot{fill:var(--paper)}
.name{paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}.name.best{fill:var(--ink);font-weight:650}
.axis-title{fill:var(--ink)}`;

function ends({ usd, lo, hi }: CostPerJob): number[] {
  // An interval wider than the picture runs out of it.
  return [usd, Math.max(lo ?? usd, usd / 2), Math.min(hi ?? usd, usd * 2)];
}

function axes(money: Scale, time: Scale): Markup {
  const x = (tick: number): number => round(plot.x + ((plot.x2 - plot.x) * money.at(tick)) / 100);
  const y = (tick: number): number => round(plot.y2 - ((plot.y2 - plot.y) * time.at(tick)) / 100);
  return markup`${money.ticks.map(
    (tick) =>
      markup`<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="${plot.y}" y2="${plot.y2}"/><text x="${x(tick)}" y="${plot.y2 + 17}" text-anchor="middle">${tick}</text>`,
  )}${time.ticks.map(
    (tick) =>
      markup`<line class="grid" x1="${plot.x}" x2="${plot.x2}" y1="${y(tick)}" y2="${y(tick)}"/><text x="${plot.x - 8}" y="${y(tick) + 4}" text-anchor="end">${tick}</text>`,
  )}`;
}

/** Returns the stairs below which no side is: from the cheapest unbeaten side to the fastest. */
function frontier(dots: readonly Dot[]): string {
  const [first, ...others] = dots.filter(({ unbeaten }) => unbeaten).toSorted((a, b) => a.x - b.x || b.y - a.y);
  if (first === undefined) return "";
  return `M${first.x} ${plot.y}V${first.y}${others.map(({ x, y }) => `H${x}V${y}`).join("")}H${plot.x2}`;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly x2: number;
  readonly y2: number;
}

/** Names the dots where there is room, the unbeaten ones first; a name that would cover another stays away. */
function names(dots: readonly Dot[]): Markup {
  const taken: Box[] = dots.map(({ x, y }) => ({ x: x - radius, y: y - radius, x2: x + radius, y2: y + radius }));
  const placed = dots
    .toSorted((a, b) => Number(b.unbeaten) - Number(a.unbeaten))
    .map(({ side, x, y, unbeaten }) => {
      const wide = stringWidth(side) * letter;
      const places = [
        { x: x + radius + 4, y: y + 4, anchor: "start", from: x + radius + 4 },
        { x: x - radius - 4, y: y + 4, anchor: "end", from: x - radius - 4 - wide },
        { x, y: y - radius - 5, anchor: "middle", from: x - wide / 2 },
        { x, y: y + radius + nameHeight, anchor: "middle", from: x - wide / 2 },
      ].map((at) => ({ ...at, box: { x: at.from, x2: at.from + wide, y: at.y - nameHeight + 3, y2: at.y + 2 } }));
      const free = places.find(({ box }) => isInside(box) && !taken.some((other) => isOver(box, other)));
      const at = free ?? (unbeaten ? places[0] : undefined);
      if (at === undefined) return undefined;
      taken.push(at.box);
      return markup`<text class="name${unbeaten ? " best" : ""}" x="${round(at.x)}" y="${round(at.y)}" text-anchor="${at.anchor}">${side}</text>`;
    });
  return markup`${placed}`;
}

function isInside({ x, y, x2, y2 }: Box): boolean {
  return x >= plot.x && x2 <= width && y >= plot.y && y2 <= plot.y2;
}

function isOver(a: Box, b: Box): boolean {
  return a.x < b.x2 && b.x < a.x2 && a.y < b.y2 && b.y < a.y2;
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
