import { describe, expect, test } from "vitest";
import { expandTypePatterns, parseTypePattern } from "../../../src/domain/plan/type-pattern.ts";
import { parseSides } from "../../../src/domain/plan/side.ts";
import { type Refusal, thrownBy } from "../../support/refusal.ts";

/** Types as EC2 lists them: by family and size. */
const offered = [
  ...["c7g", "c7gn", "m8g"].flatMap((family) =>
    ["medium", "large", "xlarge", "metal"].map((size) => `${family}.${size}`),
  ),
  "t4g.large",
].map((name) => ({ name, burstable: name.startsWith("t") }));

const place = { region: "eu-west-1", allow_burstable: false };
const expanded = (...words: string[]) => expandTypePatterns(words, offered, place);
const refusal = (...words: string[]): Refusal => thrownBy(() => expanded(...words));

describe("a pattern", () => {
  test.each([
    ["c7g.*large", ["c7g.large", "c7g.xlarge"]],
    ["c7g.large*", ["c7g.large"]],
    ["c7g?.large", ["c7gn.large"]],
    ["c7g*.large", ["c7g.large", "c7gn.large"]],
    ["?8g.m*", ["m8g.medium", "m8g.metal"]],
    ["c7gn*", ["c7gn.medium", "c7gn.large", "c7gn.xlarge", "c7gn.metal"]],
  ])("%s stands for what EC2's filters find by it", (pattern, types) => {
    expect(expanded(pattern).words).toEqual(types);
  });

  test("keeps its image, and its sides are as if each were written", () => {
    const { words } = expanded("c7g.*large@debian/12", "local");
    expect(words).toEqual(["c7g.large@debian/12", "c7g.xlarge@debian/12", "local"]);
    expect(parseSides(words).map(({ name }) => name)).toEqual(words);
  });

  test("does not repeat a type that another word names, which stays where it is: the baseline is the first", () => {
    expect(expanded("c7g.xlarge", "c7g.*large", "*.xlarge", "base=m8g.xlarge").words).toEqual([
      "c7g.xlarge",
      "c7g.large",
      "c7gn.xlarge",
      "base=m8g.xlarge",
    ]);
  });

  test("leaves out burstable types and names them, unless they are allowed", () => {
    expect(expanded("???.large")).toMatchObject({
      words: ["c7g.large", "m8g.large"],
      burstable: ["t4g.large"],
    });
    expect(expandTypePatterns(["???.large"], offered, { ...place, allow_burstable: true })).toMatchObject({
      words: ["c7g.large", "m8g.large", "t4g.large"],
      burstable: [],
    });
    expect(refusal("t4g.*")).toMatchObject({ code: "REFUSED", hint: expect.stringContaining("t4g.large;") });
  });

  test("is matched in time that does not grow with the stars", () => {
    const word = `${"*a".repeat(31)}*`;
    const long = { name: `a.${"a".repeat(60)}b`, burstable: false };
    expect(expandTypePatterns([word], [long], place).words).toEqual([long.name]);
    expect(thrownBy(() => expandTypePatterns([`${word.slice(0, -1)}c`], [long], place)).code).toBe("TYPE_UNKNOWN");
  });

  test.each([
    ["c7q.*large", "did you mean c7g.*large?"],
    ["c7g.*mtal", "there is c7g.medium, c7g.large, c7g.xlarge, c7g.metal"],
    ["c7q.nano*", "there is c7g.medium, c7g.large, c7g.xlarge, c7g.metal"],
    ["quantum1.*", "timetrial list types --region eu-west-1 names what there is"],
  ])("%s, which no type fits, is refused with what was perhaps meant", (pattern, hint) => {
    expect(refusal(pattern)).toMatchObject({
      code: "TYPE_UNKNOWN",
      exitStatus: 2,
      message: `side "${pattern}": no instance type in eu-west-1 fits it`,
      hint,
    });
  });

  test("takes from EC2 only what is written as a type", () => {
    const planted = [{ name: "c7g.large@ami-0123456789abcdef0", burstable: false }, ...offered];
    expect(expandTypePatterns(["c7g.l*"], planted, place).words).toEqual(["c7g.large"]);
  });

  test("with a label, or with no image behind its @, is refused", () => {
    expect(refusal("new=c7g.*").message).toBe('side "new=c7g.*": a label names one side, a pattern stands for several');
    expect(refusal("c7g.*@plan9").message).toBe('side "c7g.*@plan9": expected an image, got "plan9"');
  });

  test.each(["local", "c7g.large", "ssh:a*", "published:c7g.*", "firecracker:*.toml", "i-0123456789abcdef0", "C7G.*"])(
    "is none of %s",
    (word) => {
      expect(parseTypePattern(word)).toBeUndefined();
    },
  );
});
