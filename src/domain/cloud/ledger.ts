// The ledger: requests to a cloud and their outcomes. A request's line in ledger.ndjson is written before the call, so
// that no crash can forget an instance.

import * as v from "valibot";
import { text } from "../schema.ts";

const texts = v.array(text);
/** The time when the line was written, ISO 8601. The writer of the ledger adds it. */
const at = v.exactOptional(text);

/** The schema of one line of ledger.ndjson. */
export const ledgerSchema = v.variant("kind", [
  v.object({
    kind: v.literal("intent"),
    at,
    token: text,
    side: text,
    type: text,
    zone: text,
    count: v.pipe(v.number(), v.integer(), v.minValue(0)),
    /** The id that the image's name resolved to. */
    image: v.exactOptional(text),
    /** The time of the request by the cloud's own clock: that of this computer may be wrong. ISO 8601. */
    requested_at: v.exactOptional(text),
    /** When the machines end themselves at the latest. ISO 8601. */
    deadline: v.exactOptional(text),
  }),
  /** Where the requests go: recorded before the first launch. */
  v.object({
    kind: v.literal("account"),
    at,
    /** Twelve digits; absent if unknown. */
    account: v.exactOptional(text),
    region: text,
    /** The host of the endpoint, if it is not AWS's own. */
    endpoint: v.exactOptional(text),
  }),
  v.object({ kind: v.literal("launched"), at, token: text, ids: texts }),
  v.object({ kind: v.literal("not-launched"), at, token: text, reason: text }),
  v.object({ kind: v.literal("terminated"), at, ids: texts }),
  /** Written before a microVM's folder, namespace, tap, socket, jail or disk is made. All of them carry the id. */
  v.object({ kind: v.literal("microvm"), at, id: text, side: text, folder: text, host: text }),
  v.object({ kind: v.literal("microvm-ended"), at, ids: texts }),
  v.object({ kind: v.literal("absence"), at, state: text, ids: texts }),
]);

/** One line of ledger.ndjson: a request to a cloud, or its outcome. */
export type LedgerEntry = Readonly<v.InferOutput<typeof ledgerSchema>>;

type Intent = Extract<LedgerEntry, { kind: "intent" }>;

/** One RunInstances call, and its outcome as far as it is known. */
export interface LedgerLaunch {
  readonly intent: Intent;
  /** The ids of the launched instances; empty if it launched nothing or the outcome is unknown. */
  readonly ids: readonly string[];
  /** Whether the outcome is known. */
  readonly isSettled: boolean;
}

/** The state after all lines of a ledger: every launch with its outcome, and what was terminated. */
export class LedgerState {
  readonly launches: readonly LedgerLaunch[];
  /** By id: when EC2 accepted the termination. ISO 8601; undefined in a ledger without times. */
  readonly ended: ReadonlyMap<string, string | undefined>;
  /** The result of the last search for leftovers. */
  readonly absence: Extract<LedgerEntry, { kind: "absence" }> | undefined;

  /** The account and region of the launches. */
  readonly account: Extract<LedgerEntry, { kind: "account" }> | undefined;
  readonly #microVms = new Set<string>();

  static of(entries: readonly LedgerEntry[]): LedgerState {
    return new LedgerState(entries);
  }

  private constructor(entries: readonly LedgerEntry[]) {
    const launched = new Map<string, Set<string>>();
    const refused = new Set<string>();
    const ended = new Map<string, string | undefined>();
    for (const entry of entries) {
      if (entry.kind === "microvm") this.#microVms.add(entry.id);
      if (entry.kind === "microvm-ended") for (const id of entry.ids) this.#microVms.delete(id);
      if (entry.kind === "launched")
        launched.set(entry.token, new Set([...(launched.get(entry.token) ?? []), ...entry.ids]));
      if (entry.kind === "not-launched") refused.add(entry.token);
      if (entry.kind === "terminated") for (const id of entry.ids) if (!ended.has(id)) ended.set(id, entry.at);
    }
    this.ended = ended;
    this.launches = entries.flatMap((intent): LedgerLaunch[] => {
      if (intent.kind !== "intent") return [];
      const ids = launched.get(intent.token);
      return [{ intent, ids: [...(ids ?? [])], isSettled: ids !== undefined || refused.has(intent.token) }];
    });
    this.account = entries.find((entry) => entry.kind === "account");
    this.absence = entries.findLast((entry) => entry.kind === "absence");
  }

  /** Ids of microVMs that were started and, as far as the ledger knows, not ended. */
  get livingMicroVms(): string[] {
    return [...this.#microVms];
  }

  /** The client tokens of all launches. */
  get tokens(): string[] {
    return this.launches.map(({ intent }) => intent.token);
  }

  /** Launches with an unknown outcome. */
  get open(): Intent[] {
    return this.launches.filter(({ isSettled }) => !isSettled).map(({ intent }) => intent);
  }

  /** The ids of everything that was ever launched. */
  get launched(): string[] {
    return this.launches.flatMap(({ ids }) => ids);
  }

  /** Ids of what was launched and, as far as the ledger knows, not terminated. */
  get living(): string[] {
    return this.launched.filter((id) => !this.ended.has(id));
  }
}
