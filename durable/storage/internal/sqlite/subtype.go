package sqlite

// keepSubtypes lets the result of a subquery stay JSON for the JSON function
// around it. This build of SQLite forgets that it is, and so quotes it; workerd's
// does not.
//
// https://sqlite.org/json1.html#how_json1_functions_recognize_json_inputs
func (s *Stmt) keepSubtypes() {
	keepSubtypes(s.conn, s.conn.read32(s.handle+stmtOps), s.conn.read32(s.handle+stmtOpCount), map[pointer]bool{})
}

// keepSubtypes changes a program and those of the triggers that it calls.
func keepSubtypes(c *Conn, base pointer, count int32, seen map[pointer]bool) {
	if seen[base] {
		return
	}
	seen[base] = true
	ops := instructions{c, base, count}
	for i := range count {
		switch ops.op(i) {
		case opClrSubtype:
			(*c.memory)[uint32(ops.at(i))] = opNoop
		case opProgram:
			sub := ops.operand(i, opP4)
			keepSubtypes(c, c.read32(sub+programOps), c.read32(sub+programOpCount), seen)
		}
	}
}
