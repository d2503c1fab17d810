interface Identified {
  id: string;
}

/**
 * Puts a part of a list that was read anew in place of what was there: of the rows behind `after` up to `upTo`, all
 * ids being in order. So objects that came are in it, and those that went are not.
 */
export function replaceRange<Row extends Identified>(rows: Row[], after: string, upTo: string, fresh: Row[]): Row[] {
  const inRange = (row: Row) => row.id > after && row.id <= upTo;
  const first = rows.findIndex((row) => row.id > after);
  const head = first < 0 ? rows : rows.slice(0, first);
  const tail = first < 0 ? [] : rows.slice(first).filter((row) => row.id > upTo);
  return [...head, ...fresh.filter(inRange), ...tail];
}

/** The range of ids to read anew when some objects changed: that of the rows that are seen; undefined if none is. */
export function rangeToRefresh(rows: Identified[], first: number, last: number, dirty: ReadonlySet<string>, whole: boolean): { after: string; upTo: string } | undefined {
  const after = rows[first - 1]?.id ?? "";
  const atEnd = last >= rows.length - 1;
  const upTo = atEnd && whole ? "g" : (rows[Math.min(last, rows.length - 1)]?.id ?? "g"); // behind all hex digits
  for (const id of dirty) if (id > after && id <= upTo) return { after, upTo };
  return undefined;
}
