// schemas/: what spec files may hold, as JSON Schema, from the options of the commands that read them.

import { withSource } from "./loaded-source.mjs";

const source = `
  export { Command } from "commander";
  export { declareCompare } from "./src/cli/flags/measure.ts";
  export { declareBoot } from "./src/cli/flags/boot.ts";
  export { jsonSchemaOf } from "./src/cli/spec/spec-schema.ts";
`;

/** The JSON Schema of the spec files of `compare` (plan and run read the same) or `boot`. */
export async function specSchema(name) {
  return await withSource(source, ({ Command, declareBoot, declareCompare, jsonSchemaOf }) => {
    // The text of --results names the folder that this variable says.
    delete process.env["TIMETRIAL_RESULTS"];
    const command = new Command(name);
    if (name === "boot") declareBoot(command);
    else declareCompare(command, undefined);
    const title = name === "boot" ? "timetrial boot FILE.toml" : "timetrial compare FILE.toml, plan, and run";
    const [{ description }] = command.registeredArguments;
    return `${JSON.stringify(jsonSchemaOf(command, title, description.replace(/; or a spec.*/, "")), null, 2)}\n`;
  });
}
