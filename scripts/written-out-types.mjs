// The types that valibot infers from schemas, written out in dist/lib: who uses the library then needs no valibot.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { API } from "typescript/unstable/sync";
import { SyntaxKind } from "typescript/unstable/ast";

const noTruncation = 1;
const inTypeAlias = 1 << 23;

/** Writes the inferred types out in the .d.ts files of `folder`, which the compiler made of `root`'s src/. */
export function writeOutInferredTypes(root, folder) {
  const inferring = readdirSync(folder, { recursive: true }).filter(
    (name) => name.endsWith(".d.ts") && readFileSync(join(folder, name), "utf8").includes("InferOutput<"),
  );
  const api = new API({ cwd: root });
  try {
    const [{ program, checker }] = api.updateSnapshot({ openProject: join(root, "tsconfig.json") }).getProjects();
    for (const name of inferring) {
      const source = program.getSourceFile(join(root, "src", name.replace(/\.d\.ts$/, ".ts")));
      const written = new Map();
      for (const node of source.statements) {
        if (node.kind !== SyntaxKind.TypeAliasDeclaration || !node.getText().includes("InferOutput<")) continue;
        const type = checker.getDeclaredTypeOfSymbol(checker.getSymbolAtLocation(node.name));
        written.set(node.name.getText(), checker.typeToString(type, undefined, noTruncation | inTypeAlias));
      }
      const text = readFileSync(join(folder, name), "utf8");
      const plain = text.replace(
        /^((?:export )?(?:declare )?type (\w+) = )[^;]*InferOutput<[^;]*;$/gm,
        (whole, before, alias) => (written.has(alias) ? `${before}${written.get(alias)};` : whole),
      );
      writeFileSync(join(folder, name), plain);
    }
  } finally {
    api.close();
  }
}
