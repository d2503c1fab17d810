// node:url, as far as it is the web's.

export const [URL, URLSearchParams] = [globalThis.URL, globalThis.URLSearchParams];
