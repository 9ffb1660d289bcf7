// The page, opened in a real browser from a file, as a reader would: what is asserted is what the browser makes of it.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { html } from "../../src/report/html/page.ts";
import { svg } from "../../src/report/svg.ts";
import { Browser, hasChromium } from "./browser.ts";
import { told } from "./a-run.ts";

const withChromium = hasChromium ? "" : " [needs chromium]";
const evil = `<script>document.title='owned'</script><img src=x onerror="document.title='owned'">"'&\u0007\u202eabc`;

describe.skipIf(!hasChromium)(`in a browser${withChromium}`, () => {
  let browser: Browser;
  beforeAll(() => {
    browser = new Browser();
  });
  afterAll(() => browser[Symbol.asyncDispose]());

  const texts = (selector: string) =>
    browser.value<string[]>(
      `[...document.querySelectorAll(${JSON.stringify(selector)})].map((one) => one.textContent)`,
    );

  test("everything is there with scripts off: table, dots, medians, facts, notes", async () => {
    await browser.open(html(await told()), { width: 1280, scripts: false });
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

  test.each([
    [1280, "light"],
    [400, "light"],
    [400, "dark"],
  ] as const)(
    "at %d pixels, %s, nothing is cut off, nothing overlaps, and letters stand out",
    async (width, scheme) => {
      await browser.open(html(await told()), { width, scheme });
      expect(await browser.value("document.documentElement.scrollWidth")).toBe(width);
      // Labels of an axis that a reader could not tell apart.
      const overlaps = await browser.value<number>(`[...document.querySelectorAll("svg.axis")].filter((axis) => {
      const boxes = [...axis.querySelectorAll("text")].map((text) => text.getBoundingClientRect());
      return boxes.some((box, i) => i > 0 && box.left < boxes[i - 1].right + 2);
    }).length`);
      expect(overlaps).toBe(0);
      const smallest = await browser.value<number>(
        `Math.min(...[...document.querySelectorAll("td,th,li,p,.label,svg text")].map((one) => parseFloat(getComputedStyle(one).fontSize)))`,
      );
      expect(smallest).toBeGreaterThanOrEqual(11.5);
      expect(await browser.value<number>(contrast)).toBeGreaterThan(4.5);
    },
  );

  test("light and dark are different pictures, and both have something on them", async () => {
    const page = html(await told());
    await browser.open(page, { width: 800, scheme: "light" });
    const light = await browser.picture();
    await browser.open(page, { width: 800, scheme: "dark" });
    const dark = await browser.picture();
    expect(light.equals(dark)).toBe(false);
    expect(Math.min(light.length, dark.length)).toBeGreaterThan(30_000);
  });

  test("a click on a head sorts the rows and leaves the mean last; a third click puts them back", async () => {
    await browser.open(html(await told()), { width: 1280 });
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
    await browser.open(html(await told()), { width: 1280 });
    await browser.point("#runs .plot circle:last-of-type");
    expect(await browser.value(`document.querySelector("#tip").hidden`)).toBe(false);
    expect(await texts("#tip")).toEqual(["c6g-1, round 8: 2.008 s"]);
  });

  test("names and facts from machines stay text, whatever they hold", async () => {
    const page = html(
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
    const page = html(await told()).replace(
      "<main>",
      "<main><script>document.title='owned'</script><img src=http://127.0.0.1:1/x>",
    );
    await browser.open(page, { width: 1280 });
    expect(await browser.value("document.title")).toBe("c6g → c7g · timetrial");
    expect(browser.complaints.join()).toContain("Content Security Policy");
  });

  test("it prints on paper", async () => {
    await browser.open(html(await told()), { width: 1280, scheme: "dark" });
    const pdf = await browser.print();
    expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
    expect(pdf.toString("latin1").match(/\/Type \/Page\b/g)?.length).toBeGreaterThan(0);
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

test("the page names no other file and no address", async () => {
  const page = html(await told());
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
