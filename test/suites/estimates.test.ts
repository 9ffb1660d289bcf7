// How long the suites say that they take, held against what the article measured on 32 vCPUs.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { suiteFolders } from "../../src/adapters/folders/suites.ts";
import { busyCpus, estimateOf, estimateOfRow } from "../../src/domain/cost/duration-estimate.ts";
import { suiteReport } from "../../src/report/commands/suite-report.ts";

interface Published {
  readonly rows: readonly {
    readonly suite: string;
    readonly row: string;
    readonly ours?: string;
    readonly real_s?: Readonly<Record<string, number>>;
  }[];
}
const article = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../reference/graviton2-vs-graviton3.json"), "utf8"),
) as Published;

/** A trial of `row` on a machine of `vcpus`, by the suite's own word. Seconds. */
async function takes_s(suite: string, row: string, vcpus: number): Promise<number> {
  const { manifest } = await suiteFolders().load(suite);
  const found = manifest.rows.find(({ name }) => name === row);
  if (found === undefined) throw new Error(`${suite} has no row ${row}`);
  const work = estimateOfRow(estimateOf(manifest), found);
  return (work.cpu_s ?? Number.NaN) / busyCpus(work, vcpus);
}

describe("on the article's machines of 32 vCPUs", () => {
  test.each([
    ["world", "buildworld-buildkernel"],
    ["ports", "apache24"],
    ["ports", "xorg"],
    ["ports", "libreoffice"],
    ["sources", "git-clone-src"],
  ])("%s/%s is said to take about as long as it took there", async (suite, row) => {
    const real = article.rows.find((one) => one.suite === suite && one.row === row)?.real_s ?? {};
    const [older = 0, younger = 0] = [real["c6g.8xlarge"], real["c7g.8xlarge"]];
    expect(younger).toBeGreaterThan(100);
    const said_s = await takes_s(suite, row, 32);
    expect(said_s).toBeGreaterThan(younger * 0.9);
    expect(said_s).toBeLessThan(older * 1.1);
  });
});

describe("list suites NAME says", () => {
  const time = async (name: string): Promise<string> => {
    const text = suiteReport(await suiteFolders().load(name), [2, 8, 32]).replace(/\n {2,}/g, " ");
    return /^time +(.*)$/m.exec(text)?.[1] ?? "";
  };

  test.each(["world", "linux-kernel", "freebsd-kernel-cross", "ports", "debian-src-large"])(
    "that %s takes less time on more vCPUs",
    async (name) => {
      expect(await time(name)).toMatch(
        /^about \S+ (h|min) on 2 vCPUs, \S+ (h|min) on 8 vCPUs, \S+ (h|min|s) on 32 vCPUs/,
      );
      const { manifest } = await suiteFolders().load(name);
      const row = manifest.rows[0]?.name ?? "";
      expect(await takes_s(name, row, 2)).toBeGreaterThan(await takes_s(name, row, 32));
    },
  );

  test("that debian-src does not, since most of its packages' builds are serial", async () => {
    expect(await time("debian-src")).toMatch(/^about \d+ min a machine \(12 trials of 4 to 200 s of CPU\)/);
  });

  test("what a machine for libreoffice must have, as Debian's packages take it", async () => {
    expect(suiteReport(await suiteFolders().load("debian-src-large"), [2])).toMatch(
      /55\.9 GiB of disk, 16 vCPUs, root/,
    );
  });
});
