// The page, opened in a real browser from a file, as a reader would: what is asserted is what the browser makes of it.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { svg } from "../../../src/report/formats/svg.ts";
import type { TrialRecord } from "../../../src/domain/run/trial-record.ts";
import { Browser, hasChromium } from "../../support/browser.ts";
import { buildReportData } from "../../../src/report/build-report-data.ts";
import { type RenderOptions, renderReport } from "../../../src/report/render-report.ts";
import type { ReportData } from "../../../src/report/report-data.ts";
import { costBlocks } from "../../../src/report/table/cost-per-job.ts";
import { withFactors } from "../../../src/report/why/why-block.ts";
import { told } from "../../support/run-of-records.ts";
import { aRun, longName, reading } from "../../support/timed-run.ts";

const withChromium = hasChromium ? "" : " [needs chromium]";
const pageOf = (report: ReportData, options?: RenderOptions): Promise<string> => renderReport(report, "html", options);
const evil = `<script>document.title='owned'</script><img src=x onerror="document.title='owned'">"'&\u0007\u202eabc`;

describe.skipIf(!hasChromium)(`in a browser${withChromium}`, () => {
  let browser: Browser;
  beforeAll(() => {
    browser = new Browser();
  });
  afterAll(() => browser[Symbol.asyncDispose]());

  /** How many axes have labels that a reader could not tell apart. */
  const axesWithOverlaps = () =>
    browser.value<number>(`[...document.querySelectorAll("svg.axis")].filter((axis) => {
      const boxes = [...axis.querySelectorAll("text")].map((text) => text.getBoundingClientRect());
      return boxes.some((box, i) => i > 0 && box.left < boxes[i - 1].right + 2);
    }).length`);
  const texts = (selector: string) =>
    browser.value<string[]>(
      `[...document.querySelectorAll(${JSON.stringify(selector)})].map((one) => one.textContent)`,
    );

  test("everything is there with scripts off: table, dots, medians, facts, notes", async () => {
    await browser.open(await pageOf(await told()), { width: 1280, scripts: false });
    expect(browser.complaints).toEqual([]);
    expect(await texts("h1")).toEqual(["c6g → c7g"]);
    expect(await texts("table.main tbody th.row")).toEqual(["md5", "sha1", "geomean (2 of 2)"]);
    const [first = []] = await browser.value<string[][]>(
      `[...document.querySelectorAll("table.main tbody tr:not(.group)")].map((row) => [...row.cells].map((cell) => cell.textContent))`,
    );
    expect(first.slice(1, 5)).toEqual(["2.01 s", "1.00 s", "1.01 s", "0.503 s"]);
    expect(first[5]).toMatch(/^1\.99x/);
    // 2 rows, real and CPU, 4 machines, 8 rounds; then each once more in the order of time.
    expect(await browser.value(`document.querySelectorAll("#runs circle.run").length`)).toBe(2 * 2 * 4 * 8);
    expect(await browser.value(`document.querySelectorAll("#runs circle.run.out").length`)).toBe(2 * 2 * 4);
    expect(await browser.value(`document.querySelectorAll("#runs .median").length`)).toBe(2 * 2 * 4);
    expect(await browser.value(`document.querySelectorAll("#runs .bar").length`)).toBe(2 * 2 * 4);
    expect(await browser.value(`document.querySelectorAll("#order circle.run").length`)).toBe(2 * 4 * 8);
    expect((await texts(".notes li")).join()).toContain("0 of 56 runs left out");
    expect((await texts("footer")).join()).toContain("3f9a".repeat(16));
  });

  test("of commands the table and every lane name the command, and the order of short runs is their rounds", async () => {
    const began = (record: TrialRecord): TrialRecord => ({ ...record, started_at: "2026-11-27T22:00:00Z" });
    const run = aRun({ "command/local/command": { "sleep 1": 1, "sleep 2": 2, "sleep 3": 3 } }, { change: began });
    await browser.open(await pageOf(await buildReportData({ ...run, by: "command" }, "sleep 1")), { width: 1280 });
    const commands = ["sleep 1", "sleep 2", "sleep 3"];
    expect(await texts("table.main tbody th.row")).toEqual(commands);
    expect((await texts("#runs .strip .label")).filter(Boolean)).toEqual([...commands, ...commands]);
    expect(await texts("#speedups .forest .label")).toEqual([...commands.slice(1), ""]);
    for (const label of await texts("#order .label:not(:empty)")) expect(label).toMatch(/^sleep \d±/);
    const ticks = await texts("#order .axis text");
    expect(ticks.length).toBeGreaterThan(1);
    for (const tick of ticks) expect(tick).toMatch(/^round \d+$/);
  });

  test.each(["light", "dark", "print"] as const)(
    "the matrix of twelve sides has a number in every cell, which can be read on its colour, in %s",
    async (kind) => {
      const sides = Object.fromEntries(
        Array.from({ length: 12 }, (_, i) => [`c${i}g.large`, [1, 1.001, 1.002].map((one) => (one * (6 + i)) / 9)]),
      );
      const run = aRun({ "hashes/md5/c": sides, "hashes/sha1/c": sides });
      const page = await pageOf(await buildReportData(run, "c4g.large"));
      const media = kind === "print" ? "print" : "screen";
      // 680 pixels are the width of A4 between its margins.
      const look = { width: media === "print" ? 680 : 1100, media } as const;
      await browser.open(page, kind === "print" ? look : { ...look, scheme: kind });
      const cells = await browser.value<{ text: string; contrast: number; kind: string; style: string }[]>(`(() => {
        const context = document.createElement("canvas").getContext("2d");
        const light = (colour, under) => {
          for (const fill of [under, colour]) { context.fillStyle = fill; context.fillRect(0, 0, 1, 1); }
          return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3).map((value) => value / 255)
            .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
            .reduce((sum, value, i) => sum + value * [0.2126, 0.7152, 0.0722][i], 0);
        };
        const paper = getComputedStyle(document.body).backgroundColor;
        return [...document.querySelectorAll("#matrix td[class]")].map((cell) => {
          const { color, backgroundColor, fontStyle } = getComputedStyle(cell);
          const both = [light(color, paper), light(backgroundColor, paper)].sort((a, b) => b - a);
          return { text: cell.textContent, contrast: (both[0] + 0.05) / (both[1] + 0.05), kind: cell.className, style: fontStyle };
        });
      })()`);
      expect(cells).toHaveLength(3 * 11);
      for (const { text } of cells) expect(text).toMatch(/^~?\d\.\d+$/);
      // WCAG's AAA for text of this size.
      expect(Math.min(...cells.map(({ contrast }) => contrast))).toBeGreaterThan(7);
      // Slower cells are told from faster ones without colour, too.
      for (const cell of cells) expect(cell.style).toBe(cell.kind.startsWith("heat-") ? "italic" : "normal");
      expect(new Set(cells.map((cell) => cell.kind)).size).toBeGreaterThan(3);
      const reach = await browser.value<number>(
        `document.querySelector("#matrix table").getBoundingClientRect().right`,
      );
      expect(reach).toBeLessThanOrEqual(look.width);
      // A sheet of paper cannot be scrolled: every table ends on it.
      if (kind === "print")
        expect(await browser.value("document.documentElement.scrollWidth")).toBeLessThanOrEqual(look.width);
    },
  );

  test("of three sides the table has a line for each below its row", async () => {
    const run = aRun({ "hashes/md5/c": { a: 3, b: 2, c: 1 }, "hashes/sha1/c": { a: 3, b: 2, c: 1 } });
    await browser.open(await pageOf(await buildReportData(run, "a")), { width: 1280 });
    expect(await texts("table.main tbody th")).toEqual([
      "hashes (under 1 of 2 vCPUs busy)",
      "md5",
      "a",
      "b",
      "c",
      "sha1",
      "a",
      "b",
      "c",
      "geomean (2 of 2)",
      "b",
      "c",
    ]);
    expect(await texts("table.main tbody:nth-of-type(1) tr:nth-child(4) td")).toEqual([
      "2.00 s",
      "1.00 s",
      "1.50x ±0.0 %",
      "1.50x ±0.0 %",
    ]);
  });

  test.each([
    [1280, "light"],
    [400, "light"],
    [400, "dark"],
  ] as const)(
    "at %d pixels, %s, nothing is cut off, nothing overlaps, and letters stand out",
    async (width, scheme) => {
      await browser.open(await pageOf(await told()), { width, scheme });
      expect(await browser.value("document.documentElement.scrollWidth")).toBe(width);
      expect(await axesWithOverlaps()).toBe(0);
      const smallest = await browser.value<number>(
        `Math.min(...[...document.querySelectorAll("td,th,li,p,.label,svg text")].map((one) => parseFloat(getComputedStyle(one).fontSize)))`,
      );
      expect(smallest).toBeGreaterThanOrEqual(11.5);
      expect(await browser.value<number>(contrast)).toBeGreaterThan(4.5);
    },
  );

  test.each([1280, 760, 400])(
    "at %d pixels the factors' bars are thick and have room, and their labels are whole",
    async (width) => {
      const rows = { "hashes/md5/a": { c6g: 2, [longName]: 1 }, "zlib/md5/b": { c6g: 2, [longName]: 3 } };
      const run = aRun(rows, { change: reading(true), titles: { md5: longName } });
      await browser.open(await pageOf(await withFactors(await buildReportData(run, "c6g"))), { width });
      expect(await texts("#why .key .factor")).toEqual(
        ["clock", "instructions", "work a cycle"].map((name) => ` ${name}`),
      );
      expect(await texts("#why .group")).toEqual(["hashes", "zlib"]);
      expect(await texts("#why .label .scale")).toEqual([
        "2.00x = clock 1.20 ±0.0 % × instructions 0.833 ±0.0 % × work a cycle 2.00 ±0.0 %",
        "0.667x = clock 1.20 ±0.0 % × instructions 0.278 ±0.0 % × work a cycle 2.00 ±0.0 %",
      ]);
      expect(await browser.value("document.documentElement.scrollWidth")).toBe(width);
      expect(await axesWithOverlaps()).toBe(0);
      // A factor is on one line, within its label, which is left of the bar or above it.
      const cut = await browser.value(`[...document.querySelectorAll("#why .label")].filter((label) => {
        const [box, plot] = [label, label.nextElementSibling].map((one) => one.getBoundingClientRect());
        const factors = [...label.querySelectorAll(".factor")].flatMap((one) => [...one.getClientRects()]);
        const apart = box.right <= plot.left || box.bottom <= plot.top;
        return !apart || factors.length % 3 !== 0 || factors.some(({ right }) => right > box.right + 0.5);
      }).length`);
      expect(cut).toBe(0);
      for (const plot of await browser.value<number[]>(
        `[...document.querySelectorAll("#why .plot")].map((one) => one.getBoundingClientRect().width)`,
      ))
        expect(plot).toBeGreaterThan(width * 0.3);
      const bars = await browser.value<{ height: number; width: number }[]>(
        `[...document.querySelectorAll("#why .plot .part")].map((one) => { const { width, height } = one.getBoundingClientRect(); return { width, height }; })`,
      );
      expect(bars).toHaveLength(6);
      for (const bar of bars) expect([bar, bar.height >= 12 && bar.width >= 10]).toEqual([bar, true]);
    },
  );

  test("light and dark are different pictures, and both have something on them", async () => {
    const page = await pageOf(await told());
    await browser.open(page, { width: 800, scheme: "light" });
    const light = await browser.picture();
    await browser.open(page, { width: 800, scheme: "dark" });
    const dark = await browser.picture();
    expect(light.equals(dark)).toBe(false);
    expect(Math.min(light.length, dark.length)).toBeGreaterThan(30_000);
  });

  test("a click on a head sorts the rows and leaves the mean last; a third click puts them back", async () => {
    await browser.open(await pageOf(await told()), { width: 1280 });
    const order = () => texts("table.main tbody th.row");
    const head = "table.main thead tr:last-child th:nth-child(2) button";
    await browser.point("table.main thead th.row button", { click: true });
    expect(await order()).toEqual(["sha1", "md5", "geomean (2 of 2)"]);
    await browser.point(head, { click: true });
    expect(await order()).toEqual(["md5", "sha1", "geomean (2 of 2)"]);
    await browser.point(head, { click: true });
    expect(await order()).toEqual(["sha1", "md5", "geomean (2 of 2)"]);
    await browser.point(head, { click: true });
    expect(await order()).toEqual(["md5", "sha1", "geomean (2 of 2)"]);
    expect(browser.complaints).toEqual([]);
  });

  test("a dot says its machine, round and time when it is pointed at", async () => {
    await browser.open(await pageOf(await told()), { width: 1280 });
    await browser.point("#runs .plot circle:last-of-type");
    expect(await browser.value(`document.querySelector("#tip").hidden`)).toBe(false);
    expect(await texts("#tip")).toEqual(["c6g-1, round 8: 2.008 s"]);
  });

  test("names and facts from machines stay text, whatever they hold", async () => {
    const page = await pageOf(
      await told({
        sides: [evil, "b"],
        title: evil,
        facts: () => ({
          os: evil,
          cpu_model: evil,
          machine_env: { [evil]: evil },
          suites: { hashes: { [evil]: evil } },
        }),
      }),
    );
    await browser.open(page, { width: 1280 });
    expect(browser.complaints).toEqual([]);
    expect(await browser.value("document.title")).toContain("<script>");
    expect(await browser.value(`document.querySelectorAll("script").length`)).toBe(1);
    expect(await browser.value(`document.querySelectorAll("img, [onerror]").length`)).toBe(0);
    expect(await texts("table.main tbody th.row")).toContain("<script>document.title='owned'</script>…");
    expect(await texts(".facts td")).toContain(evil.replace("\u0007", "?").replace("\u202e", "?"));
    // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
    expect(page.slice(1)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202a-\u202e]/);
  });

  test("a script that came into the page all the same would not be run", async () => {
    const page = (await pageOf(await told())).replace(
      "<main>",
      "<main><script>document.title='owned'</script><img src=http://127.0.0.1:1/x>",
    );
    await browser.open(page, { width: 1280 });
    expect(await browser.value("document.title")).toBe("c6g → c7g · timetrial");
    expect(browser.complaints.join()).toContain("Content Security Policy");
  });

  test("it prints on paper: dark on white whatever the screen is, and nothing beside the sheet", async () => {
    // A4 less its margins, at 96 pixels an inch.
    const width = 680;
    await browser.open(await pageOf(await told()), { width, scheme: "dark", media: "print" });
    expect(await browser.value("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
    expect(await browser.value<number>(contrast)).toBeGreaterThan(4.5);
    expect(await browser.value("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    const cut = `[...document.querySelectorAll("table, svg.plot")].filter((one) => one.getBoundingClientRect().right > ${width}).length`;
    expect(await browser.value(cut)).toBe(0);
    const pdf = await browser.print();
    expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
    expect(pdf.toString("latin1").match(/\/Type \/Page\b/g)?.length).toBeGreaterThan(0);
  });

  test("the forest has each speedup where its axis has that number", async () => {
    await browser.open(await pageOf(await told()), { width: 1280 });
    // md5 is 2.0055 to 1.0055, so 1.9945; the axis has ticks at 1 and at 2.
    const x = (selector: string) =>
      browser.value<number>(`(() => {
      const box = document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect();
      return box.left + box.width / 2;
    })()`);
    const tick = (name: string) =>
      browser.value<number>(`(() => {
      const text = [...document.querySelectorAll("#speedups .axis text")].find((one) => one.textContent === "${name}");
      const box = text.getBoundingClientRect();
      return box.left + box.width / 2;
    })()`);
    const [one, two] = await Promise.all([tick("1"), tick("2")]);
    for (const metric of ["real", "cpu"]) {
      const [md5, sha1] = [`[aria-label^="md5"] .${metric} .dot`, `[aria-label^="sha1"] .${metric} .dot`];
      const share = ((await x(`#speedups ${md5}`)) - one) / (two - one);
      expect(share).toBeCloseTo(Math.log2(1.9945), 1);
      expect(Math.abs((await x(`#speedups ${sha1}`)) - one)).toBeLessThan(3);
    }
    expect(await texts("#speedups .label.mean")).toEqual(["geomean (2 of 2)"]);
    // Two rows: leaving one out leaves the other, so that the mean has a range and no interval.
    expect(await browser.value(`document.querySelectorAll("#speedups .mean .range").length`)).toBe(2);
    expect((await texts("#speedups .key")).join()).toContain("one row left out");
  });

  test("a run's dot stands where its time is, and a machine that slows down makes a slope", async () => {
    // The first machine takes 2 % longer with every round; the others stay.
    const slowing = await told({
      change: (record) =>
        record.machine === "c6g-1" && record.status === "completed"
          ? { ...record, real_s: record.real_s * (1 + record.round / 50) }
          : record,
    });
    await browser.open(await pageOf(slowing), { width: 1280 });
    const places = (section: string, machine: string, name: "cx" | "cy") =>
      browser.value<number[]>(
        `[...[...document.querySelectorAll("#${section} svg[aria-label^='${machine}:']")][0].querySelectorAll("circle")].map((one) => one.${name}.baseVal.value)`,
      );
    const rising = (values: number[]): boolean =>
      values.every((value, i) => i === 0 || value > (values[i - 1] as number));
    expect(rising(await places("runs", "c6g-1", "cx"))).toBe(true);
    // On a screen up is less. Both rows, one after the other, each from its first round to its last.
    const heights = await places("order", "c6g-1", "cy");
    expect(heights).toHaveLength(16);
    expect([heights[7], heights[15]].every((y) => (y as number) < (heights[0] as number) - 20)).toBe(true);
    const level = await places("order", "c7g-1", "cy");
    expect(Math.max(...level) - Math.min(...level)).toBeLessThan(10);
    expect(rising((await places("order", "c6g-1", "cx")).slice(0, 8))).toBe(true);
  });

  test("a machine's median and its interval stand among its runs", async () => {
    await browser.open(await pageOf(await told()), { width: 1280 });
    const [bar, median, runs] = await browser.value<[number[], number, number[]]>(`(() => {
      const lane = document.querySelector("#runs svg.plot[aria-label]");
      const [bar, median] = [lane.querySelector(".bar"), lane.querySelector(".median")];
      const runs = [...lane.querySelectorAll("circle:not(.out)")].map((one) => one.cx.baseVal.value);
      return [[bar.x1.baseVal.value, bar.x2.baseVal.value], median.x1.baseVal.value, runs];
    })()`);
    // Seven runs that rise: the median is the fourth, the interval of 95 % within the first and the last.
    expect(median).toBeCloseTo(runs[3] as number, 0);
    expect(bar?.[0]).toBeGreaterThanOrEqual(runs[0] as number);
    expect(bar?.[1]).toBeLessThanOrEqual(runs[6] as number);
    expect(bar?.[0]).toBeLessThan(median);
  });

  test("facts that differ between the sides are marked, and others are not", async () => {
    const page = await pageOf(await told({ facts: (side) => ({ release: side === "c6g" ? "6.1.0" : "6.12.0" }) }));
    await browser.open(page, { width: 1280 });
    const marked = await texts(".facts tr.differs th");
    expect(marked).toHaveLength(1);
    expect(marked.join()).toMatch(/^kernel.*≠$/);
    expect(await texts(".facts tr.differs td")).toEqual(["Linux 6.1.0", "Linux 6.12.0"]);
  });

  test("costs stand in a table of their own, with who says so", async () => {
    const run = await told();
    const price = { market: "on-demand", source: "--price", date: "2026-11-24" } as const;
    const blocks = await costBlocks(run, [
      { ...price, side: "c6g", usd_per_hour: 3.6 },
      { ...price, side: "c7g", usd_per_hour: 7.2 },
    ]);
    await browser.open(await pageOf({ ...run, priced: blocks }), { width: 400 });
    expect(await texts("#prices thead th")).toEqual([
      "$ a thousand jobs, on-demand",
      "c6g",
      "c7g",
      "jobs for the same money",
    ]);
    expect(await texts("#prices tbody th")).toEqual(["md5", "sha1"]);
    expect((await texts("#prices .key")).join()).toContain("c6g $3.6, c7g $7.2 (as given by --price on 2026-11-24)");
    expect(await browser.value("document.documentElement.scrollWidth")).toBe(400);
  });

  test("three sides have their times", async () => {
    const three = aRun({ "hashes/md5/a": { a: 4, b: 2, c: 1 } });
    await browser.open(await pageOf(await buildReportData(three, "a"), { wide: true }), { width: 1280 });
    expect(await texts("table.main .value")).toEqual(expect.arrayContaining(["4.00 s", "2.00 s", "1.00 s"]));
    await browser.open(await pageOf(await buildReportData(three, "a")), { width: 1280 });
    expect(await texts("table.main td.value")).toEqual(expect.arrayContaining(["4.00 s", "0.500 s"]));
  });

  test("the forest is a file of its own, with every caveat of the table", async () => {
    const run = await told({
      title: 'a <b> & "c"',
      facts: (side) => ({ os: side === "c6g" ? "Debian 12" : "Debian 13" }),
    });
    await browser.open(svg(run), { width: 1280, kind: "svg" });
    expect(browser.complaints).toEqual([]);
    expect(await browser.value("document.documentElement.nodeName")).toBe("svg");
    expect(await browser.value("document.querySelectorAll('parsererror').length")).toBe(0);
    const words = (await texts("text.small")).join(" ");
    expect(words).toContain("OS differs: Debian 12 on c6g, Debian 13 on c7g");
    expect(words).toContain("0 of 56 runs left out");
  });

  test("the forest alone is a picture that stands within its frame", async () => {
    const picture = svg(await told({ title: 'quite a long title <of> "its" own 日本語' }));
    await browser.open(`<!doctype html><meta charset="utf-8"><body>${picture}`, { width: 1280 });
    const outside = await browser.value<string[]>(`(() => {
      const frame = document.querySelector("svg").getBoundingClientRect();
      return [...document.querySelectorAll("svg text, svg circle")].filter((one) => {
        const box = one.getBoundingClientRect();
        return box.left < frame.left || box.right > frame.right || box.top < frame.top || box.bottom > frame.bottom;
      }).map((one) => one.textContent);
    })()`);
    expect(outside).toEqual([]);
    expect(await texts("svg text.label")).toEqual(['quite a long title <of> "its" own 日本語', "sha1"]);
    expect(await browser.value(`document.querySelectorAll("svg circle.dot").length`)).toBe(4);
  });
});

test("the page loads no other file, and leads nowhere but to the meanings of its marks", async () => {
  const whole = await pageOf(await told());
  const toMeanings =
    /<a class="means" href="https:\/\/github\.com\/timetrial\/timetrial\/blob\/main\/docs\/table\.md#[a-z-]+">/g;
  expect(whole).toContain(`docs/table.md#no-difference-shown">~</a>`);
  const page = whole.replace(toMeanings, "<a>");
  expect(page).not.toMatch(/\b(src|href)=|url\(|@import|https?:/);
  expect(page).not.toContain(" style=");
});

/** The least contrast of text with the page, as WCAG counts it. */
const contrast = `(() => {
  const channel = (value) => (value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const light = (colour) => { const [r, g, b] = colour.match(/[\\d.]+/g).map(Number); return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b); };
  const paper = light(getComputedStyle(document.body).backgroundColor);
  const inks = [...document.querySelectorAll("main p, main td, main th, main li, main h2, .label")].map((one) => light(getComputedStyle(one).color));
  return Math.min(...inks.map((ink) => (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05)));
})()`;
