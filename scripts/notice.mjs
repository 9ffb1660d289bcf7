// NOTICE: the third parties whose code is bundled into dist/, with their licences. Read from the build's own notes, so
// `node build.mjs` comes first.

import { readdirSync, readFileSync } from "node:fs";

/** The text of NOTICE for the build in dist/. */
export function notice() {
  const packages = bundledPackages().map(describePackage);
  return [
    "timetrial",
    "Copyright The timetrial authors",
    "",
    "This product is licensed under the Apache License, Version 2.0 (the file LICENSE).",
    "",
    `Its bundles in dist/ contain code of the ${packages.length} packages below, each under the licence named. \`npm run generate\` writes this`,
    "file from what the build bundles.",
    "",
    ...packages.map(({ name, version, license }) => `  ${name} ${version} (${license})`),
    ...byLicenceText(packages).flatMap(([text, holders]) => ["", "-".repeat(78), ...holders, "", text]),
    "",
  ].join("\n");
}

/** Folders of the packages of which at least a byte is in a bundle, by name. */
function bundledPackages() {
  const { outputs } = JSON.parse(readFileSync("dist/metafile.json", "utf8"));
  const paths = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
  const folders = paths.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
  return [...new Set(folders)].toSorted();
}

function describePackage(folder) {
  const { name, version, license, author } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
  const texts = files.map((file) => readFileSync(`${folder}/${file}`, "utf8").replaceAll("\r", "").trimEnd());
  if (typeof license !== "string") throw new Error(`${folder}/package.json: expected a license, found ${license}`);
  if (license === "Apache-2.0") return { name, version, license, text: apacheNotice(texts.join("\n")) };
  const by = author?.name ?? author ?? "its authors";
  const named = `Copyright ${by}\nLicensed under ${license}, as its package.json says; the package has no file with the text.`;
  return { name, version, license, text: texts.join("\n\n") || named };
}

/** Of the Apache licence, which LICENSE has whole: the copyright lines that its packages give. */
function apacheNotice(text) {
  const lines = text.split("\n").map((line) => line.trim());
  const copyright = lines.filter((line) => /^Copyright (\(c\) )?\d{4}/i.test(line));
  return [...copyright, "Licensed under the Apache License, Version 2.0: the text of the file LICENSE."].join("\n");
}

/** Licence texts, each once and a paragraph a line, with the packages that bear it, each before its copyright lines. */
function byLicenceText(packages) {
  const texts = new Map();
  for (const { name, text } of packages) {
    const paragraphs = text.split(/\n\s*\n/).map((each) => each.trim());
    const isCopyright = (paragraph) => /^Copyright /i.test(paragraph) && !/Licensed under/.test(paragraph);
    const lines = (paragraph) => paragraph.split("\n").map((line) => `  ${line.trim()}`);
    const terms = paragraphs.filter((each) => !isCopyright(each)).map((each) => each.replace(/\s*\n\s*/g, " "));
    const holders = [name, ...paragraphs.filter(isCopyright).flatMap(lines)];
    const key = terms.filter((each) => !/^(The )?MIT License( \(MIT\))?$/i.test(each)).join("\n\n");
    texts.set(key, [...(texts.get(key) ?? []), ...holders]);
  }
  return [...texts];
}
