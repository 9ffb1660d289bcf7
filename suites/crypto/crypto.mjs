// The same work as crypto.c's, by the libcrypto inside Node:
//
//     crypto.mjs key FOLDER         the keys, and the signatures to verify
//     crypto.mjs ROW UNITS FOLDER   UNITS units of ROW's work; "Digest = HEX" for each
//     crypto.mjs facts              what is known of the library

import {
  checkPrimeSync,
  createCipheriv,
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  sign,
  verify,
} from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [row = "", second = "", third = ""] = process.argv.slice(2);

const seeded = (name, n) => createHash("sha256").update(`timetrial ${name} ${n}`).digest();
const number = (bytes) => BigInt(`0x${bytes.toString("hex")}`);
const base64 = (value) => {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 1 ? `0${hex}` : hex, "hex").toString("base64url");
};

/** The first prime from a seeded number of 1024 bits upwards for which 65537 will do. */
function prime(name) {
  const bytes = Buffer.concat([0, 1, 2, 3].map((n) => seeded(name, n)));
  bytes[0] |= 0xc0;
  bytes[127] |= 1;
  let p = number(bytes);
  while (!checkPrimeSync(p) || p % 65537n === 1n) p += 2n;
  return p;
}

function inverse(value, modulus) {
  let [a, b, x, y] = [value % modulus, modulus, 1n, 0n];
  while (b > 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
  return ((x % modulus) + modulus) % modulus;
}

function rsaKey() {
  const [p, q, e] = [prime("p"), prime("q"), 65537n];
  const d = inverse(e, (p - 1n) * (q - 1n));
  const parts = { n: p * q, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
  const jwk = Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, base64(value)]));
  return createPrivateKey({ key: { kty: "RSA", ...jwk }, format: "jwk" });
}

function ecKey() {
  const secret = seeded("ec", 0);
  secret[0] &= 0x7f;
  const curve = createECDH("prime256v1");
  curve.setPrivateKey(secret);
  const point = curve.getPublicKey();
  const [d, x, y] = [secret, point.subarray(1, 33), point.subarray(33)].map((part) => part.toString("base64url"));
  return createPrivateKey({ key: { kty: "EC", crv: "P-256", d, x, y }, format: "jwk" });
}

const pem = (folder, kind) => join(folder, `${kind}.pem`);
const signed = (folder, kind) => join(folder, `${kind}.signature`);
const message = (i) => Buffer.from(`message ${i % 1000}`);

function sealed(cipher, proof) {
  const block = Buffer.from(Array.from({ length: 16_384 }, (_, i) => i & 0xff));
  const key = seeded("aead", 0);
  const iv = Buffer.alloc(12);
  for (let i = 0; i < 2000; i++) {
    iv.writeUInt16LE(i);
    const sealing = createCipheriv(cipher, key, iv, { authTagLength: 16 });
    sealing.update(block);
    sealing.final();
    proof.update(sealing.getAuthTag());
  }
}

function signs(key, count, random, proof) {
  const open = createPublicKey(key);
  for (let i = 0; i < count; i++) {
    const signature = sign("sha256", message(i), key);
    if (!random) proof.update(signature);
    else if (i % 100 === 99 && !verify("sha256", message(i), open, signature)) throw new Error("a signature is wrong");
    else proof.update(message(i));
  }
}

function verifies(key, count, signature, proof) {
  for (let i = 0; i < count; i++) {
    if (!verify("sha256", message(0), key, signature)) throw new Error("a right signature is refused");
    proof.update(message(0));
  }
  if (verify("sha256", message(1), key, signature)) throw new Error("a wrong signature is taken");
}

if (row === "facts") {
  console.log(`fact.node_version=${process.versions.node}`);
  console.log(`fact.openssl_version=OpenSSL ${process.versions.openssl} (in Node)`);
} else if (row === "key") {
  for (const [kind, key] of Object.entries({ rsa: rsaKey(), ec: ecKey() })) {
    writeFileSync(pem(second, kind), key.export({ type: "pkcs8", format: "pem" }));
    writeFileSync(signed(second, kind), sign("sha256", message(0), key));
  }
} else {
  const kind = row.startsWith("rsa") ? "rsa" : "ec";
  const key = row.includes("-sign") || row.includes("-verify") ? createPrivateKey(readFileSync(pem(third, kind))) : undefined;
  for (let unit = 0; unit < Number(second); unit++) {
    const proof = createHash("sha256");
    if (key === undefined) sealed(row, proof);
    else if (row.endsWith("-verify")) verifies(createPublicKey(key), kind === "rsa" ? 3000 : 400, readFileSync(signed(third, kind)), proof);
    else signs(key, kind === "rsa" ? 100 : 1000, kind === "ec", proof);
    console.log(`Digest = ${proof.digest("hex")}`);
  }
}
