import { expect, test } from "vitest";
import type { Column, Table } from "../src/api/client";
import {
  affinityOf, countQuery, deleteQuery, editText, identityOf, insertQuery, likelyKind, parseCell, rowsQuery, showCell, updateQuery,
} from "../src/logic/cells";
import { planSteps } from "../src/logic/plan";

const column = (name: string, type = "TEXT", primaryKey = 0): Column => ({ name, type, notNull: false, default: null, primaryKey });
const table = (columns: Column[], sql = "CREATE TABLE t (a)", type: Table["type"] = "table"): Table => ({ name: 't"1', type, sql, columns, rows: 0 });
const plain = table([column("id", "INTEGER", 1), column('a "b"')]);

test.each([
  ["INTEGER", "integer"], ["POINT", "integer"], ["varchar(9)", "text"], ["CLOB", "text"], ["", "blob"], ["BLOB", "blob"], ["DOUBLE", "real"], ["DECIMAL(9,2)", "numeric"], ["DATE", "numeric"],
])("a column of %j prefers %s", (type, want) => expect(affinityOf(type)).toBe(want));

test.each([
  ["the rowid", plain, ["rowid"]],
  ["another name of it", table([column("RowId"), column("oid")]), ["_rowid_"]],
  ["nothing, where columns hide it", table([column("rowid"), column("oid"), column("_rowid_")]), undefined],
  ["the key, where there is none", table([column("b", "TEXT", 2), column("a", "TEXT", 1)], "CREATE TABLE t (b, a, PRIMARY KEY (a, b)) STRICT, WITHOUT\n rowid"), ['"a"', '"b"']],
  ["the rowid, where the words are only a text", table([column("a")], "CREATE TABLE t (a DEFAULT 'WITHOUT ROWID')"), ["rowid"]],
  ["nothing in a view", table([column("a")], "CREATE VIEW t AS SELECT 1 AS a", "view"), undefined],
])("what tells rows apart: %s", (_, of, want) => expect(identityOf(of)).toEqual(want));

test("a page of rows", () => {
  expect(rowsQuery(plain, [], undefined, 200)).toEqual({ sql: 'SELECT quote(rowid), "id", "a ""b""" FROM "t""1" LIMIT ? OFFSET ?', params: [101, 200] });
  expect(rowsQuery(plain, [{ column: 'a "b"', operator: "contains", value: "50%_\\" }], { column: "id", descending: true }, 0)).toEqual({
    sql: `SELECT quote(rowid), "id", "a ""b""" FROM "t""1" WHERE "a ""b""" LIKE ? ESCAPE '\\' ORDER BY "id" DESC, rowid LIMIT ? OFFSET ?`,
    params: ["%50\\%\\_\\\\%", 101, 0],
  });
});

test.each([
  ["=", "id", "5", '"id" = ?', [5]],
  ["=", 'a "b"', "5", '"a ""b""" = ?', ["5"]], // a text that looks like a number
  ["!=", "id", "x", '"id" IS NOT ?', ["x"]],
  ["null", "id", "ignored", '"id" IS NULL', []],
  ["not null", "id", "", '"id" IS NOT NULL', []],
] as const)("the filter %s on %s with %j", (operator, name, value, where, params) => {
  expect(countQuery(plain, [{ column: name, operator, value }])).toEqual({ sql: `SELECT count(*) FROM "t""1" WHERE ${where}`, params });
});

test("a row is changed by its literal", () => {
  expect(updateQuery(plain, ["9007199254740993"], 'a "b"', "x")).toEqual({ sql: 'UPDATE "t""1" SET "a ""b""" = ? WHERE rowid IS 9007199254740993', params: ["x"] });
  const keyed = table([column("a", "TEXT", 1), column("b", "BLOB", 2)], "CREATE TABLE t (a, b, PRIMARY KEY (a, b)) WITHOUT ROWID");
  expect(deleteQuery(keyed, ["'it''s'", "X'00FF'"])).toEqual({ sql: `DELETE FROM "t""1" WHERE "a" IS 'it''s' AND "b" IS X'00FF'`, params: [] });
});

test.each([["1 OR 1=1"], ["'a' OR 'b'"], ["''x''"], ["X'0'"], [""], ["rowid"]])("what is no literal, as %s, is in no statement", (key) => {
  expect(() => deleteQuery(plain, [key])).toThrow("cannot be told apart");
});

test.each([["-1.5e-10"], ["NULL"], ["9.0e+999"], ["'a''b'"], ["X''"]])("the literal %s is", (key) => expect(deleteQuery(plain, [key]).sql).toContain(`rowid IS ${key}`));

test("a new row", () => {
  expect(insertQuery(plain, new Map())).toEqual({ sql: 'INSERT INTO "t""1" DEFAULT VALUES', params: [] });
  expect(insertQuery(plain, new Map([['a "b"', "x"], ["id", null]]))).toEqual({ sql: 'INSERT INTO "t""1" ("a ""b""", "id") VALUES (?, ?)', params: ["x", null] });
});

test.each([
  ["12", "number", 12], [" -1.5e3 ", "number", -1500], ["9007199254740993", "number", "9007199254740993"], ["12", "text", "12"], ["", "text", ""], ["x", "null", null],
  ["00 fF", "blob", { base64: "AP8=" }], ["", "blob", { base64: "" }],
] as const)("the text %j as %s", (text, kind, want) => expect(parseCell(text, kind)).toEqual({ value: want }));

test.each([["x", "number"], ["", "number"], ["Infinity", "number"], ["0", "blob"], ["zz", "blob"]] as const)("the text %j is no %s", (text, kind) => {
  expect(parseCell(text, kind)).toHaveProperty("problem");
});

test.each([
  [null, "NULL", ""], [1.5, "1.5", "1.5"], ["a", "a", "a"], [{ base64: "AP8=" }, "x'00ff'", "00ff"], [{ number: "+Inf" }, "+Inf", "+Inf"],
] as const)("the cell %j", (cell, shown, edited) => {
  expect(showCell(cell)).toBe(shown);
  expect(editText(cell)).toBe(edited);
});

test("what is typed is most likely what was there, or what the column prefers", () => {
  expect(likelyKind(column("a", "INTEGER"), "text")).toBe("text");
  expect(likelyKind(column("a", "INTEGER"), null)).toBe("number");
  expect(likelyKind(column("a", "TEXT"), null)).toBe("text");
  expect(likelyKind(column("a", ""), { base64: "" })).toBe("blob");
});

test("the steps of a plan", () => {
  expect(planSteps([[3, 0, 0, "SCAN a"], [5, 3, 0, "SEARCH b USING INDEX i (x=?)"], [9, 0, 0, "SCAN c USING COVERING INDEX j"]])).toEqual([
    { detail: "SCAN a", depth: 0, scan: true }, { detail: "SEARCH b USING INDEX i (x=?)", depth: 1, scan: false }, { detail: "SCAN c USING COVERING INDEX j", depth: 0, scan: false },
  ]);
});
