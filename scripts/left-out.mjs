// Exports of bundled packages that timetrial never calls: what stands in the bundle for each, so that the bundler drops the rest.

import { readFile } from "node:fs/promises";

/**
 * What is left out: by the end of a module's path and the name of an export, the code that stands for it. `true`: a function
 * that throws. `methods` names methods of its classes that throw. What is called with every process or request returns what is
 * right for timetrial's, and calls `leftOut()`, which throws, for any other.
 */
export const uncalled = {
  // commander: commands in the program itself, parsed once.
  "commander/lib/command.js": {
    methods: [
      "_executeSubCommand",
      "_checkForMissingExecutable",
      "executableDir",
      "nameFromFilename",
      "restoreStateBeforeParse",
      "_conflictingOption",
      "addHelpCommand",
      "addHelpOption",
      "showSuggestionAfterError",
      "hook",
      "requiredOption",
      "combineFlagAndOptionalValue",
      "allowUnknownOption",
      "allowExcessArguments",
      "enablePositionalOptions",
      "passThroughOptions",
      "getOptionValueSourceWithGlobals",
      "optsWithGlobals",
      "configureOutput",
      "commandsGroup",
    ],
  },
  // The agents for proxies: Kerberos, for which a program has to ask.
  "proxy-agent-negotiate/dist/index.js": { createNegotiateAuth: true },
  // execa: processes that are awaited, with a limit. No synchronous ones, pipes between processes, transforms or messages.
  "execa/index.js": { execaSync: true, execaCommand: true, execaCommandSync: true, execaNode: true, $: true },
  "execa/lib/methods/main-sync.js": { execaCoreSync: true },
  "execa/lib/methods/template.js": { parseTemplates: true },
  "execa/lib/pipe/setup.js": { pipeToSubprocess: true },
  "execa/lib/convert/readable.js": { createReadable: true },
  "execa/lib/convert/writable.js": { createWritable: true },
  "execa/lib/convert/duplex.js": { createDuplex: true },
  "execa/lib/convert/iterable.js": { createIterable: true },
  // Files and streams of which two outputs of a process could be one.
  "execa/lib/stdio/duplicate.js": {
    getDuplicateStream:
      '({ stdioItem: { type } }) => (["native", "string", "uint8Array"].includes(type) ? undefined : leftOut())',
  },
  "execa/lib/ipc/methods.js": { addIpcMethods: "(_, { ipc }) => ipc && leftOut()", getIpcExport: "() => ({})" },
  "execa/lib/ipc/get-each.js": { loopOnMessages: true },
  "execa/lib/ipc/ipc-input.js": {
    validateIpcInputOption: "({ ipcInput }) => ipcInput === undefined || leftOut()",
    sendIpcInput: "async () => {}",
  },
  "execa/lib/terminate/graceful.js": {
    validateGracefulCancel: "({ gracefulCancel }) => gracefulCancel && leftOut()",
    throwOnGracefulCancel: "() => []",
  },
  "execa/lib/transform/generator.js": { generatorToStream: true },
  "execa/lib/transform/normalize.js": {
    normalizeTransforms: "(items) => (items.some(({ type }) => TRANSFORM_TYPES.has(type)) ? leftOut() : items)",
  },
  "execa/lib/transform/split.js": {
    getSplitLinesGenerator: "(binary, newlines, isSkipped) => (isSkipped ? undefined : leftOut())",
  },
  "@sindresorhus/merge-streams/index.js": { default: true },
  "npm-run-path/index.js": { npmRunPathEnv: true },
  // What it does on Windows, where no command of timetrial that starts a process works.
  "cross-spawn/index.js": {
    "module.exports":
      '{ _parse: (command, args, options) => process.platform === "win32" ? leftOut() : { command, args: [...args], options: { ...options } } }',
  },
  // Its log, for which NODE_DEBUG=execa asks, and what its messages say of a signal beside the name.
  "execa/lib/verbose/log.js": { verboseLog: "() => {}", serializeVerboseMessage: "String" },
  "execa/lib/verbose/output.js": { shouldLogOutput: "() => false" },
  "execa/lib/verbose/complete.js": { logResult: "() => {}" },
  "execa/lib/terminate/signal.js": { getSignalDescription: "String" },

  // AWS's SDK: clients without extensions. What their making does beside is kept.
  ...Object.fromEntries(
    [
      ...["ec2", "ssm", "iam", "pricing", "service-quotas", "sts"].map((name) => `client-${name}/dist-es`),
      ...["sso", "sso-oidc", "signin", "sts"].map((name) => `nested-clients/dist-es/submodules/${name}`),
    ].map((client) => [
      `@aws-sdk/${client}/runtimeExtensions.js`,
      {
        resolveRuntimeExtensions:
          "(config, extensions) => { if (extensions.length > 0) leftOut(); getHttpHandlerExtensionConfiguration(config); return config; }",
      },
    ]),
  ),
  // Signatures for several regions at once, for which it wants one more package.
  "@aws-sdk/signature-v4-multi-region/dist-es/SignatureV4MultiRegion.js": {
    SignatureV4MultiRegion: `class extends SignatureV4SignWithCredentials {
      static sigv4aDependency() { return "none"; }
      sign(request, options) { return options?.signingRegion === "*" ? leftOut() : super.sign(request, options); }
    }`,
  },
  // What it does in browsers, without Node's hashes, with S3, and in AWS Lambda (headers that trace requests).
  "@smithy/core/dist-es/submodules/serde/util-stream/sdk-stream-mixin.browser.js": { sdkStreamMixin: true },
  "@smithy/core/dist-es/submodules/serde/util-stream/stream-collector.browser.js": {
    collectBlob: true,
    collectReadableStream: true,
  },
  "@smithy/core/dist-es/submodules/checksum/sha256/Sha256Js.js": { Sha256Js: true },
  "@smithy/core/dist-es/submodules/endpoints/middleware-endpoint/service-customizations/s3.js": {
    resolveParamsForS3: true,
  },
  "@aws-sdk/core/dist-es/submodules/client/middleware-recursion-detection/recursionDetectionMiddleware.js": {
    recursionDetectionMiddleware: "() => (next) => next",
  },
};

/** A plugin that leaves `exports`, of the form above, out. The build fails where one of its modules or exports is not met. */
export function withoutUncalled(exports) {
  return {
    name: "without-uncalled",
    setup({ onLoad, onEnd }) {
      const unmet = new Set(Object.keys(exports));
      const ends = [...unmet].map((end) => end.replace(/[^\w/]/g, "\\$&").replaceAll("/", "[\\\\/]"));
      onLoad(
        { filter: new RegExp(`[\\\\/]node_modules[\\\\/]([^\\n]*[\\\\/])?(${ends.join("|")})$`) },
        async ({ path }) => {
          const end = Object.keys(exports).find((each) => path.replaceAll("\\", "/").endsWith(`/${each}`));
          unmet.delete(end);
          return { contents: withStandIns(end, await readFile(path, "utf8"), exports[end]), loader: "js" };
        },
      );
      onEnd(() => ({ errors: [...unmet].map((end) => ({ text: `without-uncalled: no module ${end} is bundled` })) }));
    },
  };
}

/** The module `text` with `standIns` for its exports. @throws Error where it does not declare one of them */
function withStandIns(module, text, standIns) {
  const { methods = [], ...exported } = standIns;
  const left = [...Object.keys(exported), ...methods].join(", ");
  const says = JSON.stringify(`left out of timetrial's bundles: ${left} of ${module}`);
  const thrower = `function leftOut() { throw new Error(${says}); }`;
  const { "module.exports": whole } = exported;
  // All that a CommonJS module requires is bundled, whether used or not.
  if (whole !== undefined && text.includes("module.exports = ")) return `module.exports = ${whole};\n${thrower}`;
  let changed = methods.reduce((all, name) => withoutMethod(module, all, name), text);
  const added = [];
  for (const [name, code] of Object.entries(exported)) {
    const declared = name.replaceAll("$", "\\$");
    const before = changed;
    changed =
      name === "default"
        ? changed.replace(/^export default (?=function |class )/m, "")
        : changed
            .replace(new RegExp(`^export (const ${declared}) = `, "m"), "$1Left = /* @__PURE__ */ ")
            .replace(new RegExp(`^export ((?:async )?function\\*? ?|class )${declared}\\b`, "m"), `$1${name}Left`);
    if (changed === before)
      throw new Error(`${module} does not declare ${name}: see what this version of it looks like`);
    const standIn = code === true ? "function () { leftOut(); }" : code;
    added.push(name === "default" ? `export default ${standIn};` : `export const ${name} = ${standIn};`);
  }
  return [changed, ...added, thrower].join("\n");
}

/** The module `text`, indented by two spaces, whose class's method `name` throws. @throws Error where it has none */
function withoutMethod(module, text, name) {
  const whole = new RegExp(`^  ${name}\\([^\\n]*\\) \\{\\n[\\s\\S]*?^  \\}$`, "m");
  if (!whole.test(text)) throw new Error(`${module} does not declare ${name}: see what this version of it looks like`);
  return text.replace(whole, `  ${name}() {\n    leftOut();\n  }`);
}
