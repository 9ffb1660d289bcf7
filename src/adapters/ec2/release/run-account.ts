// The account and region of a run's machines: recorded in its ledger with the first launch, and compared with the
// credentials when the run is resumed.

import { defined } from "../../../domain/defined.ts";
import { LedgerState, type LedgerEntry } from "../../../domain/cloud/ledger.ts";
import { TimetrialError } from "../../../domain/errors.ts";
import type { Ledger } from "../../../ports/cloud/ledger.ts";
import type { AwsAccount } from "../../aws/account.ts";
import { isAwsHost } from "../../aws/call-watch.ts";
import { callerIdentity } from "../../aws/identity.ts";
import { describeInstances } from "../describe-instances.ts";

type RunAccount = Extract<LedgerEntry, { kind: "account" }>;

/** Records the account in `ledger`, once. */
export async function noteAccount(account: AwsAccount, ledger: Ledger): Promise<void> {
  if (LedgerState.of(await ledger.entries()).account === undefined) await ledger.write(await accountOf(account));
}

/**
 * Refuses a run that was started in another account or region: its machines are there, and EC2 here does not know them.
 *
 * @throws TimetrialError LEFT_RUNNING if its machines may still run there, else REFUSED
 */
export async function refuseOtherAccount(account: AwsAccount, entries: readonly LedgerEntry[]): Promise<void> {
  const { account: noted, living, open } = LedgerState.of(entries);
  if (noted === undefined) return;
  const here = await accountOf(account);
  const isSame =
    noted.region === here.region &&
    noted.endpoint === here.endpoint &&
    (noted.account === undefined || here.account === undefined || noted.account === here.account);
  if (isSame) return;
  const left = living.length + open.length > 0;
  throw new TimetrialError(
    left ? "LEFT_RUNNING" : "REFUSED",
    `the run was begun in ${text(noted)}: expected the same, got ${text(here)}`,
    {
      hint: left
        ? `its machines may be left running there (${living.join(", ") || "a launch is open"}): resume it with that account's credentials`
        : "resume it with that account's credentials",
    },
  );
}

async function accountOf(account: AwsAccount): Promise<RunAccount> {
  // Makes one request first: only then is it known where the user's endpoint rules lead.
  if (account.watch.hostOf("EC2") === undefined)
    await describeInstances(account, [{ Name: "instance-id", Values: ["i-00000000000000000"] }]);
  const id = (await callerIdentity(account))?.account;
  const host = account.watch.hostOf("EC2");
  // The sandbox listens on another port each time, so its account identifies it.
  const isCustom = account.options.credentials === undefined && host !== undefined && !isAwsHost(host);
  return {
    kind: "account",
    ...defined({ account: id }),
    region: account.region,
    ...(isCustom ? { endpoint: host } : {}),
  };
}

function text({ account, region, endpoint }: RunAccount): string {
  const where = `${region}${endpoint === undefined ? "" : ` at ${endpoint}`}`;
  return account === undefined ? where : `account ${account}, ${where}`;
}
