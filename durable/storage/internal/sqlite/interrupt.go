package sqlite

import (
	"context"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/ncruces/go-sqlite3"
)

// interrupter ends what a connection computes. SQLite asks every thousand instructions of a statement whether it has to
// end, which is soon for nearly all of them. A single instruction can take hours, too: instr() and replace() compare each
// place of one text with another. One that goes on for longer than patience loses its memory, so that its next access
// panics where it is; the connection cannot be used any more then, and what it has not committed is gone, as if the
// process had died.
type interrupter struct {
	asked atomic.Bool
	// run is the number of the call into SQLite that runs now with bit running set, or of the last one; bit cut is set
	// once the call has lost its memory.
	run atomic.Uint64
	// last is the same number. It belongs to the connection's goroutine, as what follows does.
	last uint64
	// unwatch ends the watch of SetInterrupt's context.
	unwatch func() bool
	// lost is set once the memory is gone.
	lost bool
}

const (
	running = 1 << iota
	cut
	nextRun
)

// patience is how long a call may go on that was asked to end.
const patience = 100 * time.Millisecond

// Interrupt ends the statement that runs, and lets further ones fail, until [Conn.Resume]. It may be called from any
// goroutine.
//
// https://sqlite.org/c3ref/interrupt.html
func (c *Conn) Interrupt() {
	if !c.interrupter.asked.Swap(true) {
		c.cutSoon()
	}
}

// Resume lets statements run again after [Conn.Interrupt], unless one had to be ended by force: see [Conn.Lost].
func (c *Conn) Resume() { c.interrupter.asked.Store(false) }

// Lost reports whether a statement had to be ended by force. The connection can only be closed then.
func (c *Conn) Lost() bool { return c.interrupter.lost }

// SetInterrupt makes the statements of the connection that take long fail with INTERRUPT once the context is done.
//
// https://sqlite.org/c3ref/interrupt.html
func (c *Conn) SetInterrupt(ctx context.Context) {
	i := &c.interrupter
	if i.unwatch != nil {
		i.unwatch()
		i.unwatch = nil
	}
	if ctx.Done() != nil {
		i.unwatch = context.AfterFunc(ctx, c.cutSoon)
	}
	if !i.lost {
		c.conn.SetInterrupt(interruption{ctx, i})
	}
}

// interruption is what the library asks while a statement runs.
type interruption struct {
	context.Context
	interrupter *interrupter
}

func (i interruption) Err() error {
	if i.interrupter.asked.Load() {
		return context.Canceled
	}
	return i.Context.Err()
}

// stopped reports whether no call may begin.
func (i *interrupter) stopped() bool { return i.lost || i.asked.Load() }

// guard makes a call into SQLite that may take long. The error is that of a connection that was asked to end what it does
// before, or had to be ended by force.
func (c *Conn) guard(call func() int32) (rc int32, err *Error) {
	i := &c.interrupter
	i.last += nextRun
	i.run.Store(i.last | running)
	if i.stopped() {
		i.run.Store(i.last)
		return 0, errInterrupted()
	}
	defer func() {
		if i.run.CompareAndSwap(i.last|running, i.last) {
			return // a panic goes on
		}
		_ = recover() // it met the end of the memory, or ended just before it would have
		i.run.Store(i.last)
		i.lost = true
		c.api = lostAPI{closer: c.api}
		err = errInterrupted()
	}()
	return call(), nil
}

// cutSoon takes the memory from the call that runs now if it goes on.
func (c *Conn) cutSoon() {
	i := &c.interrupter
	run := i.run.Load()
	if run&running == 0 {
		return
	}
	memory := c.memory
	var force func()
	force = func() {
		if i.run.CompareAndSwap(run, run|cut) || i.run.Load() == run|cut {
			forget(memory)
			// SQLite may have been about to make its memory larger, which sets the length again.
			time.AfterFunc(patience, force)
		}
	}
	time.AfterFunc(patience, force)
}

// forget sets the length of the memory to 0: the bounds of each access are checked against it. That is a race by
// intention, which the detector of races is not to see.
//
//go:norace
func forget(memory *[]byte) {
	(*struct {
		data        unsafe.Pointer
		length, cap int
	})(unsafe.Pointer(memory)).length = 0
}

func errInterrupted() *Error {
	return &Error{Code: sqlite3.INTERRUPT, Extended: sqlite3.ExtendedErrorCode(sqlite3.INTERRUPT), Message: "interrupted", Offset: -1}
}

// lostAPI stands for a SQLite that has lost its memory: nothing can be done with it but to close it.
type lostAPI struct{ closer interface{ Close() error } }

func (l lostAPI) Close() error { return l.closer.Close() }

func (lostAPI) Slice() *[]byte { return new([]byte) }

func (lostAPI) Xsqlite3_malloc64(int64) pointer { return 0 }
func (lostAPI) Xsqlite3_free(pointer)           {}

func (lostAPI) Xsqlite3_prepare_v3(_, _, _, _, _, _ int32) int32     { return codeInterrupt }
func (lostAPI) Xsqlite3_finalize(pointer) int32                      { return codeInterrupt }
func (lostAPI) Xsqlite3_step(pointer) int32                          { return codeInterrupt }
func (lostAPI) Xsqlite3_reset(pointer) int32                         { return codeInterrupt }
func (lostAPI) Xsqlite3_clear_bindings(pointer) int32                { return codeInterrupt }
func (lostAPI) Xsqlite3_stmt_readonly(pointer) int32                 { return 0 }
func (lostAPI) Xsqlite3_stmt_status(pointer, int32, int32) int32     { return 0 }
func (lostAPI) Xsqlite3_bind_parameter_count(pointer) int32          { return 0 }
func (lostAPI) Xsqlite3_bind_null(pointer, int32) int32              { return codeInterrupt }
func (lostAPI) Xsqlite3_bind_int64(pointer, int32, int64) int32      { return codeInterrupt }
func (lostAPI) Xsqlite3_bind_double(pointer, int32, float64) int32   { return codeInterrupt }
func (lostAPI) Xsqlite3_bind_zeroblob64(pointer, int32, int64) int32 { return codeInterrupt }
func (lostAPI) Xsqlite3_bind_text_go(pointer, int32, pointer, int64) int32 {
	return codeInterrupt
}
func (lostAPI) Xsqlite3_bind_blob_go(pointer, int32, pointer, int64) int32 {
	return codeInterrupt
}
func (lostAPI) Xsqlite3_column_count(pointer) int32                             { return 0 }
func (lostAPI) Xsqlite3_column_name(pointer, int32) pointer                     { return 0 }
func (lostAPI) Xsqlite3_columns_go(pointer, int32, pointer, pointer) int32      { return codeInterrupt }
func (lostAPI) Xsqlite3_errmsg(pointer) pointer                                 { return 0 }
func (lostAPI) Xsqlite3_error_offset(pointer) int32                             { return -1 }
func (lostAPI) Xsqlite3_extended_errcode(pointer) int32                         { return codeInterrupt }
func (lostAPI) Xsqlite3_get_autocommit(pointer) int32                           { return 1 }
func (lostAPI) Xsqlite3_changes64(pointer) int64                                { return 0 }
func (lostAPI) Xsqlite3_sourceid() pointer                                      { return 0 }
func (lostAPI) Xsqlite3_file_control(_, _ pointer, _ int32, _ pointer) int32    { return codeInterrupt }
func (lostAPI) Xsqlite3_create_module(_, _ pointer, _ pointer, _ pointer) int32 { return codeInterrupt }
func (lostAPI) X__indirect_function_table() *[]any                              { return new([]any) }
