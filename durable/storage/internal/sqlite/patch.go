package sqlite

// patcher diverts the counting instructions of one statement. An instruction
// is replaced by a jump to a block outside the program, which holds the
// instruction itself, an Init instruction, which counts in its first operand
// how often it is passed and jumps on, and a jump back. Nothing is moved and
// nothing is owned by both: operands that SQLite frees stay where they were.
type patcher struct {
	stmt *Stmt
	conn *Conn
	seen map[pointer]bool
}

// diversion is an instruction that is to count.
type diversion struct {
	index int32
	// to is the list of counters that gets the instruction's.
	to *[]pointer
	// found counts only if the instruction does not jump away.
	found bool
	// tail is set if the instruction may skip the one after it.
	tail bool
}

// instructions is a program in SQLite's memory.
type instructions struct {
	conn  *Conn
	base  pointer
	count int32
}

func (p instructions) at(i int32) pointer       { return p.base + i*opSize }
func (p instructions) op(i int32) opcode        { return (*p.conn.memory)[uint32(p.at(i))] }
func (p instructions) operand(i, n int32) int32 { return p.conn.read32(p.at(i) + n) }
func (p instructions) flags(i int32) byte       { return (*p.conn.memory)[uint32(p.at(i)+opP5)] }

// program diverts the instructions of a program and of the triggers it calls.
func (p *patcher) program(base pointer, count int32, top bool) {
	if p.seen[base] {
		return
	}
	p.seen[base] = true
	ops := instructions{p.conn, base, count}
	counter := &p.stmt.counter
	writes, exact := map[int32]bool{}, map[int32]bool{}
	for i := range count {
		cursor := ops.operand(i, opP1)
		switch ops.op(i) {
		case opOpenWrite:
			writes[cursor] = true
			exact[cursor] = exact[cursor] || ops.flags(i)&flagSeekEq != 0
		case opOpenRead, opReopenIdx:
			exact[cursor] = exact[cursor] || ops.flags(i)&flagSeekEq != 0
		case opProgram:
			sub := ops.operand(i, opP4)
			p.program(p.conn.read32(sub+programOps), p.conn.read32(sub+programOpCount), false)
		}
	}
	var diversions []diversion
	for i := range count {
		cursor := ops.operand(i, opP1)
		switch op := ops.op(i); op {
		case opRewind:
			// Sort is a Rewind that counts.
			(*p.conn.memory)[uint32(ops.at(i))] = opSort
		case opSeekLT, opSeekLE, opSeekGE, opSeekGT:
			if i > 0 && ops.op(i-1) == opSeekScan {
				continue
			}
			tail := i+1 < count && bounds(ops.op(i+1))
			diversions = append(diversions, diversion{index: i, to: &counter.reads, tail: tail, found: tail && exact[cursor]})
		case opSeekRowid, opNotExists, opLast, opVNext:
			diversions = append(diversions, diversion{index: i, to: &counter.reads})
		case opSeekEnd:
			diversions = append(diversions, diversion{index: i, to: &counter.ends})
		case opInsert:
			if writes[cursor] && ops.flags(i)&flagNoop == 0 {
				diversions = append(diversions, diversion{index: i, to: &counter.writes})
			}
		case opIdxInsert:
			if writes[cursor] {
				diversions = append(diversions, diversion{index: i, to: &counter.writes})
			}
		case opDelete:
			if writes[cursor] && ops.operand(i, opP2)&flagChange != 0 {
				diversions = append(diversions, diversion{index: i, to: &counter.writes})
			}
		case opVUpdate:
			diversions = append(diversions, diversion{index: i, to: &counter.writes})
		case opCount:
			if top && ops.operand(i, opP3) == 0 {
				counter.counts = append(counter.counts, ops.operand(i, opP2))
			}
		case opClear:
			counter.clears = counter.clears || ops.operand(i, opP3) != 0
		}
	}
	p.apply(ops, diversions)
}

// bounds reports whether an instruction ends a search among index entries. One
// of them follows a seek that looks for equal keys only, which skips it.
func bounds(op opcode) bool {
	return op == opIdxLE || op == opIdxGT || op == opIdxLT || op == opIdxGE
}

// apply writes the block of a program's diversions and the jumps to it.
func (p *patcher) apply(ops instructions, diversions []diversion) {
	if len(diversions) == 0 {
		return
	}
	block := p.conn.api.Xsqlite3_malloc64(int64(len(diversions)*4+1) * opSize)
	if block == 0 {
		return
	}
	p.stmt.counter.blocks = append(p.stmt.counter.blocks, block)
	// Jumps name instructions by their distance from the first one.
	at := (block-ops.base)/opSize + 1
	if block < ops.base {
		at = (block - ops.base) / opSize
	}
	for _, d := range diversions {
		start, back := at, d.index+1
		if !d.found {
			p.count(ops, at, at+1, d.to)
			at++
		}
		p.copy(ops, at, d.index)
		at++
		if d.tail {
			p.copy(ops, at, d.index+1)
			at++
			back++
		}
		if d.found {
			p.count(ops, at, back, d.to)
		} else {
			p.write(ops, at, opGoto, back)
		}
		at++
		// The other operands stay: SQLite frees what the fourth points to.
		(*p.conn.memory)[uint32(ops.at(d.index))] = opGoto
		p.conn.write32(ops.at(d.index)+opP2, start)
	}
}

// count writes an instruction that counts and goes on at next.
func (p *patcher) count(ops instructions, at, next int32, to *[]pointer) {
	p.write(ops, at, opInit, next)
	*to = append(*to, ops.at(at))
}

func (p *patcher) write(ops instructions, at int32, op opcode, next int32) {
	memory := (*p.conn.memory)[uint32(ops.at(at)):][:opSize]
	clear(memory)
	memory[0] = op
	p.conn.write32(ops.at(at)+opP2, next)
}

func (p *patcher) copy(ops instructions, to, from int32) {
	memory := *p.conn.memory
	copy(memory[uint32(ops.at(to)):][:opSize], memory[uint32(ops.at(from)):])
}
