// A ledger on a disk that is full: nothing new is launched, and giving back goes on. /dev/full is a real full disk.

import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { NdjsonFile } from "../../../../src/adapters/folders/stored/ndjson-file.ts";
import { StoredLedger } from "../../../../src/adapters/folders/stored/stored-ledger.ts";

const intent = { kind: "intent", token: "t", side: "a", type: "c7g.large", zone: "z", count: 1 } as const;
const full = { code: "RESULTS_UNWRITABLE", exitStatus: 5, message: expect.stringContaining("(ENOSPC)") };

test.skipIf(!existsSync("/dev/full"))(
  "an intent that cannot be written is no intent: nothing may be launched [needs /dev/full]",
  async () => {
    const file = await NdjsonFile.open("/dev/full");
    const ledger = new StoredLedger(file, []);
    await expect(ledger.write(intent)).rejects.toMatchObject(full);
    expect(await ledger.entries()).toEqual([]);
    await file.close();
  },
);

test.skipIf(!existsSync("/dev/full"))(
  "what became of machines is known although it cannot be written, and the fault is said when the run is closed [needs /dev/full]",
  async () => {
    const file = await NdjsonFile.open("/dev/full");
    const ledger = new StoredLedger(file, [intent]);
    await ledger.write({ kind: "launched", token: "t", ids: ["i-1"] });
    await ledger.write({ kind: "terminated", ids: ["i-1"] });
    expect(await ledger.entries()).toMatchObject([{ kind: "intent" }, { kind: "launched" }, { kind: "terminated" }]);
    expect(() => ledger.throwIfIncomplete()).toThrow(/ENOSPC/);
    await file.close();
  },
);
