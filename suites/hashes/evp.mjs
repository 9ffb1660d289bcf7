// The time trial of FreeBSD's `md5 -t`, without the clock, by the libcrypto inside Node:
//
//     evp.mjs ALG CONTEXTS BLOCKS    BLOCKS blocks of 10000 bytes through a context; CONTEXTS of them, in turn
//     evp.mjs facts                  what is known of that libcrypto: Node tells its version, not its capability words
//
// Prints "Digest = HEX" for every context.
import { createHash } from "node:crypto";

const [alg, contexts, blocks] = process.argv.slice(2);
if (alg === "facts") {
  console.log(`fact.node_version=${process.versions.node}`);
  console.log(`fact.openssl_version=OpenSSL ${process.versions.openssl} (in Node)`);
} else {
  const block = Buffer.from(Array.from({ length: 10_000 }, (_, i) => i & 0xff));
  for (let context = 0; context < Number(contexts); context++) {
    const hash = createHash(alg);
    for (let i = 0; i < Number(blocks); i++) hash.update(block);
    console.log(`Digest = ${hash.digest("hex")}`);
  }
}
