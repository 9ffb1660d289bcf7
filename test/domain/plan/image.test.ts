import fc from "fast-check";
import { expect, test } from "vitest";
import {
  matchesImage,
  imageOfParameter,
  nearestImages,
  ssmParametersOf,
  parseImage,
  type PublicImage,
} from "../../../src/domain/plan/image.ts";
import { imagePattern } from "../../../src/domain/plan/side.ts";

const named = (text: string): PublicImage => {
  const image = parseImage(text);
  if (image.kind !== "public") throw new Error(`${text} is ${image.kind}`);
  return image;
};

test.each([
  ["freebsd/14.3", "/aws/service/freebsd/amd64/base/ufs/14.3/RELEASE"],
  ["freebsd/15.0-BETA2", "/aws/service/freebsd/amd64/base/ufs/15.0/BETA2"],
  ["freebsd/zfs/RC1/cloud-init/15.0", "/aws/service/freebsd/amd64/cloud-init/zfs/15.0/RC1"],
  ["al2023", "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"],
  ["debian/12", "/aws/service/debian/release/12/latest/amd64"],
  ["ubuntu/24.04", "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id"],
])("%s is looked for under %s first", (text, parameter) => {
  expect(ssmParametersOf(named(text), "x86_64")[0]).toBe(parameter);
});

test("an image for Arm is looked for under arm64, then under aarch64", () => {
  expect(ssmParametersOf(named("freebsd/14.1"), "arm64")).toEqual([
    "/aws/service/freebsd/arm64/base/ufs/14.1/RELEASE",
    "/aws/service/freebsd/aarch64/base/ufs/14.1/RELEASE",
  ]);
});

test("the words of an image mean the same in any order, and a side may bear each of them", () => {
  const words = ["arm64", "small", "zfs", "15.0", "STABLE"];
  fc.assert(
    fc.property(fc.shuffledSubarray(words, { minLength: 5 }), (order) => {
      const text = `freebsd/${order.join("/")}`;
      expect(imagePattern.test(text)).toBe(true);
      expect({ ...named(text), text: "" }).toEqual({
        kind: "public",
        text: "",
        system: "freebsd",
        arch: "arm64",
        flavour: "small",
        fileSystem: "zfs",
        release: "15.0",
        branch: "STABLE",
      });
    }),
  );
});

test("both spellings of each architecture are read", () => {
  const archs = ["amd64", "x86_64", "arm64", "aarch64"].map((word) => named(`freebsd/14.3/${word}`).arch);
  expect(archs).toEqual(["x86_64", "x86_64", "arm64", "arm64"]);
});

test.each([
  ["freebsd/14.3/15.0", /expected one release, got "14.3" and "15.0"/],
  ["freebsd/fast/14.3", /expected architecture, release, flavour, file system or branch, got "fast"/],
  ["frebsd/14.3", /expected an image, got "frebsd"/],
  ["ubuntu/zfs", /expected architecture or release, got "zfs"/],
  ["freebsd/", /got ""/],
  ["debian/../12", /got "\.\."/],
  ["ami-12", /expected an image/],
  ["resolve:ssm:", /expected an image/],
  ["resolve:ssm:name:", /expected an image/],
  ["resolve:ssm:name:1:2", /expected an image/],
  ["resolve:ssm:a name", /expected an image/],
  ["al2023\n", /expected an image/],
])("%j is no image, and the error says which word is wrong", (text, message) => {
  expect(() => parseImage(text)).toThrowError(
    expect.objectContaining({ exitStatus: 2, message: expect.stringMatching(message) }),
  );
});

test("ids and names of parameters stand for themselves", () => {
  expect(parseImage("ami-0123456789abcdef0")).toMatchObject({ kind: "id", id: "ami-0123456789abcdef0" });
  expect(parseImage("resolve:ssm:/my/golden_image")).toMatchObject({
    kind: "parameter",
    parameter: "/my/golden_image",
  });
});

test("a parameter's name is read back as the image that leads to it", () => {
  for (const text of ["freebsd/arm64/builder/zfs/15.0/RC2", "ubuntu/22.04/amd64", "debian/13/arm64", "al2023/arm64"]) {
    const image = named(text);
    for (const parameter of ssmParametersOf(image, image.arch ?? "arm64"))
      expect(matchesImage(image, imageOfParameter(parameter) ?? image) && imageOfParameter(parameter)?.text).toBe(text);
  }
  expect(imageOfParameter("/aws/service/freebsd/riscv64/base/ufs/15.0/RELEASE")).toBe(undefined);
  expect(imageOfParameter("/aws/service/debian/release/12/20260101-1/amd64")).toBe(undefined);
});

test("the nearest to an image that is not there are of its kind, and of releases around it", () => {
  const there = [
    "arm64/base/ufs/13.5",
    "arm64/base/ufs/14.3",
    "amd64/base/ufs/14.4",
    "arm64/small/ufs/14.4",
    "arm64/base/ufs/15.0",
  ];
  const images = there.map((each) => ({ ...named(`freebsd/${each}/RELEASE`) }));
  const near = nearestImages(named("freebsd/14.4"), "arm64", images, 3).map((each) => each.text);
  expect(near).toEqual([
    "freebsd/arm64/base/ufs/14.3/RELEASE",
    "freebsd/arm64/small/ufs/14.4/RELEASE",
    "freebsd/arm64/base/ufs/15.0/RELEASE",
  ]);
});

test.each(["parameter", "/a/parameter", "parameter:3", "/a/parameter:label-1.x"])(
  "a parameter's name, with a version or a label, is Parameter Store's to read: %s",
  (parameter) => {
    const text = `resolve:ssm:${parameter}`;
    expect(parseImage(text)).toEqual({ kind: "parameter", text, parameter });
    expect(imagePattern.test(text)).toBe(true);
  },
);
