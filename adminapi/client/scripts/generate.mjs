// Writes src/openapi.ts, the types of the admin API, from the OpenAPI document that doemu serves; with --check it only
// looks whether they are what the document gives.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const here = join(dirname(fileURLToPath(import.meta.url)), "..");
const document = execFileSync("go", ["run", "./adminapi/internal/openapi"], { cwd: join(here, "../.."), maxBuffer: 1 << 26 });
const types = astToString(await openapiTS(document.toString(), { alphabetize: true }));
const file = join(here, "src/openapi.ts");
const text = `// The types of the admin API, made from its OpenAPI document by npm run generate.\n\n${types}`;
if (!process.argv.includes("--check")) {
  writeFileSync(file, text);
} else if (readFileSync(file, "utf8") !== text) {
  console.error("src/openapi.ts is not what the OpenAPI document gives: npm run generate, in adminapi/client");
  process.exitCode = 1;
}
