// Writes the golden bytes of serialized values, as V8 makes them, to the standard output:
//
//     node generate.mjs > golden.json      (go test -run Serialize_golden -update does it)
//
// Each case is an expression and what v8.Serializer makes of its value: bytes or an error. "reads" marks
// cases where V8's bytes depend on how the engine happens to hold the value, or differ between builds:
// they are read, and written in the plain form.
import v8 from "node:v8";

function serialize(value) {
  const to = new v8.Serializer();
  to.writeHeader();
  to.writeValue(value);
  return to.releaseBuffer().toString("hex");
}

const error = (type, args, more = "") => `(() => { const e = new ${type}(${args}); e.stack = "S"; ${more}; return e })()`;

const same = [
  // Primitives.
  "undefined", "null", "true", "false",
  "0", "-0", "1", "-1", "63", "64", "-64", "-65", "8191", "2**30 - 1", "-(2**30)", "2**31", "-(2**31) - 1", "1.5", "1e300", "5e-324",
  "NaN", "Infinity", "-Infinity", "Number.MAX_SAFE_INTEGER",
  "0n", "1n", "-1n", "2n**63n", "2n**64n - 1n", "2n**64n", "-(2n**64n)", "-(2n**200n) + 7n", "12345678901234567890123456789n",
  // Strings: one byte for each character, or two with padding to an even place.
  '""', '"a"', '"\\u00e9\\u00ff\\0"', '"\\u20ac"', '"\\ud83d\\ude00"', '"\\ud800"', '"x\\udc00y"', '"a".repeat(48)', '"\\u00ff".repeat(49)', '"a".repeat(127)',
  '"a".repeat(128)', '"\\u20ac".repeat(63)', '"\\u20ac".repeat(64)', '"\\u20ac".repeat(9000)', '["\\u20ac", "\\u20ac\\u20ac"]', '["a", "\\u20ac"]', '["ab", "\\u20ac"]', '({ "\\u20ac": "\\u20ac" })',
  // Objects.
  "({})", "({ a: 1, b: { c: null } })", "Object.create(null)", "Object.assign(Object.create(null), { a: 1 })",
  '({ b: 1, 2: "two", 1: "one", "-1": 0, "01": 0, 1.5: 0, a: 2 })', '({ 4294967294: 1, 4294967295: 2 })',
  '({ ["__proto__"]: 1, constructor: 2, toString: 3, length: 4 })', '({ [Symbol("s")]: 1, a: undefined })', "Object.defineProperty({ a: 1 }, 'hidden', { value: 2 })",
  "({ get a() { return 1 } })", "({ get a() { delete this.b; return 1 }, b: 2, c: 3 })", "({ get a() { this.z = 1; return 1 } })", "Object.freeze({ a: 1 })",
  "new (class { #x = 1; y = 2; get z() { return 3 } })", "Object.create({ inherited: 1 }, { own: { value: 2, enumerable: true } })", "Object.create(Date.prototype)", "Object.create(Error.prototype)",
  '({ [Symbol.toStringTag]: "Map", a: 1 })', "new (class { get [Symbol.toStringTag]() { return 'Thing' } })", "new (class Tagged { get [Symbol.toStringTag]() { return 'URL' } })", "Math", "JSON", "Reflect",
  // References.
  "(() => { const o = {}; o.self = o; return o })()", "(() => { const o = { a: 1 }; return [o, o, [o]] })()", "(() => { const a = []; a.push(a); return a })()",
  "(() => { const m = new Map(); m.set(m, m); return m })()", "(() => { const s = new Set(); s.add(s); return s })()", "(() => { const d = new Date(1); return [d, d] })()",
  "(() => { const a = {}, b = { a }; a.b = b; return { b, a } })()",
  // Arrays.
  "[]", "[1, 2, 3]", "[1, [2, [3]]]", "[undefined, null]", "[1, , 3]", "[, ]", "new Array(3)", "new Array(1000)", "Object.assign(new Array(5), { 3: 1 })", "(() => { const a = []; a[4294967294] = 1; return a })()",
  "Object.assign([1, 2], { x: 1, y: [] })", "Object.assign([1, , 2], { x: 1 })", "Object.assign([], { '-0': 1, 'x': 2 })", "Object.setPrototypeOf([1], null)", "new (class extends Array {})",
  // Dates and regular expressions.
  "new Date(0)", "new Date(-1)", "new Date(8.64e15)", "new Date(NaN)", "Object.setPrototypeOf(new Date(5), null)", "new (class extends Date {})(7)",
  "/a/", "/a\\/b/gi", "/\\u20ac/u", "/x/dgimsuy", "/[a-b]/v", "new RegExp('')", "new RegExp('/')", "new RegExp('\\n')", "Object.assign(/a/g, { lastIndex: 4, x: 1 })",
  // Boxed primitives.
  "Object(true)", "Object(false)", "Object(1)", "Object(-0)", "Object(NaN)", "Object(5n)", 'Object("")', 'Object("a")', 'Object("\\u20ac")', "Object.setPrototypeOf(Object(1), null)",
  // Map and Set.
  "new Map()", "new Map([[1, 'a'], ['b', new Map()]])", "new Map([[NaN, -0], [-0, {}]])", "new Set()", "new Set([1, 'a', {}, new Set()])", "Object.setPrototypeOf(new Map([[1, 2]]), Object.prototype)",
  "new (class extends Map { get size() { return 9 } })([[1, 2]])", "new Map([[{ get a() { return 1 } }, 1]])",
  // Buffers and views.
  "new ArrayBuffer(0)", "new Uint8Array([1, 2, 3]).buffer", "new ArrayBuffer(2, { maxByteLength: 8 })", "new ArrayBuffer(200)",
  ...["Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array", "Float32Array", "Float64Array"].map((type) => `new ${type}([0, 1, 127, 2.5])`),
  "new BigInt64Array([-1n, 2n])", "new BigUint64Array([1n, 2n ** 63n])", "new Uint8Array(0)", "new DataView(new ArrayBuffer(4), 1, 2)", "new DataView(new ArrayBuffer(0))",
  "new Uint16Array(new ArrayBuffer(8), 2, 2)", "(() => { const b = new ArrayBuffer(8); return [new Uint8Array(b), new Uint16Array(b, 2), b, new DataView(b)] })()",
  "(() => { const b = new ArrayBuffer(8); return [b, new Uint8Array(b, 4)] })()", "(() => { const u = new Uint8Array(2); return { u, v: u } })()",
  "new Uint8Array(new ArrayBuffer(4, { maxByteLength: 8 }))", "new Uint8Array(new ArrayBuffer(4, { maxByteLength: 8 }), 1, 2)", "new Uint16Array(new ArrayBuffer(5, { maxByteLength: 8 }), 2)",
  "new DataView(new ArrayBuffer(4, { maxByteLength: 8 }), 1)", "new DataView(new ArrayBuffer(4, { maxByteLength: 8 }), 1, 2)", "Object.setPrototypeOf(new Uint8Array([1]), Object.prototype)", "Object.assign(new Uint8Array([1]), { x: 1 })",
  // Errors.
  error("Error", ""), error("Error", "'m'"), error("Error", "''"), error("EvalError", "'m'"), error("RangeError", "'m'"), error("ReferenceError", "'m'"), error("SyntaxError", "'m'"), error("TypeError", "'m'"),
  error("URIError", "'m'"), error("Error", "'m', { cause: { a: 1 } }"), error("Error", "'m', { cause: undefined }"), error("Error", "'m'", "e.cause = e"), error("AggregateError", "[1], 'm'"),
  error("(class MyError extends Error {})", "'m'"), error("Error", "'m'", "e.name = 'TypeError'; e.extra = 1"), error("Error", "'m'", "e.message = 7; e.name = {}; e.stack = 5"),
  error("Error", "'m'", "Object.defineProperty(e, 'cause', { get() { return 5 } })"), error("Error", "", "Object.defineProperty(e, 'message', { get() { return 5 } })"), error("Error", "'\\u20ac'", "e.stack = 'at \\u20ac'"),
  `(() => { const e = ${error("TypeError", "'inner'")}; return { e, again: e, outer: ${error("Error", "'o', { cause: 1 }")} } })()`,
];

const reads = [
  // Arrays that V8 keeps as doubles, integers that need more than 31 bits, arrays that once had holes,
  // and strings held with two bytes for each character.
  "[1, 2.5]", "[0.5, , 1]", "2**30", "({ 1073741824: 3 })", "2**31 - 1", "-(2**31)", "new Array(3).fill(7)", "(() => { const a = [0.5]; a[0] = 1; return a })()", "'\\u20acabcdefghijklmnopqrstuvwxyz'.slice(1)",
];

const refused = [
  "() => 1", "function f(a) { return a }", "class A {}", "({ a: [() => 2] })", "Symbol('x')", "Symbol()", "Symbol.iterator", "Object(Symbol('x'))", "Promise.resolve()", "new WeakMap()", "new WeakSet()",
  "new WeakRef({})", "new FinalizationRegistry(() => {})", "(function* () {})()", "(async function* () {})()", "[][Symbol.iterator]()", "new Map().entries()", "new Proxy({}, {})", "new Proxy([], {})",
  "new Map([[1, () => 3]])", "new Set([Symbol('y')])", "(function () { return arguments })(1)", "new SharedArrayBuffer(4)", "(() => { const b = new ArrayBuffer(8); b.transfer(); return b })()",
  "(() => { const b = new ArrayBuffer(8); const u = new Uint8Array(b); b.transfer(); return u })()", "(() => { const b = new ArrayBuffer(8, { maxByteLength: 16 }); const u = new Uint8Array(b, 4, 4); b.resize(6); return u })()",
  "({ get a() { throw new RangeError('from a getter') } })", error("Error", "'m', { cause: () => 4 }"),
];

const evaluate = (code) => (0, eval)(`(${code})`);
const failure = (code) => {
  try {
    serialize(evaluate(code));
  } catch (error) {
    return error.message;
  }
  throw new Error(`${code} can be serialized`);
};
const cases = [
  ...same.map((code) => ({ code, hex: serialize(evaluate(code)) })),
  ...reads.map((code) => ({ code, hex: serialize(evaluate(code)), reads: true })),
  ...refused.map((code) => ({ code, error: failure(code) })),
];
process.stdout.write(`[\n${cases.map((c) => `  ${JSON.stringify(c)}`).join(",\n")}\n]\n`);
