// Writes src/openapi.ts, the types of the admin API, from the OpenAPI document that doemu serves.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const here = join(dirname(fileURLToPath(import.meta.url)), "..");
const document = execFileSync("go", ["run", "./adminapi/internal/openapi"], { cwd: join(here, "../.."), maxBuffer: 1 << 26 });
const types = astToString(await openapiTS(document.toString(), { alphabetize: true }));
writeFileSync(
  join(here, "src/openapi.ts"),
  `// The types of the admin API, made from its OpenAPI document by npm run generate.\n\n${types}`,
);
