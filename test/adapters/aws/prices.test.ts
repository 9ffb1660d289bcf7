// Prices as they are asked for: the real SDK clients against the sandbox, whose list has the shape of AWS's.

import { GetProductsCommand, PricingClient } from "@aws-sdk/client-pricing";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { openAccount } from "../../../src/adapters/aws/account.ts";
import { awsPrices } from "../../../src/adapters/aws/prices.ts";
import { nameOf, rent, type Rented } from "../../support/rented-machine.ts";

const signal = new AbortController().signal;

function pricesOf({ sandbox }: Rented, region = "us-east-1") {
  const { endpoint, credentials } = sandbox;
  return awsPrices(() => openAccount({ region, endpoint, credentials }), "the sandbox's");
}

test("a price on demand has its day and who says so, whatever region it is of", async () => {
  await using rented = await rent({ checkWire: true });
  const found = await pricesOf(rented).ask({ types: ["s1.medium", "s2.large"], market: "on-demand", signal });
  const rest = { market: "on-demand", source: "the sandbox's price list for us-east-1", date: "2026-11-01" };
  expect(found).toEqual({
    quotes: [
      { type: "s1.medium", usd_per_hour: 0.1, ...rest },
      { type: "s2.large", usd_per_hour: 0.4, ...rest },
    ],
    unknown: [],
  });
  // The list itself is served in another region.
  const west = await pricesOf(rented, "us-west-2").ask({ types: ["s1.medium"], market: "on-demand", signal });
  expect(west.quotes).toMatchObject([{ usd_per_hour: 0.1, source: "the sandbox's price list for us-west-2" }]);
});

test("a price on spot is the newest of each zone, or of the one that is asked for", async () => {
  await using rented = await rent({ checkWire: true });
  const spot = { types: ["s2.medium"], market: "spot", signal } as const;
  const all = await pricesOf(rented).ask(spot);
  expect(all.quotes.map(({ zone, usd_per_hour, date }) => [zone, usd_per_hour, date])).toEqual([
    ["us-east-1a", 0.1, "2026-11-20"],
    ["us-east-1b", 0.05, "2026-11-20"],
  ]);
  expect((await pricesOf(rented).ask({ ...spot, zone: "us-east-1b" })).quotes).toMatchObject([{ usd_per_hour: 0.05 }]);
});

test("a type without a price is said, and the others have theirs", async () => {
  await using rented = await rent({ checkWire: true });
  const found = await pricesOf(rented).ask({ types: ["t9.medium", "s1.medium"], market: "on-demand", signal });
  expect(found.quotes).toMatchObject([{ type: "s1.medium" }]);
  expect(found.unknown).toEqual(["the sandbox's prices have no on-demand price of t9.medium in us-east-1"]);
});

test("where nobody answers, that is said and not thrown", async () => {
  const server = createServer((request) => request.socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: "AKIA", secretAccessKey: "x" };
  const asked = awsPrices(() => openAccount({ region: "us-east-1", endpoint, credentials }), "AWS's");
  const found = await asked.ask({ types: ["s1.medium"], market: "on-demand", signal });
  expect(found.quotes).toEqual([]);
  expect(found.unknown).toEqual([
    expect.stringMatching(/^the on-demand price of s1\.medium could not be looked up: .+/),
  ]);
});

test("the sandbox's list is served in us-east-1 alone, and knows its attributes and its service", async () => {
  await using rented = await rent();
  const { endpoint, credentials } = rented.sandbox;
  const ask = async (region: string, input: object): Promise<string> => {
    const client = new PricingClient({ endpoint, credentials, region, maxAttempts: 1 });
    onTestFinished(() => client.destroy());
    const command = new GetProductsCommand({ ServiceCode: "AmazonEC2", ...input });
    return await client.send(command).then(({ PriceList = [] }) => String(PriceList.length), nameOf);
  };
  const filter = (Field: string) => ({ Filters: [{ Type: "TERM_MATCH", Field, Value: "s1.medium" }] });
  expect(await ask("us-east-1", filter("instanceType"))).toBe("2");
  expect(await ask("us-west-2", {})).toBe("AccessDeniedException");
  expect(await ask("us-east-1", filter("colour"))).toBe("InvalidParameterException");
  expect(await ask("us-east-1", { ServiceCode: "AmazonS4" })).toBe("InvalidParameterException");
});
