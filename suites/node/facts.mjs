// What is known of this Node, as setup prints it.

const { node, v8, openssl } = process.versions;
console.log(`fact.node_version=${node}`);
console.log(`fact.v8_version=${v8}`);
console.log(`fact.openssl_version=OpenSSL ${openssl} (in Node)`);
