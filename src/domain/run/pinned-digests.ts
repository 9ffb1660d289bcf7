// Digests of the work of the shipped suites. A machine that reports another digest did other work, or none.
//
// The values are those of the suites' own check steps; a test compares the two.

import { defined } from "../defined.ts";

/** The digest that a trial's check must report. `work_id` is set where the parameters determine it. */
export interface PinnedWork {
  readonly digest: string;
  readonly work_id?: string;
}

/** The row of a shipped suite, with the parameters of the run. */
interface WorkOfRow {
  readonly suite: string;
  readonly row: string;
  readonly params: Readonly<Record<string, string>>;
}

/** Returns the pinned work of a row; undefined where its digest is not known beforehand, as for a build. */
export function pinnedWork({ suite, row, params }: WorkOfRow): PinnedWork | undefined {
  switch (suite) {
    case "hashes":
      return hashedBlocks(row, params["blocks"] ?? "100000");
    case "hashes-all": {
      const copy = hashedBlocks(row.replace(/-all$/, ""), params["blocks"] ?? "100000");
      return copy && { ...copy, work_id: `${copy.work_id}, in each of ${params["copies"] ?? "ncpu"} copies` };
    }
    case "crypto":
      return known(cryptoUnits[row.replace(/-all$/, "")], `${params["units"] ?? "20"} units`);
    case "node":
      return known(nodeKernels[row]);
    case "memory":
      return triadWork(params);
    case "unpack":
      return known(trees[params["files"] ?? "4000"], `${params["files"] ?? "4000"} files of text, seeds 2 and 3`);
    default:
      return undefined;
  }
}

function known(digest: string | undefined, work_id?: string): PinnedWork | undefined {
  return digest === undefined ? undefined : { digest, ...defined({ work_id }) };
}

/** A multiple of 100000 blocks is hashed in contexts of 100000, any other multiple of 10000 in contexts of 10000. */
function hashedBlocks(row: string, blocks: string): Required<PinnedWork> | undefined {
  const count = Number(blocks);
  const each = [100_000, 10_000].find((size) => count > 0 && count % size === 0);
  const digest = each === undefined ? undefined : hashes[`${row}/${each}`];
  return each === undefined || digest === undefined ? undefined : { digest, work_id: `${count / each}x${each}x10000` };
}

/** Eight neighbouring elements of the last array add up to 166128: the sum of `mib` MiB of doubles. */
function triadWork({ mib, rounds }: WorkOfRow["params"]): PinnedWork | undefined {
  if (mib === undefined || rounds === undefined || !/^\d{1,7}$/.test(mib)) return undefined;
  return {
    digest: String(Math.floor((Number(mib) * 166_128) / 64)),
    work_id: `three arrays of ${mib} MiB, ${rounds} rounds of ten passes`,
  };
}

/** Returns the digest of one context of `blocks` blocks of 10000 bytes; undefined where it is not pinned. */
export function pinnedHash(algorithm: string, blocks: number): string | undefined {
  return hashes[`${algorithm}/${blocks}`];
}

/** By row and number of blocks of one context. A block is 10000 bytes: block[i] = i mod 256. */
const hashes: Readonly<Record<string, string>> = {
  "md5/100000": "766a2bb5d24bddae466c572bcabca3ee",
  "md5/10000": "52e5f9c9e6f656f3e1800dfa5579d089",
  "sha1/100000": "02522491d7a8253fcab708560acfa84b2fb7ef1c",
  "sha1/10000": "74a57b897cc581defa5b3a359fa762a1b83a60e8",
  "sha256/100000": "3f7daf2b36997b6eb269f63176e09fee8f6daa13202d87e020da63d262c6a4ca",
  "sha256/10000": "7e287e4ab76f3f9cf4a7ac79e79ae63fa3e8fd832ca2262ee99a739cd5ee54c9",
  "sha512/100000":
    "65898ddd069bab932fca2bf7923dd28d074789d3617904e68e0017a6b7dfa2c6" +
    "54e673c5eab502dd6930b6aef5fe36e126698e73822e0092c25c489f456079a2",
  "sha512/10000":
    "d9254cd7fdececf9046fefcf6cf1d84b1637147f521f860f93a7b011a99d55ad" +
    "2b2cf7332e318430f031a7ccd04953e6c870b6a05f215d603f86718294a39ce1",
};

/** By row without `-all`: the digest of one unit. */
const cryptoUnits: Readonly<Record<string, string>> = {
  "aes-256-gcm": "112557c4b54640799602b337786401aad0ea5b7be265d4536d15e613cd17b2c3",
  "chacha20-poly1305": "cafdb7ddc84addb611830d5a92edceb5bb28a9ff4d111e1f42ebb8ab5fb5e71a",
  "rsa2048-sign": "40c54654783820059ae03096f34a30a13fa9fe423a7feb8bb34d7a553b6fa685",
  "rsa2048-verify": "6e6e450576358c8636f582e20d900c9d293ab4221da4bd9e8ca33f5f551206f4",
  "ecdsap256-sign": "363d52e648437b7f2d6a9de275a0e1fe4a45b492bab841a23cff4cbcc922308b",
  "ecdsap256-verify": "00b553876497b0ddb5f78cf9d9ef188c44df7beb35690f036f933f2ccb9800bd",
};

const nodeKernels: Readonly<Record<string, string>> = {
  md5: "0f56edeea55b16f7c819f57e485dde759b2f4c0ece1864e828abd68a740d7783",
  sha1: "a14eda07ab1feee62679b033a45f711c6d3b9054e7d1b1702bc7bef3254ebedf",
  sha256: "437ab175acfaf287c8e4510cd724972665ab882c82daecb8e1752881939f949d",
  sha512: "8fccc7db123160dc0eaec0c6b5cd9a0d98e3bb579739ffd5d10328c2b782faf2",
  json: "1eef28677ea51d8fc1e8378744d6d4bef0191c82a8fa04a48b753e3065f09d05",
  sort: "d24cc62a4f7ff08d1fbf9b34ed3d9b6ee145274ce7bcae7470d10368d397bcf8",
  regexp: "87f01f952c606143a8e615d968aa363ce3aa98cf91196e2a3302110722bb1562",
  "map-set": "90408d6ad25b10ffd1b4bffeef0bc1429cf6af7b978c2823b4cd9a01b07f6878",
  "typed-array": "fd9f468ffbea40b2e5069334f6c643106aaf1a426b34d34f9b92687103ba4fd9",
};

/** By number of files: the digest of the tree, names and contents. */
const trees: Readonly<Record<string, string>> = {
  "200": "d872407fcdc95cefeb6d32342f1a7ede611c589194e46a4ec655106e770ee7d5",
  "4000": "d4cae08c990371729946b55349b18479435c50410115029b714e325666c71901",
  "20000": "d70e3bfa5cd8ab9ce9305f093c895c48591cdd563cc17d20ae4fd24390dbbb47",
};
