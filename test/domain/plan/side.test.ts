import { expect, test } from "vitest";
import { parseSide, parseSides } from "../../../src/domain/plan/side.ts";

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
  "ssh:",
  "ssh:-oProxyCommand=id",
  "ssh:a b",
  "ssh:a:0",
  "ssh:a:70000",
  "ssh:a@b@c",
  "ssh:a,i-0123456789abcdef0",
  "ssh:a,ssh:a",
  "i-012",
  "local,local",
  "published:../x",
])("%j is no side", (text) => {
  expect(() => parseSide(text)).toThrowError(expect.objectContaining({ exitStatus: 2 }));
});

test("machines that are there: by ssh, by their ids; several of one kind make one side", () => {
  expect(parseSide("old=ssh:root@a1:2222,ssh:a2")).toEqual({
    name: "old",
    kind: "ssh",
    hosts: [{ user: "root", host: "a1", port: 2222 }, { host: "a2" }],
  });
  expect(parseSide("ssh:[::1]:22")).toEqual({ name: "ssh:[::1]:22", kind: "ssh", hosts: [{ host: "::1", port: 22 }] });
  expect(parseSide("i-0123456789abcdef0,i-0123456789abcdef1")).toMatchObject({
    kind: "instances",
    ids: ["i-0123456789abcdef0", "i-0123456789abcdef1"],
  });
  expect(parseSide("published:c7g.8xlarge")).toEqual({
    name: "published:c7g.8xlarge",
    kind: "published",
    of: "c7g.8xlarge",
  });
});

test("--image is for the sides that name none", () => {
  expect(
    parseSides(["c7g.large", "b=c7g.large@debian/12"], "ubuntu/24.04").map((side) => "image" in side && side.image),
  ).toEqual(["ubuntu/24.04", "debian/12"]);
});

test("two sides of one name are refused, with labels as the way out", () => {
  expect(() => parseSides(["local", "local"])).toThrowError(
    expect.objectContaining({ hint: "give them labels, as in a=local b=local" }),
  );
});
