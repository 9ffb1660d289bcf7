// Images by name, as the sandbox's account has them.

import { DescribeImagesCommand } from "@aws-sdk/client-ec2";
import { aPlan } from "../../support/given.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openAccount } from "../../../src/adapters/aws/account.ts";
import { ssmImages } from "../../../src/adapters/ec2/images.ts";
import { preflight } from "../../../src/adapters/ec2/launch/preflight.ts";
import { parseImage, type PublicImage } from "../../../src/domain/plan/image.ts";
import { parseSides } from "../../../src/domain/plan/side.ts";
import type { Images } from "../../../src/ports/cloud/images.ts";
import { type Rented, rent } from "../../support/rented-machine.ts";

let rented: Rented;
let opened: Awaited<ReturnType<typeof openAccount>>;
let images: Images;
beforeAll(async () => {
  rented = await rent({ checkWire: true });
  const { endpoint, credentials, region } = rented.sandbox;
  opened = await openAccount({ region, endpoint, credentials });
  images = ssmImages(opened);
});
afterAll(() => rented[Symbol.asyncDispose]());

async function nameOf(text: string, arch: "arm64" | "x86_64"): Promise<string | undefined> {
  const { id } = await images.resolve(parseImage(text), arch);
  return (await rented.ec2.send(new DescribeImagesCommand({ ImageIds: [id] }))).Images?.[0]?.Name;
}

test("an image is found for each architecture, under either spelling of Arm", async () => {
  expect(await nameOf("freebsd/14.3", "arm64")).toBe("FreeBSD 14.3-RELEASE-arm64 base UFS sandbox");
  expect(await nameOf("freebsd/14.1/zfs", "arm64")).toBe("FreeBSD 14.1-RELEASE-arm64 base ZFS sandbox");
  expect(await nameOf("freebsd/15.0-BETA2", "x86_64")).toBe("FreeBSD 15.0-BETA2-amd64 base UFS sandbox");
  expect(await nameOf("ubuntu/22.04", "arm64")).toContain("ubuntu-jammy-22.04-arm64");
  expect(await nameOf("resolve:ssm:/aws/service/debian/release/12/latest/amd64", "x86_64")).toContain(
    "debian-12-amd64",
  );
});

test("an unknown release is refused with the nearest that there are", async () => {
  await expect(images.resolve(parseImage("freebsd/14.9"), "arm64")).rejects.toMatchObject({
    exitStatus: 2,
    message: expect.stringContaining("there is no image freebsd/14.9 for arm64 in us-east-1"),
    hint: expect.stringMatching(/^the nearest are freebsd\/arm64\/base\/ufs\/14\.3\/RELEASE, /),
  });
});

test("what there is is listed from all pages, each image once, and narrowed by what is said", async () => {
  const all = await images.list(parseImage("freebsd") as PublicImage);
  expect(all.length).toBeGreaterThan(30);
  expect(new Set(all.map((each) => each.text)).size).toBe(all.length);
  const small = await images.list(parseImage("freebsd/arm64/small/14.2") as PublicImage);
  expect(small.map((each) => each.text)).toEqual([
    "freebsd/arm64/small/ufs/14.2/RELEASE",
    "freebsd/arm64/small/zfs/14.2/RELEASE",
  ]);
});

test("an image of another architecture than the type's is refused before anything is launched", async () => {
  const other = process.arch === "arm64" ? "amd64" : "arm64";
  const sides = parseSides([`s1.medium@freebsd/${other}/14.3`]);
  await expect(preflight(opened, aPlan(), sides as never)).rejects.toMatchObject({
    exitStatus: 2,
    message: expect.stringMatching(
      /^side s1\.medium@freebsd\/(arm64|amd64)\/14\.3: image freebsd\/(arm64|amd64)\/14\.3 is for (arm64|x86_64), s1\.medium is /,
    ),
  });
});

test("a parameter of one's own is found by its name, and in a version or under a label that it has", async () => {
  const arch = process.arch === "arm64" ? "arm64" : "x86_64";
  const idOf = async (parameter: string) => (await images.resolve(parseImage(`resolve:ssm:${parameter}`), arch)).id;
  const id = await idOf("golden-image");
  expect(id).toMatch(/^ami-[0-9a-f]{17}$/);
  expect(await idOf("golden-image:1")).toBe(id);
  expect(await idOf("golden-image:tested")).toBe(id);
  await expect(idOf("golden-image:7")).rejects.toMatchObject({
    exitStatus: 2,
    message: "there is no parameter golden-image:7 in us-east-1",
  });
  await expect(idOf("golden")).rejects.toMatchObject({ message: "there is no parameter golden in us-east-1" });
});

test("an id that is well-formed and nobody's is refused with the side's name", async () => {
  const sides = parseSides(["a=s1.medium@ami-0123456789abcdef0"]);
  await expect(preflight(opened, aPlan(), sides as never)).rejects.toMatchObject({
    exitStatus: 2,
    message: "side a: there is no image ami-0123456789abcdef0 in us-east-1",
  });
});
