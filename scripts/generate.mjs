// `npm run generate`: writes the files that are made from the code. With --check it writes nothing, and fails where one
// differs from what it would write. Words name the files that are wanted; without any, all are.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));

/** File, and how its text is made. Each is loaded when it is asked for: reading the types takes a second. */
const generators = {
  "docs/api.md": async () => (await import("./api-page.mjs")).apiPage(),
  "docs/house.svg": async () => (await import("./house-picture.mjs")).housePicture(),
  "schemas/compare.schema.json": async () => (await import("./spec-schema.mjs")).specSchema("compare"),
  "schemas/boot.schema.json": async () => (await import("./spec-schema.mjs")).specSchema("boot"),
  "man/timetrial.1": async () => (await import("./man-page.mjs")).manPage(),
  NOTICE: async () => (await import("./notice.mjs")).notice(),
};

const words = process.argv.slice(2);
const check = words.includes("--check");
const wanted = words.filter((word) => word !== "--check");
const unknown = wanted.filter((file) => generators[file] === undefined);
if (unknown.length > 0) {
  console.error(`no such generated file: ${unknown.join(", ")}; there are ${Object.keys(generators).join(", ")}`);
  process.exit(2);
}

let differing = 0;
for (const file of wanted.length > 0 ? wanted : Object.keys(generators)) {
  const text = await generators[file]().catch((error) => {
    console.error(`${file}: ${error.message}`);
    process.exit(1);
  });
  const present = existsSync(file) ? readFileSync(file, "utf8") : undefined;
  if (present === text) continue;
  if (check) {
    differing += 1;
    console.error(`${file}: differs from what the code says; run \`npm run generate\` and commit it`);
  } else {
    writeFileSync(file, text);
    console.log(`${file}: written`);
  }
}
process.exit(differing > 0 ? 1 : 0);
