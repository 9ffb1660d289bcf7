// What was asked of a cloud and what became of it: one line of ledger.ndjson, written before the call, so that no crash
// can forget a machine.

import * as v from "valibot";
import { text } from "../schema.ts";

const texts = v.array(text);
/** When the line was written, ISO 8601; the ledger's keeper adds it. */
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
    /** The id that the image's name stood for. */
    image: v.exactOptional(text),
    /** The machines end themselves then at the latest. ISO 8601. */
    deadline: v.exactOptional(text),
  }),
  /** Where all of it is asked for: noted before the first launch. */
  v.object({
    kind: v.literal("account"),
    at,
    /** Twelve digits; absent where nobody said. */
    account: v.exactOptional(text),
    region: text,
    /** The host that was asked where it is not AWS's own. */
    endpoint: v.exactOptional(text),
  }),
  v.object({ kind: v.literal("launched"), at, token: text, ids: texts }),
  v.object({ kind: v.literal("not-launched"), at, token: text, reason: text }),
  v.object({ kind: v.literal("terminated"), at, ids: texts }),
  /** Before a microVM's folder, namespace, tap, socket, jail or disk is made: all of it bears the id. */
  v.object({ kind: v.literal("microvm"), at, id: text, side: text, folder: text, host: text }),
  v.object({ kind: v.literal("microvm-ended"), at, ids: texts }),
  v.object({ kind: v.literal("absence"), at, state: text, ids: texts }),
]);

/** One line of ledger.ndjson: what was asked of a cloud, or what became of it. */
export type LedgerEntry = Readonly<v.InferOutput<typeof ledgerSchema>>;

type Intent = Extract<LedgerEntry, { kind: "intent" }>;

/** One RunInstances call, and what is known of its outcome. */
export interface LedgerLaunch {
  readonly intent: Intent;
  /** What it launched; empty where it launched nothing, or nobody knows. */
  readonly ids: readonly string[];
  /** Whether the outcome is known. */
  readonly isSettled: boolean;
}

/** What a ledger says by now: every launch with its outcome, and what was ended. */
export class LedgerState {
  readonly launches: readonly LedgerLaunch[];
  /** By id: when EC2 took that it is to end. ISO 8601; undefined in a ledger that keeps no times. */
  readonly ended: ReadonlyMap<string, string | undefined>;
  /** What the last look for what is left said. */
  readonly absence: Extract<LedgerEntry, { kind: "absence" }> | undefined;

  /** In which account and region it launches. */
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

  /** Ids of microVMs that were begun and not ended, so far as the ledger knows. */
  get livingMicroVms(): string[] {
    return [...this.#microVms];
  }

  /** Client tokens of all launches. */
  get tokens(): string[] {
    return this.launches.map(({ intent }) => intent.token);
  }

  /** Launches of which nobody knows what became. */
  get open(): Intent[] {
    return this.launches.filter(({ isSettled }) => !isSettled).map(({ intent }) => intent);
  }

  /** Ids of all that was ever launched. */
  get launched(): string[] {
    return this.launches.flatMap(({ ids }) => ids);
  }

  /** Ids of what was launched, and not ended so far as the ledger knows. */
  get living(): string[] {
    return this.launched.filter((id) => !this.ended.has(id));
  }
}
