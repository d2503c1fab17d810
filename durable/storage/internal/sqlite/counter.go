package sqlite

import "encoding/binary"

// Counts returns how many rows the current or last run of the statement has
// read and written, as workerd counts them.
//
// workerd patches SQLite: each seek, each step of a cursor and each rewind
// counts as a row read, each entry put into a table or an index and each row
// deleted as one written. The same is reached here without another SQLite:
// once a statement is compiled, [Stmt.CountRows] diverts the instructions that
// count to copies which count first.
func (s *Stmt) Counts() (read, written int64) {
	c := &s.counter
	if c.ops == 0 {
		return 0, 0
	}
	for _, status := range []int32{statusStep, statusFullScanStep, statusSort, statusAutoIndexStep} {
		read += int64(s.conn.api.Xsqlite3_stmt_status(s.handle, status, 0))
	}
	for _, p := range c.reads {
		read += int64(s.conn.read32(p + opP1))
	}
	for _, p := range c.ends {
		read += int64(min(1, s.conn.read32(p+opP1)))
	}
	for _, p := range c.writes {
		written += int64(s.conn.read32(p + opP1))
	}
	return read + c.counted, written + c.cleared
}

// Counters that SQLite keeps for each statement. The first is not documented:
// it gets the steps that fall under no other.
//
// https://sqlite.org/c3ref/c_stmtstatus_counter.html
const (
	statusStep          = 0
	statusFullScanStep  = 1
	statusSort          = 2
	statusAutoIndexStep = 3
)

// counter is what counts the rows of one statement.
type counter struct {
	// ops are the instructions that were diverted, 0 if none were. SQLite
	// replaces them when it compiles the statement again.
	ops pointer
	// blocks hold the diverted instructions.
	blocks []pointer
	// reads and writes are the Init instructions that count in their first
	// operand.
	reads, writes []pointer
	// ends are those of SeekEnd, which reads only if the cursor is not at an
	// entry: the first time, and, uncounted here, after the split of a page.
	ends []pointer
	// counts are the registers that get the result of a count(*).
	counts []int32
	// clears says that the statement may clear a whole table.
	clears bool
	// counted are the rows that count(*) read, cleared those of cleared tables.
	counted, cleared int64
}

// release frees what the counter holds. The statement must not run any more.
func (c *counter) release(conn *Conn) {
	for _, block := range c.blocks {
		conn.api.Xsqlite3_free(block)
	}
	*c = counter{}
}

// CountRows makes the statement count its rows. It does nothing to a statement
// of another build of SQLite than the one whose instructions are known, which
// then counts none, and to EXPLAIN, which would show what has been changed.
func (s *Stmt) CountRows() {
	if s.conn.counting && !s.explains() {
		s.divert()
	}
}

// explains reports whether the statement is an EXPLAIN.
func (s *Stmt) explains() bool {
	return len(s.names) > 1 && s.names[0] == "addr" && s.names[1] == "opcode"
}

func (s *Stmt) divert() {
	s.counter.release(s.conn)
	s.keepSubtypes()
	ops := s.conn.read32(s.handle + stmtOps)
	p := patcher{stmt: s, conn: s.conn, seen: map[pointer]bool{}}
	p.program(ops, s.conn.read32(s.handle+stmtOpCount), true)
	s.counter.ops = ops
}

// Counting reports whether the statement counts its rows.
func (s *Stmt) Counting() bool { return s.counter.ops != 0 }

// resetCounts sets all counters of the statement to zero.
func (s *Stmt) resetCounts() {
	c := &s.counter
	if c.ops == 0 {
		return
	}
	for _, status := range []int32{statusStep, statusFullScanStep, statusSort, statusAutoIndexStep} {
		s.conn.api.Xsqlite3_stmt_status(s.handle, status, 1)
	}
	for _, list := range [][]pointer{c.reads, c.ends, c.writes} {
		for _, p := range list {
			s.conn.write32(p+opP1, 0)
		}
	}
	c.counted, c.cleared = 0, 0
}

// stepped looks after each step at what no instruction counts.
func (s *Stmt) stepped(row bool) {
	c := &s.counter
	if c.ops == 0 || s.conn.Lost() {
		return
	}
	if row && len(c.counts) > 0 {
		registers := s.conn.read32(s.handle + stmtRegisters)
		c.counted = 0
		for _, register := range c.counts {
			at := uint32(registers + register*registerSize)
			c.counted += int64(binary.LittleEndian.Uint64((*s.conn.memory)[at:]))
		}
	}
	if !row && c.clears {
		c.cleared = s.conn.Changes()
	}
	if s.conn.read32(s.handle+stmtOps) != c.ops {
		// SQLite has compiled the statement again within the step. What the
		// step did remains uncounted.
		s.divert()
	}
}
