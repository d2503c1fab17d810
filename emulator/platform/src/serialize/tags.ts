/** The tags of the format, by the character that each is. */
export const tags = {
  version: 0xff,
  padding: 0x00,
  theHole: 0x2d, // -
  undefined: 0x5f, // _
  null: 0x30, // 0
  true: 0x54, // T
  false: 0x46, // F
  int32: 0x49, // I
  uint32: 0x55, // U
  double: 0x4e, // N
  bigint: 0x5a, // Z
  utf8: 0x53, // S
  oneByte: 0x22, // "
  twoByte: 0x63, // c
  reference: 0x5e, // ^
  object: 0x6f, // o
  endObject: 0x7b, // {
  sparseArray: 0x61, // a
  endSparseArray: 0x40, // @
  denseArray: 0x41, // A
  endDenseArray: 0x24, // $
  date: 0x44, // D
  trueObject: 0x79, // y
  falseObject: 0x78, // x
  numberObject: 0x6e, // n
  bigintObject: 0x7a, // z
  stringObject: 0x73, // s
  regexp: 0x52, // R
  map: 0x3b, // ;
  endMap: 0x3a, // :
  set: 0x27, // '
  endSet: 0x2c, // ,
  arrayBuffer: 0x42, // B
  resizableArrayBuffer: 0x7e, // ~
  view: 0x56, // V
  error: 0x72, // r
  objectCount: 0x3f, // ?
  hostObject: 0x5c, // backslash
} as const;

/** The characters by which the format tells classes of views apart. */
export const views: [tag: number, type: string][] = [
  [0x62, "Int8Array"], // b
  [0x42, "Uint8Array"], // B
  [0x43, "Uint8ClampedArray"], // C
  [0x77, "Int16Array"], // w
  [0x57, "Uint16Array"], // W
  [0x64, "Int32Array"], // d
  [0x44, "Uint32Array"], // D
  [0x68, "Float16Array"], // h
  [0x66, "Float32Array"], // f
  [0x46, "Float64Array"], // F
  [0x71, "BigInt64Array"], // q
  [0x51, "BigUint64Array"], // Q
  [0x3f, "DataView"], // ?
];

/** The flags of a view, since version 14. */
export const viewFlags = { lengthTracking: 1, onResizable: 2 } as const;

/** The bits of a regular expression's flags. */
export const regexpFlags: [bit: number, letter: string][] = [
  [1, "g"], [2, "i"], [4, "m"], [8, "y"], [16, "u"], [32, "s"], [128, "d"], [256, "v"],
];

/** The types that workerd writes in forms of its own: SerializationTag of worker-interface.capnp. */
export const hostTags = {
  rpcStub: 1, writableStream: 2, readableStream: 3, headers: 4, request: 5, response: 6, domExceptionOld: 7,
  domException: 8, abortSignal: 9, nativeError: 10, serviceStub: 11, actorClass: 12, blob: 15,
} as const;

/** The classes of errors in workerd's form, by their numbers; 0 is any other. */
export const hostErrors = [
  "", "Error", "TypeError", "RangeError", "ReferenceError", "SyntaxError", "WasmCompileError", "WasmLinkError",
  "WasmRuntimeError", "WasmSuspendError", "EvalError", "URIError", "AggregateError", "SuppressedError",
];

/** The tags inside an error. */
export const errorTags = {
  eval: 0x45, // E
  range: 0x52, // R
  reference: 0x46, // F
  syntax: 0x53, // S
  type: 0x54, // T
  uri: 0x55, // U
  message: 0x6d, // m
  cause: 0x63, // c
  stack: 0x73, // s
  end: 0x2e, // .
} as const;

export const errorTypes: [tag: number, name: string][] = [
  [errorTags.eval, "EvalError"],
  [errorTags.range, "RangeError"],
  [errorTags.reference, "ReferenceError"],
  [errorTags.syntax, "SyntaxError"],
  [errorTags.type, "TypeError"],
  [errorTags.uri, "URIError"],
];

export const formatVersion = 15;
