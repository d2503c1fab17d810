package sqlite

// The numbers below belong to this one build of SQLite, so row counting is off
// with any other: see [Stmt.CountRows]. A test compares the opcodes with the
// names that the build itself has for them.
const countedSourceID = "2026-10-16 14:45:20 555e07ef33f69a0957d24d8e555b702464a131d6f1607f4c3c1e4551e8e6ca76"

// opcode is an instruction of SQLite's virtual machine.
//
// https://sqlite.org/opcode.html
type opcode = byte

const (
	opVUpdate    opcode = 7
	opInit       opcode = 8
	opGoto       opcode = 9
	opSeekLT     opcode = 21
	opSeekLE     opcode = 22
	opSeekGE     opcode = 23
	opSeekGT     opcode = 24
	opSeekRowid  opcode = 29
	opNotExists  opcode = 30
	opLast       opcode = 31
	opSort       opcode = 34
	opRewind     opcode = 35
	opIdxLE      opcode = 40
	opIdxGT      opcode = 41
	opIdxLT      opcode = 42
	opIdxGE      opcode = 45
	opProgram    opcode = 49
	opVNext      opcode = 64
	opCount      opcode = 99
	opReopenIdx  opcode = 102
	opOpenRead   opcode = 113
	opOpenWrite  opcode = 114
	opSeekEnd    opcode = 138
	opSeekScan   opcode = 125
	opInsert     opcode = 129
	opDelete     opcode = 131
	opIdxInsert  opcode = 139
	opClear      opcode = 146
	opClrSubtype opcode = 181
	opNoop       opcode = 188
)

// Flags in an instruction's second or fifth operand.
const (
	flagChange = 0x01 // counts as a changed row
	flagSeekEq = 0x02 // the cursor is only used to look for equal keys
	flagNoop   = 0x40 // the instruction only serves the pre-update hook
)

// The layout of an instruction, and of the parts of a statement and of a
// trigger's program that lead to the instructions.
const (
	opSize = 20
	opP5   = 2
	opP1   = 4
	opP2   = 8
	opP3   = 12
	opP4   = 16

	stmtRegisters = 88
	stmtOps       = 104
	stmtOpCount   = 108

	programOps     = 0
	programOpCount = 4

	registerSize = 40

	// connOptimizations holds the bits of optimizations that are switched off.
	connOptimizations = 80
	optimizationStat4 = 0x800
)

// disableStat4 makes ANALYZE and the query planner do without the sqlite_stat4
// table, which workerd's SQLite is built without.
//
// https://sqlite.org/fileformat2.html#stat4tab
func (c *Conn) disableStat4() {
	c.write32(c.db+connOptimizations, c.read32(c.db+connOptimizations)|optimizationStat4)
}
