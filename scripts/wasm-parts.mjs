// Of a WebAssembly module, what some of its exports lead to: the other functions become ones that trap.
//
// A function keeps its number, so that nothing else in the module changes. Which functions it calls stands among its
// instructions, whose operands have to be read to find the next one: those of WebAssembly 1.0 and what clang writes beside.

const sections = { custom: 0, import: 2, export: 7, start: 8, code: 10 };
const ofFunction = 0;
/** The body of a function: no locals, `unreachable`, `end`. */
const trap = Buffer.of(0x00, 0x00, 0x0b);

/**
 * `module` with the exports called `names` alone, and without the code that they do not lead to. @throws Error where one of
 * `names` is no export, and where the module has what is not understood here, calls of functions by number among it
 */
export function withOnlyExports(module, names) {
  if (module.readUInt32BE(0) !== 0x0061736d || module.readUInt32LE(4) !== 1)
    throw new Error("expected a WebAssembly module of version 1");
  const contents = new Map();
  for (const reader = readerOf(module.subarray(8)); !reader.atEnd();) {
    const id = reader.byte();
    if (id === sections.start) throw new Error("expected a WebAssembly module without a start function");
    if (id !== sections.custom) contents.set(id, reader.sized());
    else reader.sized();
  }
  const imports = listOf(contents.get(sections.import), readImport);
  const exports = listOf(contents.get(sections.export), readExport);
  const bodies = listOf(contents.get(sections.code), (reader) => reader.sized());

  const kept = exports.filter(({ name }) => names.includes(name));
  if (kept.length !== names.length)
    throw new Error(`expected the exports ${names.join(", ")}, found ${exports.map(({ name }) => name).join(", ")}`);
  const reached = new Set(kept.flatMap(({ kind, index }) => (kind === ofFunction ? [index] : [])));
  for (const index of reached)
    if (index >= imports.length) for (const callee of calleesOf(bodies[index - imports.length])) reached.add(callee);

  contents.set(sections.export, written(kept.map(({ bytes }) => bytes)));
  contents.set(sections.code, written(bodies.map((body, n) => sized(reached.has(imports.length + n) ? body : trap))));
  const parts = [...contents].flatMap(([id, content]) => [Buffer.of(id), sized(content)]);
  return Buffer.concat([module.subarray(0, 8), ...parts]);
}

/** The numbers of the functions that a function with `body` calls. */
function calleesOf(body) {
  const reader = readerOf(body);
  repeat(reader.number(), () => (reader.number(), reader.byte()));
  const found = [];
  while (!reader.atEnd()) {
    const code = reader.byte();
    if (code === 0x10) found.push(reader.number());
    else skipOperands(code, reader);
  }
  return found;
}

function skipOperands(code, reader) {
  const isIn = (...ranges) => ranges.some(([from, to]) => code >= from && code <= to);
  // unreachable, nop; else; end; return; drop, select; comparisons, arithmetic, conversions
  if (isIn([0x00, 0x01], [0x05, 0x05], [0x0b, 0x0b], [0x0f, 0x0f], [0x1a, 0x1b], [0x45, 0xc4])) return;
  // block, loop, if; br, br_if; variables; the memory's size; constants of integers
  if (isIn([0x02, 0x04], [0x0c, 0x0d], [0x20, 0x24], [0x3f, 0x42])) reader.number();
  // loads and stores
  else if (isIn([0x28, 0x3e])) repeat(2, () => reader.number());
  // br_table
  else if (code === 0x0e) repeat(reader.number() + 1, () => reader.number());
  // constants of floats
  else if (code === 0x43) reader.bytes(4);
  else if (code === 0x44) reader.bytes(8);
  // conversions that saturate
  else if (code !== 0xfc || reader.number() > 7)
    throw new Error(`a WebAssembly module with an instruction that is not known here: 0x${code.toString(16)}`);
}

function readImport(reader) {
  repeat(2, () => reader.sized());
  if (reader.byte() !== ofFunction) throw new Error("expected a WebAssembly module that imports functions alone");
  return reader.number();
}

function readExport(reader) {
  const start = reader.position();
  const name = reader.sized().toString();
  const [kind, index] = [reader.byte(), reader.number()];
  return { name, kind, index, bytes: reader.since(start) };
}

/** The elements of a section that is a list. */
function listOf(content = Buffer.of(0), read) {
  const reader = readerOf(content);
  return Array.from({ length: reader.number() }, () => read(reader));
}

function written(elements) {
  return Buffer.concat([leb128(elements.length), ...elements]);
}

function sized(bytes) {
  return Buffer.concat([leb128(bytes.length), bytes]);
}

/** An unsigned number, seven bits a byte, as WebAssembly writes them. */
function leb128(number) {
  return number < 0x80 ? Buffer.of(number) : Buffer.concat([Buffer.of((number & 0x7f) | 0x80), leb128(number >> 7)]);
}

function readerOf(bytes) {
  let at = 0;
  const reader = {
    atEnd: () => at >= bytes.length,
    position: () => at,
    since: (start) => bytes.subarray(start, at),
    byte: () => bytes.readUInt8(at++),
    bytes: (length) => bytes.subarray(at, (at += length)),
    /** Right up to 2^31, as sizes and indexes are; of a longer one, the end is found. */
    number: () => {
      for (let [value, shift] = [0, 0]; ; shift += 7) {
        const byte = reader.byte();
        value |= (byte & 0x7f) << shift;
        if (byte < 0x80) return value;
      }
    },
    sized: () => reader.bytes(reader.number()),
  };
  return reader;
}

function repeat(count, does) {
  for (let n = 0; n < count; n++) does();
}
