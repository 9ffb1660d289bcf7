import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { publishedFolder } from "../../../src/adapters/folders/published.ts";
import { packageRoot } from "../../../src/adapters/folders/package-root.ts";

const file = "graviton2-vs-graviton3.json";
const shipped = join(packageRoot().folder, "reference", file);

describe("the article's figures", () => {
  test("are eleven rows of two sides, four of them with a user time alone", async () => {
    for (const side of await publishedFolder().list()) {
      expect(side.records).toHaveLength(11);
      expect(side.records.filter(({ real_s }) => real_s === undefined).map(({ row }) => row)).toEqual([
        "md5",
        "sha1",
        "sha256",
        "sha512",
      ]);
      expect(side.records.filter(({ user_s }) => user_s !== undefined)).toHaveLength(4);
      expect(side.release).toBeNull();
    }
  });

  test("give the printed speedups, but for one", async () => {
    const { remarks } = await publishedFolder().load("c7g.8xlarge");
    const printed = remarks.filter(({ text }) => text.includes("the source prints"));
    expect(printed.map(({ row, metric }) => `${row} ${metric}`)).toEqual(["buildworld-buildkernel cpu"]);
    // 21892.79 / 14112.62 = 1.5513
    expect(printed[0]?.text).toContain("prints 1.45x");
    expect(printed[0]?.text).toContain("but its own times give 1.55x");
  });

  test("are found by their name; another is refused with those that there are", async () => {
    expect((await publishedFolder().load("c6g.8xlarge")).of).toBe("c6g.8xlarge");
    await expect(publishedFolder().load("c9g.large")).rejects.toMatchObject({
      code: "PUBLISHED_UNKNOWN",
      exitStatus: 2,
      hint: "there is published:c6g.8xlarge, published:c7g.8xlarge",
    });
  });
});

describe("a file of figures", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "timetrial-reference-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const planted = (change: (text: string) => string): Promise<unknown> => {
    writeFileSync(join(folder, file), change(readFileSync(shipped, "utf8")));
    return publishedFolder(folder).list();
  };

  test.each([
    ["a time of 0", (text: string) => text.replace('"c7g.8xlarge": 1.03', '"c7g.8xlarge": 0'), /rows\.3\.user_cpu_s/],
    ["a time that is a text", (text: string) => text.replace("849.09", '"849.09"'), /rows\.7\.real_s/],
    [
      "a time of a side that there is not",
      (text: string) => text.replace('{"c6g.8xlarge": 2.26', '{"c5.large": 2.26'),
      /got c5\.large/,
    ],
    [
      "a member that is not known",
      (text: string) => text.replace('"title": "md5"', '"title": "md5", "x": 1'),
      /rows\.0/,
    ],
    ["no JSON", (text: string) => text.slice(0, 100), /graviton2-vs-graviton3\.json: /],
  ])("with %s is refused, and named", async (_what, change, where) => {
    await expect(planted(change)).rejects.toMatchObject({
      code: "RESULTS_CORRUPT",
      message: expect.stringMatching(where),
    });
  });

  test("of another kind is passed over", async () => {
    writeFileSync(join(folder, "boot.json"), '{"schema": "reference-boot/1"}');
    expect(await planted((text) => text)).toHaveLength(2);
  });
});
