package storage

// AppendValues takes up to limit rows and appends their values to dst as one
// JSON array, row behind row. It ends, and fails, as [Cursor.AppendJSON] does.
func (c *Cursor) AppendValues(dst []byte, limit int) (out []byte, rows int, ok bool, err error) {
	dst = append(dst, '[')
	for rows < limit {
		row, more, err := c.current()
		if err != nil {
			if rows > 0 {
				break
			}
			return dst, 0, true, err
		}
		if !more {
			break
		}
		if !sayable(row, len(c.columns)) {
			return append(dst, ']'), rows, false, nil
		}
		start := len(dst)
		for i := range c.columns {
			if rows > 0 || i > 0 {
				dst = append(dst, ',')
			}
			dst = appendValue(dst, row, i)
		}
		if err := c.advance(); err != nil {
			dst = dst[:start]
			if rows > 0 {
				break
			}
			return dst, 0, true, err
		}
		rows++
	}
	return append(dst, ']'), rows, true, nil
}
