import { expect, test } from "vitest";
import { parseSide, parseSides } from "../../src/domain/side.ts";

test("a type is launched with the default image", () => {
  expect(parseSide("c7g.8xlarge")).toEqual({ name: "c7g.8xlarge", kind: "ec2", type: "c7g.8xlarge", image: "al2023" });
});

test("a label names the side, an image follows the type", () => {
  expect(parseSide("old=c7g.large@freebsd/14.2")).toEqual({
    name: "old",
    kind: "ec2",
    type: "c7g.large",
    image: "freebsd/14.2",
  });
});

test("the metal types of two hyphens are types", () => {
  expect(parseSide("u-6tb1.metal")).toMatchObject({ type: "u-6tb1.metal" });
});

test.each([
  "",
  "c7g",
  "C7G.large",
  "c7g.large;reboot",
  "$(id).large",
  "a b=c7g.large",
  "c7g.large@../x",
  "local@al2023",
  "c7g.large@a@b",
  "-x.large",
])("%j is no side", (text) => {
  expect(() => parseSide(text)).toThrowError(expect.objectContaining({ exitStatus: 2 }));
});

test("two sides of one name are refused, with labels as the way out", () => {
  expect(() => parseSides(["local", "local"])).toThrowError(
    expect.objectContaining({ hint: "give them labels, as in a=local b=local" }),
  );
});
