// Two hundred types by a pattern are launched only by the user's word.

import { describe, expect, test } from "vitest";
import { agreeToMany } from "../../../src/cli/run/agree-to-many.ts";
import { refusalOf } from "../../support/refusal.ts";

const many = { types: 200, machines: 600, cost: async () => "about $41.20, at most $1234.00" };
const nobody = { can: () => false, yes: async () => true };

describe("two hundred types that a pattern stands for", () => {
  test("are refused with their number, their machines and the cost where nobody can be asked", async () => {
    expect(await refusalOf(() => agreeToMany(many, {}, nobody))).toMatchObject({
      code: "REFUSED",
      exitStatus: 4,
      message: "the patterns stand for 200 types: 600 machines, about $41.20, at most $1234.00",
      hint: expect.stringMatching(/^--yes .*--budget USD/),
    });
  });

  test.each([{ yes: true }, { budget: "50" }])(
    "are launched by %o, and the cost is not looked up before",
    async (word) => {
      const unasked = { ...many, cost: async () => Promise.reject(new Error("looked up")) };
      await expect(agreeToMany(unasked, word, nobody)).resolves.toBeUndefined();
    },
  );

  test("are asked about at a terminal, and launched by a yes alone", async () => {
    const asked: string[] = [];
    const replying = (reply: boolean) => ({
      can: () => true,
      yes: async (question: string) => {
        asked.push(question);
        return reply;
      },
    });
    await expect(agreeToMany(many, {}, replying(true))).resolves.toBeUndefined();
    expect(await refusalOf(() => agreeToMany(many, {}, replying(false)))).toMatchObject({ code: "REFUSED" });
    expect(asked[0]).toBe(
      "the patterns stand for 200 types: 600 machines, about $41.20, at most $1234.00. Launch them?",
    );
  });
});

test("up to twenty types are launched without a word, as if each were written", async () => {
  await expect(agreeToMany({ ...many, types: 20 }, {}, nobody)).resolves.toBeUndefined();
  expect(await refusalOf(() => agreeToMany({ ...many, types: 21 }, {}, nobody))).toMatchObject({ code: "REFUSED" });
});
