package sqlite

import (
	"encoding/binary"
	"testing"
)

// opcodeNames finds the table of the instructions' names in SQLite's memory.
func opcodeNames(t *testing.T, c *Conn) func(op opcode) string {
	t.Helper()
	memory := *c.memory
	name := func(table, op int) string {
		p := binary.LittleEndian.Uint32(memory[table+4*op:])
		if p == 0 || int(p) >= len(memory)-64 {
			return ""
		}
		return c.text(pointer(p))
	}
	for table := 1024; table < len(memory)-4096; table += 4 {
		if name(table, 0) == "Savepoint" && name(table, 1) == "AutoCommit" {
			return func(op opcode) string { return name(table, int(op)) }
		}
	}
	t.Fatal("want the table of names")
	return nil
}

// A failure here means that the library's SQLite is another one: take the
// numbers in opcode.go from it anew, and compare the counters with workerd's.
func TestOpcodes(t *testing.T) {
	t.Parallel()
	c, err := Open(Config{URI: "file::memory:", MaxMemory: 32 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	if got := c.sourceID(); got != countedSourceID {
		t.Errorf("got SQLite %s, want %s", got, countedSourceID)
	}
	name := opcodeNames(t, c)
	for op, want := range map[opcode]string{
		opVUpdate: "VUpdate", opInit: "Init", opGoto: "Goto", opSeekLT: "SeekLT", opSeekLE: "SeekLE",
		opSeekGE: "SeekGE", opSeekGT: "SeekGT", opSeekRowid: "SeekRowid", opNotExists: "NotExists",
		opLast: "Last", opSort: "Sort", opRewind: "Rewind", opIdxLE: "IdxLE", opIdxGT: "IdxGT",
		opIdxLT: "IdxLT", opIdxGE: "IdxGE", opProgram: "Program", opVNext: "VNext", opCount: "Count",
		opReopenIdx: "ReopenIdx", opOpenRead: "OpenRead", opOpenWrite: "OpenWrite", opSeekScan: "SeekScan",
		opSeekEnd: "SeekEnd", opInsert: "Insert", opDelete: "Delete", opIdxInsert: "IdxInsert", opClear: "Clear",
		opClrSubtype: "ClrSubtype", opNoop: "Noop",
	} {
		if got := name(op); got != want {
			t.Errorf("%d: got %s, want %s", op, got, want)
		}
	}
	s, _, failure := c.Prepare("SELECT 1", 0)
	if failure != nil {
		t.Fatal(failure)
	}
	defer s.Close()
	ops := instructions{c, c.read32(s.handle + stmtOps), c.read32(s.handle + stmtOpCount)}
	if ops.count < 3 || ops.count > 20 || name(ops.op(0)) != "Init" || name(ops.op(1)) != "Integer" {
		t.Errorf("got %d instructions from %s, want the program at its place", ops.count, name(ops.op(0)))
	}
}
