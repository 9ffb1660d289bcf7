// Whether a run was begun here. A run's folder bears a mark that only this user's state folder can make: a keyed digest of
// its plan. A folder from elsewhere, or one whose plan was changed, has none that fits.

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { link, mkdir, open, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import type { RunFolder } from "./run-folder.ts";

export const originFile = "origin";

/** Makes the mark of a plan, whose text is given. Undefined where no secret can be kept: such a run bears no mark. */
export type OriginSigner = (planText: string) => Promise<string | undefined>;

/**
 * Marks plans with the secret in the user's state folder, which is made with the first mark.
 *
 * @example
 * import { originSigner, resultFolders } from "timetrial/adapters";
 *
 * export const results = resultFolders("results", originSigner());
 */
export function originSigner(state: string = stateFolder()): OriginSigner {
  return async (planText) => {
    const secret = await secretIn(state).catch(() => undefined);
    return secret === undefined ? undefined : createHmac("sha256", secret).update(planText).digest("hex");
  };
}

/** Whether the run in `folder` bears the mark that `sign` makes of its plan. */
export async function isOriginProven(folder: RunFolder, sign: OriginSigner): Promise<boolean> {
  if (!folder.has(originFile)) return false;
  const [found, wanted] = [(await folder.text(originFile)).trim(), await sign(await folder.text("plan.json"))];
  if (wanted === undefined || found.length !== wanted.length) return false;
  return timingSafeEqual(Buffer.from(found), Buffer.from(wanted));
}

/** As other programs have it: XDG_STATE_HOME, else ~/.local/state. */
function stateFolder(): string {
  const named = process.env["XDG_STATE_HOME"] ?? "";
  return join(isAbsolute(named) ? named : join(homedir(), ".local", "state"), "timetrial");
}

async function secretIn(state: string): Promise<string> {
  const path = join(state, "secret");
  for (let tries = 0; ; tries++) {
    try {
      return readSecret(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT" || tries === 2) throw error;
      await makeSecret(state, path);
    }
  }
}

/** Synchronous: for four short calls, once a run, the thread pool would cost many times the calls. */
function readSecret(path: string): string {
  // oxlint-disable-next-line no-bitwise -- flags of open(2)
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const found = fstatSync(file);
    const { uid, mode } = found;
    const text = found.isFile() ? readFileSync(file, "utf8").trim() : "";
    // oxlint-disable-next-line no-bitwise -- permission bits
    const isPrivate = uid === (process.getuid?.() ?? uid) && (mode & 0o077) === 0;
    if (!isPrivate || !/^[0-9a-f]{64}$/.test(text)) throw new Error(`${path}: expected a secret of one's own`);
    return text;
  } finally {
    closeSync(file);
  }
}

/** Makes the secret whole or not at all, by link(2): two clients that begin at once have the same one. */
async function makeSecret(state: string, path: string): Promise<void> {
  await mkdir(state, { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  // oxlint-disable-next-line no-bitwise -- flags of open(2)
  const file = await open(draft, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600);
  try {
    await file.writeFile(`${randomBytes(32).toString("hex")}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(draft, { force: true });
  }
}
