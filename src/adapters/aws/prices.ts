// AWS's prices. On-demand prices come from its price list, which three of its regions serve. Spot prices come from
// EC2's history: the newest row of a zone is the current price there.

import type { Filter } from "@aws-sdk/client-pricing";
import type { SpotPrice } from "@aws-sdk/client-ec2";
import { defined } from "../../domain/defined.ts";
import { printable } from "../../domain/printable.ts";
import type { TypePriceQuote } from "../../domain/cost/price-list.ts";
import type { PriceSource } from "../../ports/cloud/prices.ts";
import { type AwsAccount, pricingClient } from "./account.ts";
import { isAwsHost } from "./call-watch.ts";
import { awsCode } from "./errors.ts";

/** Timeout for all prices of a request. Milliseconds. */
const patience_ms = 15_000;
/** Prices that are looked up at the same time. */
const mostAtOnce = 8;

/**
 * Returns AWS's prices as a price source. `whose` names the source in the genitive. If absent, it is the host that the
 * requests went to, by the user's endpoint rules.
 *
 * @example
 * import { awsPrices, openAccount } from "timetrial/adapters";
 *
 * const prices = awsPrices(() => openAccount({ region: "us-east-1" }));
 * const { quotes } = await prices.ask({ types: ["c7g.large"], market: "on-demand", signal: AbortSignal.timeout(20_000) });
 * console.log(quotes);
 */
export function awsPrices(account: () => Promise<AwsAccount>, whose?: string): PriceSource {
  return {
    ask: async ({ types, market, zone, signal }) => {
      const quotes: TypePriceQuote[] = [];
      const unknown: string[] = [];
      const opened = await account();
      const patient = AbortSignal.any([signal, AbortSignal.timeout(patience_ms)]);
      let pricing: ReturnType<typeof pricingClient> | undefined;
      const priced = (): ReturnType<typeof pricingClient> => (pricing ??= pricingClient(opened));
      const asked = async (type: string): Promise<void> => {
        try {
          const found =
            market === "spot"
              ? await spot(opened, type, zone, patient)
              : await onDemand(await priced(), opened.region, type, patient);
          const source = whose ?? sourceOf(opened, market);
          if (found.length === 0)
            unknown.push(`${source} prices have no ${market} price of ${type} in ${zone ?? opened.region}`);
          quotes.push(...found.map((quote) => ({ ...quote, source: `${source} ${quote.source}` })));
        } catch (error) {
          signal.throwIfAborted();
          unknown.push(`the ${market} price of ${type} could not be looked up: ${reasonOf(error, market)}`);
        }
      };
      // A few at a time: AWS throttles a burst of two hundred.
      const open = [...new Set(types)].values();
      const inTurn = async (): Promise<void> => {
        for (const type of open) await asked(type);
      };
      await Promise.all(Array.from({ length: mostAtOnce }, inTurn));
      return { quotes: quotes.sort(byType), unknown: unknown.sort() };
    },
  };
}

/** Returns who quoted the price, in the genitive. A custom endpoint's prices are not called AWS's. */
function sourceOf({ watch }: AwsAccount, market: string): string {
  const host = watch.hostOf(market === "spot" ? "EC2" : "the price list");
  return host === undefined || isAwsHost(host) ? "AWS's" : `${host}'s`;
}

function byType(a: TypePriceQuote, b: TypePriceQuote): number {
  return a.type.localeCompare(b.type) || (a.zone ?? "").localeCompare(b.zone ?? "");
}

function reasonOf(error: unknown, market: string): string {
  const code = awsCode(error);
  if (/^(AccessDenied|UnauthorizedOperation)/.test(code))
    return `these credentials lack ${market === "spot" ? "ec2:DescribeSpotPriceHistory" : "pricing:GetProducts"}`;
  if (code === "TimeoutError" || code === "AbortError") return `no answer within ${patience_ms / 1000} s`;
  return printable(error instanceof Error ? error.message || code : String(error)).slice(0, 300);
}

/** Linux without licences, on shared hardware. FreeBSD's images are billed as this, too. */
const plain = { operatingSystem: "Linux", preInstalledSw: "NA", tenancy: "Shared", capacitystatus: "Used" } as const;

async function onDemand(
  { client, GetProductsCommand }: Awaited<ReturnType<typeof pricingClient>>,
  region: string,
  type: string,
  signal: AbortSignal,
): Promise<TypePriceQuote[]> {
  const fields = { instanceType: type, regionCode: region, ...plain };
  const Filters = Object.entries(fields).map(([Field, Value]): Filter => ({ Type: "TERM_MATCH", Field, Value }));
  const answer = await client.send(
    new GetProductsCommand({ ServiceCode: "AmazonEC2", FormatVersion: "aws_v1", Filters, MaxResults: 100 }),
    { abortSignal: signal },
  );
  const items = (answer.PriceList ?? []) as readonly unknown[];
  const found = items.flatMap((item) => quotesIn(JSON.parse(String(item)) as Product));
  // Two different prices belong to two products, and nothing tells which is ours.
  if (new Set(found.map(({ usd_per_hour }) => usd_per_hour)).size !== 1) return [];
  const [first] = found;
  const source = `price list for ${region}`;
  return first === undefined ? [] : [{ type, market: "on-demand", source, ...first }];
}

/** The fields of a price list item that are read. None of them is trusted. */
interface Product {
  readonly publicationDate?: unknown;
  readonly terms?: { readonly OnDemand?: Readonly<Record<string, Term | undefined>> };
}

interface Term {
  readonly effectiveDate?: unknown;
  readonly priceDimensions?: Readonly<
    Record<string, { readonly unit?: unknown; readonly pricePerUnit?: { readonly USD?: unknown } } | undefined>
  >;
}

function quotesIn({ terms, publicationDate }: Product): Pick<TypePriceQuote, "usd_per_hour" | "date">[] {
  return Object.values(terms?.OnDemand ?? {}).flatMap((term) =>
    Object.values(term?.priceDimensions ?? {}).flatMap((dimension) => {
      const usd_per_hour = Number(dimension?.pricePerUnit?.USD);
      if (dimension?.unit !== "Hrs" || !Number.isFinite(usd_per_hour) || usd_per_hour <= 0) return [];
      const date = dayOf(term?.effectiveDate) ?? dayOf(publicationDate);
      return [{ usd_per_hour, ...defined({ date }) }];
    }),
  );
}

function dayOf(text: unknown): string | undefined {
  return typeof text === "string" ? /^\d{4}-\d\d-\d\d/.exec(text)?.[0] : undefined;
}

async function spot(
  account: AwsAccount,
  type: string,
  zone: string | undefined,
  signal: AbortSignal,
): Promise<TypePriceQuote[]> {
  const rows: SpotPrice[] = [];
  const pages = account.sdk.paginateDescribeSpotPriceHistory(
    { client: account.ec2 },
    {
      InstanceTypes: [type as NonNullable<SpotPrice["InstanceType"]>],
      ProductDescriptions: ["Linux/UNIX"],
      // From now on: EC2 also returns the price that was set before and still holds.
      StartTime: new Date(),
      ...defined({ AvailabilityZone: zone }),
    },
    { abortSignal: signal },
  );
  for await (const page of pages) rows.push(...(page.SpotPriceHistory ?? []));
  const newest = new Map<string, SpotPrice>();
  for (const row of rows) {
    const before = newest.get(row.AvailabilityZone ?? "");
    if (before === undefined || Number(before.Timestamp) < Number(row.Timestamp))
      newest.set(row.AvailabilityZone ?? "", row);
  }
  return [...newest].flatMap(([where, { SpotPrice: usd, Timestamp: at }]): TypePriceQuote[] => {
    const usd_per_hour = Number(usd);
    if (where === "" || !(usd_per_hour > 0)) return [];
    const date = at === undefined ? undefined : at.toISOString().slice(0, 10);
    const source = `spot price history of ${where}`;
    return [{ type, market: "spot", usd_per_hour, source, zone: where, ...defined({ date }) }];
  });
}
