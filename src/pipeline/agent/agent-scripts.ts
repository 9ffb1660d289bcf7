// Builds the scripts that are sent to a machine. They hold base64, digests and words that fit a pattern: no text of a
// user or a suite reaches a shell as code.

import { sha256 } from "../archive/archive.ts";

/** Bytes of base64 in one script, so that it stays well below what SSM takes. */
const partSize = 24_000;

const word = /^[A-Za-z0-9][A-Za-z0-9.:+_-]{0,99}$/;
const hex = /^[0-9a-f]{64}$/;

/**
 * Returns the scripts that upload `bytes`; the last one unpacks them, after all others. `library` is the text of `put.sh`.
 * `isFirst`: they are the first that the machine gets, and the first of them looks for what the others need.
 */
export function uploadScripts(library: string, bytes: Uint8Array, digest: string, isFirst = false): readonly string[] {
  // A thousand machines get the same scripts at the same time.
  const known = uploads.get(bytes);
  if (known?.library === library && known.digest === digest && known.isFirst === isFirst) return known.scripts;
  const scripts = makeUploadScripts(library, bytes, digest, isFirst);
  uploads.set(bytes, { library, digest, isFirst, scripts });
  return scripts;
}

/** The scripts that were last made to upload some bytes. */
const uploads = new WeakMap<
  Uint8Array,
  { readonly library: string; readonly digest: string; readonly isFirst: boolean; readonly scripts: readonly string[] }
>();

function makeUploadScripts(library: string, bytes: Uint8Array, digest: string, isFirst: boolean): string[] {
  const parts: string[] = [];
  const step = (partSize / 4) * 3;
  for (let at = 0; at < bytes.length; at += step) {
    const part = bytes.subarray(at, at + step);
    parts.push(`tt_part ${checked(digest, hex)} ${parts.length} ${sha256(part)} <<'TT_EOF'\n${base64(part)}TT_EOF`);
  }
  const join = `tt_join ${digest} ${parts.length}`;
  const have = isFirst ? [`tt_have ${digest}`] : [];
  return parts.map((part, i) =>
    script(library, [...(i === 0 ? have : []), part, ...(i === parts.length - 1 ? [join] : [])]),
  );
}

/** Returns a script that prints a line for each of `digests`: `have DIGEST`, or `want DIGEST` where it is missing. */
export function presenceScript(library: string, digests: readonly string[]): string {
  return script(
    library,
    digests.map((digest) => `tt_have ${checked(digest, hex)}`),
  );
}

/** Returns a script that writes `plan`, if given, and then calls the agent of `digest` with `words`. */
export function agentScript(
  library: string,
  digest: string,
  words: readonly string[],
  plan?: { readonly run: string; readonly batch: string; readonly text: string },
): string {
  const call = `tt_agent ${checked(digest, hex)} ${words.map((text) => checked(text, word)).join(" ")}`;
  if (plan === undefined) return script(library, [call]);
  const bytes = Buffer.from(plan.text);
  const put = `tt_plan ${checked(plan.run, word)} ${checked(plan.batch, word)} ${sha256(bytes)} <<'TT_EOF'\n${base64(bytes)}TT_EOF`;
  return script(library, [put, call]);
}

function script(library: string, lines: readonly string[]): string {
  return `${library.trimEnd()}\n${lines.join("\n")}\n`;
}

/** Encodes in lines of 76 columns: `openssl base64 -d` drops a longer line without an error. */
function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString("base64")
    .replace(/.{1,76}/g, "$&\n");
}

function checked(text: string, pattern: RegExp): string {
  if (!pattern.test(text)) throw new RangeError(`not fit for a script: ${JSON.stringify(text)}`);
  return text;
}
