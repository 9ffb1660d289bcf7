import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { parseReply } from "../../../src/pipeline/agent/reply-frame.ts";

const payload = '{"t":"begun","id":"a"}\n{"t":"ended","id":"a"}\n';
const sha256 = createHash("sha256").update(payload).digest("hex");

function reply({ body = payload, length = payload.length, digest = sha256, algorithm = "sha256" } = {}): string {
  return `<<<timetrial 1 begin run-1/b1 17 running\n${body}>>>timetrial 1 end ${length} ${algorithm} ${digest}\n`;
}

describe("a reply", () => {
  test("that is whole gives its lines and where the next one starts", () => {
    expect(parseReply(reply())).toEqual({
      of: "run-1/b1",
      offset: 17,
      state: "running",
      lines: payload.trimEnd().split("\n"),
      length: payload.length,
    });
  });

  test("without news has no lines", () => {
    const digest = createHash("sha256").update("").digest("hex");
    expect(parseReply(reply({ body: "", length: 0, digest }))).toMatchObject({ lines: [], length: 0 });
  });

  test("is read whatever stands around the frame", () => {
    expect(parseReply(`warning: locale\n${reply()}bye\n`)).toMatchObject({ offset: 17 });
  });

  test("tells behind its end mark how far the step is", () => {
    expect(parseReply(`${reply()}>>>timetrial 1 step hashes.r1.md5.x stage 2\n`)).toMatchObject({
      offset: 17,
      progress: { id: "hashes.r1.md5.x", text: "stage 2" },
    });
    expect(parseReply(reply())).not.toHaveProperty("progress");
    expect(parseReply(`${reply()}>>>timetrial 1 step x \u001b[31m\n`)).not.toHaveProperty("progress");
  });

  test("proved by cksum is read as cksum(1) has it", () => {
    const [digest = ""] = spawnSync("cksum", { input: payload }).stdout.toString().split(" ");
    expect(parseReply(reply({ algorithm: "cksum", digest }))).toMatchObject({ length: payload.length });
    expect(parseReply(reply({ algorithm: "cksum", digest: "1" }))).toEqual({ fault: "a digest that does not agree" });
  });

  test.each([
    ["that was cut off anywhere", (text: string) => text.slice(0, 60)],
    ["without its end mark", (text: string) => text.slice(0, text.lastIndexOf(">>>"))],
    ["with one character flipped", (text: string) => text.replace('"a"', '"b"')],
    ["with another length", () => reply({ length: 3 })],
    ["with no begin mark", () => "Segmentation fault\n"],
    ["with nothing in it", () => ""],
  ])("%s is refused", (_name, damage) => {
    expect(parseReply(damage(reply()))).toHaveProperty("fault");
  });
});

test("a reply that was cut says what its last words are: a mark tells who cut it", () => {
  const cut = `${reply().slice(0, 60)}--output truncated--`;
  expect(parseReply(cut)).toMatchObject({ fault: expect.stringContaining('--output truncated--"') });
});
