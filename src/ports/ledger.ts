// What was asked of a cloud and what became of it: written before the call, so that no crash can forget a machine.

export type LedgerEntry =
  | {
      readonly kind: "intent";
      readonly token: string;
      readonly side: string;
      readonly type: string;
      readonly zone: string;
      readonly count: number;
      /** The id that the image's name stood for. */
      readonly image?: string;
    }
  | { readonly kind: "launched"; readonly token: string; readonly ids: readonly string[] }
  | { readonly kind: "not-launched"; readonly token: string; readonly reason: string }
  | { readonly kind: "terminated"; readonly ids: readonly string[] }
  | { readonly kind: "absence"; readonly state: string; readonly ids: readonly string[] };

export interface Ledger {
  /** On disk, synced, when the promise is kept. */
  write(entry: LedgerEntry): Promise<void>;
  entries(): Promise<readonly LedgerEntry[]>;
}
