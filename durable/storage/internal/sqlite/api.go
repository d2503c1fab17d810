package sqlite

import "github.com/ncruces/go-sqlite3"

// api names the functions of the translated SQLite that statements use. The
// library hands them to loadable extensions, so that is how they are reached;
// a version of it without one of them panics in attach, which every test does.
//
// https://sqlite.org/c3ref/funclist.html
type api interface {
	Slice() *[]byte
	// Close closes the files and frees the memory, whatever state SQLite is in.
	Close() error

	Xsqlite3_malloc64(size int64) pointer
	Xsqlite3_free(p pointer)

	Xsqlite3_prepare_v3(db, text, size, flags, stmt, tail int32) int32
	Xsqlite3_finalize(stmt pointer) int32
	Xsqlite3_step(stmt pointer) int32
	Xsqlite3_reset(stmt pointer) int32
	Xsqlite3_clear_bindings(stmt pointer) int32
	Xsqlite3_stmt_readonly(stmt pointer) int32
	Xsqlite3_stmt_status(stmt pointer, op, reset int32) int32

	Xsqlite3_bind_parameter_count(stmt pointer) int32
	Xsqlite3_bind_null(stmt pointer, i int32) int32
	Xsqlite3_bind_int64(stmt pointer, i int32, v int64) int32
	Xsqlite3_bind_double(stmt pointer, i int32, v float64) int32
	Xsqlite3_bind_text_go(stmt pointer, i int32, p pointer, size int64) int32
	Xsqlite3_bind_blob_go(stmt pointer, i int32, p pointer, size int64) int32
	Xsqlite3_bind_zeroblob64(stmt pointer, i int32, size int64) int32

	Xsqlite3_column_count(stmt pointer) int32
	Xsqlite3_column_name(stmt pointer, i int32) pointer
	Xsqlite3_columns_go(stmt pointer, n int32, types, data pointer) int32

	Xsqlite3_errmsg(db pointer) pointer
	Xsqlite3_error_offset(db pointer) int32
	Xsqlite3_extended_errcode(db pointer) int32
	Xsqlite3_get_autocommit(db pointer) int32
	Xsqlite3_changes64(db pointer) int64
	Xsqlite3_sourceid() pointer
	Xsqlite3_file_control(db, schema pointer, op int32, arg pointer) int32
	Xsqlite3_create_module(db, name, module, data pointer) int32
	X__indirect_function_table() *[]any
}

// library is the "extension" through which a connection reaches the api.
type library struct{ conn *Conn }

// Xsqlite3_extension_init receives the handle of the connection.
func (l library) Xsqlite3_extension_init(db, _, _ int32) int32 {
	l.conn.db = db
	return 0
}

func (c *Conn) attach() error {
	err := sqlite3.ExtensionInit(c.conn, func(env api) library {
		c.api = env
		c.memory = env.Slice()
		return library{c}
	}, func() (int64, int64, int64, int64) { return 0, 0, 0, 0 })
	if err != nil {
		return closing(c.conn, err)
	}
	return nil
}
