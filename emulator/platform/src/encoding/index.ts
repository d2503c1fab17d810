import { DOMException } from "../errors.ts";
import { defineGlobals } from "../globals.ts";
import { host } from "../kernel.ts";
import { TextDecoder, TextEncoder } from "./text.ts";

defineGlobals({
  TextEncoder,
  TextDecoder,
  btoa: (text: unknown) => {
    const encoded = host["base64.encode"](`${text as string}`);
    if (encoded === undefined) {
      throw new DOMException("btoa() can only operate on characters in the Latin1 (ISO/IEC 8859-1) range.", "InvalidCharacterError");
    }
    return encoded;
  },
  atob: (text: unknown) => {
    const decoded = host["base64.decode"](`${text as string}`);
    if (decoded === undefined) {
      throw new DOMException("atob() called with invalid base64-encoded data. (Only whitespace, '+', '/', alphanumeric ASCII, and up to two terminal '=' signs when the input data length is divisible by 4 are allowed.)", "InvalidCharacterError");
    }
    return decoded;
  },
});
