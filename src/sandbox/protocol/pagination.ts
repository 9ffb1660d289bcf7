// Pages of an answer. A token is opaque to the client, and says after which item the next page begins: items that
// come or go meanwhile neither repeat others nor hide them.

import { ServiceError } from "./service-error.ts";

export interface Page<Item> {
  readonly items: Item[];
  readonly next: string | undefined;
}

/** `items` in the order of their keys, which must ascend. */
export function page<Item>(
  items: readonly Item[],
  key: (item: Item) => number,
  request: { size: number; token: string | undefined; badToken: string },
): Page<Item> {
  const after = request.token === undefined ? -Infinity : decoded(request.token, request.badToken);
  const rest = items.filter((item) => key(item) > after);
  const shown = rest.slice(0, request.size);
  const last = shown.at(-1);
  return { items: shown, next: rest.length > shown.length && last !== undefined ? encoded(key(last)) : undefined };
}

/** MaxResults within its bounds, or the default. */
export function pageSize(asked: number | undefined, bounds: readonly [number, number], code: string): number {
  const [least, most] = bounds;
  if (asked === undefined) return most;
  if (!Number.isInteger(asked) || asked < least || asked > most)
    throw new ServiceError(code, `Value (${asked}) for parameter maxResults is invalid. Expecting ${least} to ${most}`);
  return asked;
}

function encoded(key: number): string {
  return Buffer.from(`after:${key}`).toString("base64url");
}

function decoded(token: string, badToken: string): number {
  const match = /^after:(\d+)$/.exec(Buffer.from(token, "base64url").toString());
  if (match === null) throw new ServiceError(badToken, "The specified token is not valid");
  return Number(match[1]);
}
