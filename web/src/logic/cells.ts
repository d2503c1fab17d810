import type { Column, Table } from "../api/client";

/** A value of SQL as the API has it. */
export type Cell = null | number | string | { base64: string } | { number: string };

/** A statement with its parameters. */
export interface Statement {
  sql: string;
  params: Cell[];
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** What SQLite prefers to store in a column. https://www.sqlite.org/datatype3.html#determination_of_column_affinity */
export type Affinity = "integer" | "text" | "blob" | "real" | "numeric";

export function affinityOf(type: string): Affinity {
  const declared = type.toUpperCase();
  if (declared.includes("INT")) return "integer";
  if (/CHAR|CLOB|TEXT/.test(declared)) return "text";
  if (declared === "" || declared.includes("BLOB")) return "blob";
  if (/REAL|FLOA|DOUB/.test(declared)) return "real";
  return "numeric";
}

/**
 * What tells a row of a table from all others: expressions whose literals do. A view's rows have nothing, and so
 * cannot be edited, nor can those of a table whose columns hide all names of the rowid.
 */
export function identityOf(table: Table): string[] | undefined {
  if (table.type === "view") return undefined;
  const names = new Set(table.columns.map((column) => column.name.toLowerCase()));
  if (/\bWITHOUT\s+ROWID\b/i.test(afterColumns(table.sql))) {
    const key = table.columns.filter((column) => column.primaryKey > 0).sort((a, b) => a.primaryKey - b.primaryKey);
    return key.map((column) => quoteName(column.name));
  }
  const alias = ["rowid", "_rowid_", "oid"].find((name) => !names.has(name));
  return alias === undefined ? undefined : [alias];
}

/** What stands behind the list of columns, where a table's options are. */
function afterColumns(sql: string): string {
  return sql.slice(sql.lastIndexOf(")"));
}

/** A condition on the rows that are shown. */
export interface Filter {
  column: string;
  operator: Operator;
  value: string;
}

export const operators = {
  contains: "contains",
  "=": "is",
  "!=": "is not",
  "<": "<",
  "<=": "≤",
  ">": ">",
  ">=": "≥",
  null: "is NULL",
  "not null": "is not NULL",
} as const;

export type Operator = keyof typeof operators;

export interface Order {
  column: string;
  descending: boolean;
}

/** How many rows a page of a table has. */
export const pageRows = 100;

/** Gets a page of a table. The first columns are the literals that identify each row. */
export function rowsQuery(table: Table, filters: Filter[], order: Order | undefined, offset: number): Statement {
  const identity = identityOf(table) ?? [];
  const columns = [...identity.map((expression) => `quote(${expression})`), ...table.columns.map((column) => quoteName(column.name))];
  const { where, params } = condition(table, filters);
  const by = order ? ` ORDER BY ${quoteName(order.column)}${order.descending ? " DESC" : ""}${identity.length > 0 ? `, ${identity.join(", ")}` : ""}` : "";
  return { sql: `SELECT ${columns.join(", ")} FROM ${quoteName(table.name)}${where}${by} LIMIT ? OFFSET ?`, params: [...params, pageRows + 1, offset] };
}

/** Counts the rows that a filter lets through. */
export function countQuery(table: Table, filters: Filter[]): Statement {
  const { where, params } = condition(table, filters);
  return { sql: `SELECT count(*) FROM ${quoteName(table.name)}${where}`, params };
}

function condition(table: Table, filters: Filter[]): { where: string; params: Cell[] } {
  const params: Cell[] = [];
  const terms = filters.map(({ column, operator, value }) => {
    const name = quoteName(column);
    if (operator === "null") return `${name} IS NULL`;
    if (operator === "not null") return `${name} IS NOT NULL`;
    if (operator === "contains") {
      params.push(`%${value.replace(/[\\%_]/g, "\\$&")}%`);
      return `${name} LIKE ? ESCAPE '\\'`;
    }
    const type = table.columns.find((one) => one.name === column)?.type ?? "";
    params.push(affinityOf(type) === "text" || !isNumber(value) ? value : Number(value));
    return operator === "!=" ? `${name} IS NOT ?` : `${name} ${operator} ?`;
  });
  return { where: terms.length > 0 ? ` WHERE ${terms.join(" AND ")}` : "", params };
}

/** SQLite's quote() gives these, and nothing else goes into a statement as it stands. */
const literal = /^(NULL|[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?|[-+]?9\.0e\+999|X'([0-9a-f]{2})*'|'([^']|'')*')$/i;

function isRow(table: Table, key: string[]): string {
  const identity = identityOf(table);
  if (!identity || identity.length !== key.length || !key.every((text) => literal.test(text))) {
    throw new Error(`The rows of ${table.name} cannot be told apart: edit them in the console.`);
  }
  return identity.map((expression, n) => `${expression} IS ${key[n]}`).join(" AND ");
}

/** Sets a cell of the row that a key identifies. */
export function updateQuery(table: Table, key: string[], column: string, value: Cell): Statement {
  return { sql: `UPDATE ${quoteName(table.name)} SET ${quoteName(column)} = ? WHERE ${isRow(table, key)}`, params: [value] };
}

export function deleteQuery(table: Table, key: string[]): Statement {
  return { sql: `DELETE FROM ${quoteName(table.name)} WHERE ${isRow(table, key)}`, params: [] };
}

/** Adds a row; columns that are not given have their defaults. */
export function insertQuery(table: Table, values: Map<string, Cell>): Statement {
  const name = quoteName(table.name);
  if (values.size === 0) return { sql: `INSERT INTO ${name} DEFAULT VALUES`, params: [] };
  const columns = [...values.keys()].map(quoteName).join(", ");
  return { sql: `INSERT INTO ${name} (${columns}) VALUES (${[...values].map(() => "?").join(", ")})`, params: [...values.values()] };
}

/** What an edited text can be meant as. */
export type CellKind = "number" | "text" | "null" | "blob";

export function kindOf(cell: Cell): CellKind {
  if (cell === null) return "null";
  if (typeof cell === "string") return "text";
  return typeof cell === "object" && "base64" in cell ? "blob" : "number";
}

/** What a new value of a column most likely is, before anything is typed: what the old one was, or what the column prefers. */
export function likelyKind(column: Column, was: Cell): CellKind {
  if (was !== null) return kindOf(was);
  const affinity = affinityOf(column.type);
  return affinity === "text" || affinity === "blob" ? "text" : "number";
}

function isNumber(text: string): boolean {
  return text.trim() !== "" && Number.isFinite(Number(text));
}

/** The value that a text means, or what is wrong with it. */
export function parseCell(text: string, kind: CellKind): { value: Cell } | { problem: string } {
  switch (kind) {
    case "null":
      return { value: null };
    case "text":
      return { value: text };
    case "blob": {
      const hex = text.replace(/\s/g, "");
      if (!/^([0-9a-f]{2})*$/i.test(hex)) return { problem: "A blob is written as hex digits, two for each byte" };
      return { value: { base64: btoa(String.fromCharCode(...(hex.match(/../g) ?? []).map((byte) => parseInt(byte, 16)))) } };
    }
    case "number": {
      if (!isNumber(text)) return { problem: "This is not a number: choose text" };
      const number = Number(text);
      // SQLite's integers have 64 bits. A column that prefers numbers makes one of the text.
      if (/^[-+]?\d+$/.test(text.trim()) && !Number.isSafeInteger(number)) return { value: text.trim() };
      return { value: number };
    }
  }
}

/** A cell as text that can be edited. */
export function editText(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell !== "object") return String(cell);
  return "base64" in cell ? hexOf(cell.base64) : cell.number;
}

/** A cell as it is shown. */
export function showCell(cell: Cell): string {
  if (cell === null) return "NULL";
  if (typeof cell !== "object") return String(cell);
  if (!("base64" in cell)) return cell.number;
  const hex = hexOf(cell.base64);
  return hex.length > 32 ? `${hex.length / 2} bytes, ${hex.slice(0, 24)}…` : `x'${hex}'`;
}

function hexOf(base64: string): string {
  return [...atob(base64)].map((byte) => byte.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}
