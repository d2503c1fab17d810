// The serialized forms of Headers, Request and Response.

import { damaged } from "../serialize/input.ts";
import { readText } from "../serialize/hostreader.ts";
import { writeText } from "../serialize/hostwriter.ts";
import { hostType } from "../serialize/index.ts";
import { hostTags } from "../serialize/tags.ts";
import { type Guard, Headers, headersFromText, headersGuard, headersText } from "./headers.ts";
import { requestParts, Request } from "./request.ts";
import { Response, responseParts } from "./response.ts";

const guards: Guard[] = ["immutable", "request", "response", "none"];

// The headers that are written as their place in this list, from 1 on: CommonHeaderName of
// http-over-capnp.capnp.
const commonNames = [
  "accept-charset", "accept-encoding", "accept-language", "accept-ranges", "accept", "access-control-allow-origin", "age",
  "allow", "authorization", "cache-control", "content-disposition", "content-encoding", "content-language",
  "content-length", "content-location", "content-range", "content-type", "cookie", "date", "etag", "expect", "expires",
  "from", "host", "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "last-modified",
  "link", "location", "max-forwards", "proxy-authenticate", "proxy-authorization", "range", "referer", "refresh",
  "retry-after", "server", "set-cookie", "strict-transport-security", "transfer-encoding", "user-agent", "vary", "via",
  "www-authenticate",
];

const mostHeaders = 1024;

hostType(Headers, {
  tag: hostTags.headers,
  write(to, headers) {
    const lines = headersText(headers).split("\n").slice(0, -1);
    to.out.varint(guards.indexOf(headersGuard(headers)));
    to.out.varint(lines.length);
    for (const line of lines) {
      const colon = line.indexOf(": ");
      const name = line.slice(0, colon);
      const common = commonNames.indexOf(name.toLowerCase()) + 1;
      to.out.varint(common);
      if (common === 0) writeText(to, name);
      writeText(to, line.slice(colon + 2));
    }
  },
  read(from) {
    const guard = guards[from.in.varint()];
    if (guard === undefined) throw damaged();
    const count = from.in.varint();
    if (count > mostHeaders) throw damaged(`Deserialization failed: header count exceeds maximum (${count})`);
    let text = "";
    for (let n = 0; n < count; n++) {
      const common = from.in.varint();
      const name = common === 0 ? readText(from) : commonNames[common - 1];
      if (name === undefined) throw damaged();
      text += `${name}: ${readText(from)}\n`;
    }
    return headersFromText(text, guard);
  },
});

hostType(Request, {
  tag: hostTags.request,
  write(to, request) {
    const { url, ...init } = requestParts(request);
    writeText(to, url);
    to.value(init);
  },
  read: (from) => new Request(readText(from), from.value() as object),
});

hostType(Response, {
  tag: hostTags.response,
  write(to, response) {
    const { body, ...init } = responseParts(response);
    to.value(body);
    to.value(init);
  },
  read(from) {
    const body = from.value();
    const init = from.value() as { status?: number };
    return init.status === 0 ? Response.error() : new Response(body, init);
  },
});
