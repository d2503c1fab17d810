// The engine has no Intl: what depends on a language is here as it is in American English, the language of every
// Worker. Other languages and what is not known of the options are refused, never ignored.

const tag = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$|^[A-Za-z]{5,8}(-[A-Za-z0-9]{2,8})*$/;

/** The first of the locales that a method was given, as a language tag; undefined for none. */
export function firstLocale(locales: unknown): string | undefined {
  if (locales === undefined) return undefined;
  if (locales === null) throw new TypeError("Cannot convert undefined or null to object");
  const list = typeof locales === "string" ? [locales] : Array.from(locales as ArrayLike<unknown>);
  for (const locale of list) {
    if (typeof locale !== "string" && (typeof locale !== "object" || locale === null)) {
      throw new TypeError("Language ID should be string or object.");
    }
    if (!tag.test(`${locale as string}`)) throw new RangeError(`Incorrect locale information provided`);
  }
  return list.length === 0 ? undefined : `${list[0] as string}`;
}

/** Refuses every language but American English, which is what a Worker has by default. */
export function onlyEnglish(method: string, locales: unknown): void {
  const locale = firstLocale(locales)?.toLowerCase();
  if (locale === undefined || locale === "en" || locale === "en-us") return;
  throw new Error(`${method}() for the locale ${JSON.stringify(firstLocale(locales))} is not available in doemu: its JavaScript engine has no Intl, so only "en-US" is.`);
}

/** Refuses options that are not known: what they would change would be wrong. */
export function unknownOptions(method: string, options: object, known: ReadonlySet<string>): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || known.has(name)) continue;
    throw new Error(`${method}() with the option ${name} is not available in doemu: its JavaScript engine has no Intl.`);
  }
}
