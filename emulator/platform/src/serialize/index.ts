// The structured-clone format of V8, version 15: what Durable Objects store, and what RPC carries.
// https://github.com/v8/v8/blob/main/src/objects/value-serializer.cc names its tags.

export { deserialize } from "./reader.ts";
export { hostType } from "./hosttypes.ts";
export { serialize, serializeWith } from "./writer.ts";
