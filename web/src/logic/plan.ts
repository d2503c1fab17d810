/** A step of how SQLite runs a query. */
export interface PlanStep {
  detail: string;
  depth: number;
  /** Whether it reads all of a table. */
  scan: boolean;
}

/** The steps of EXPLAIN QUERY PLAN, whose rows are id, parent, notused, detail; each step comes behind its parent. */
export function planSteps(rows: unknown[][]): PlanStep[] {
  const depths = new Map<unknown, number>([[0, -1]]);
  return rows.map(([id, parent, , detail]) => {
    const depth = (depths.get(parent) ?? -1) + 1;
    depths.set(id, depth);
    const text = String(detail);
    return { detail: text, depth, scan: /^SCAN\b/.test(text) && !/USING (COVERING )?INDEX|CONSTANT ROW/.test(text) };
  });
}
