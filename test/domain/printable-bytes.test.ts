import { expect, test } from "vitest";
import { ByteText } from "../../src/domain/printable-bytes.ts";
import { seededRandom } from "../../src/domain/random.ts";

test("numbers are written as String() writes them", () => {
  const random = seededRandom("1");
  const powers = Array.from({ length: 40 }, (_, i) => 10 ** (i - 18));
  const edges = powers.flatMap((power) => [
    power,
    power - 1e-6,
    power * (1 + 2 ** -52),
    power * (1 - 2 ** -53),
    -power,
  ]);
  const drawn = Array.from({ length: 20_000 }, () => {
    const value = random() * 10 ** (20 * random() - 8);
    return random() < 0.5 ? value : Math.round(value * 1e6) / 1e6;
  });
  const numbers = [0, -0, Infinity, 2 ** 31, 2 ** 32, 2 ** 53, 123_456_789.123_456, ...edges, ...drawn];
  const text = new ByteText();
  const end = text.encode("\n");
  for (const number of numbers) {
    text.addNumber(number);
    text.add(end);
  }
  expect(text.take().toString().split("\n").slice(0, -1)).toEqual(numbers.map(String));
});

test("a piece is bytes where all of its text is plain, and a string, which is looked through, from then on where it is not", () => {
  const text = new ByteText();
  text.add(text.encode("plain,"));
  expect(text.take()).toEqual(Buffer.from("plain,"));
  text.add(text.encode("日本語\r"));
  expect(text.take()).toBe("日本語\r");
});

test("a long text is taken whole", () => {
  const text = new ByteText();
  text.add(text.encode("a"));
  text.add(text.encode("b".repeat(200_000)));
  expect(text.isPiece).toBe(true);
  expect(text.take().toString()).toBe(`a${"b".repeat(200_000)}`);
  text.addNumber(1);
  expect(text.take().toString()).toBe("1");
});
