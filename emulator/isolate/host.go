package isolate

import (
	"context"
	"encoding/binary"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/doemu/doemu/emulator/isolate/internal/quickjs"
)

// callContext carries the isolate to the host functions that its code calls. wazero asks it for
// values on every call, so it answers without a search.
type callContext struct {
	context.Context
	isolate *Isolate
}

// Value has nothing: the isolate is a field.
func (callContext) Value(any) any { return nil }

// The error numbers of WASI, https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md#-errno-variant
const (
	wasiBadFile        = 8
	wasiNotImplemented = 52
)

// instantiateHost gives QuickJS what it imports: the way into Go, and of WASI only the clock. All
// else of WASI refuses, so JavaScript reaches no file, no process and no environment.
func (e *Engine) instantiateHost(ctx context.Context) error {
	i32, i64 := api.ValueTypeI32, api.ValueTypeI64
	params := func(types ...api.ValueType) []api.ValueType { return types }

	_, err := e.runtime.NewHostModuleBuilder("env").NewFunctionBuilder().
		WithGoModuleFunction(api.GoModuleFunc(enterHost), params(i32, i64, i32, i32), params(i64)).
		Export("jsFunctionProxy").Instantiate(ctx)
	if err != nil {
		return err
	}

	b := e.runtime.NewHostModuleBuilder("wasi_snapshot_preview1")
	refuse := func(name string, errno uint64, types ...api.ValueType) {
		b = export(b, name, func(_ context.Context, _ api.Module, stack []uint64) { stack[0] = errno }, types, params(i32))
	}
	b = export(b, "clock_time_get", clockTimeGet, params(i32, i64, i32), params(i32))
	b = export(b, "proc_exit", func(context.Context, api.Module, []uint64) { panic("QuickJS aborted") }, params(i32), nil)
	for _, name := range []string{"args_get", "args_sizes_get", "environ_get", "environ_sizes_get"} {
		refuse(name, wasiNotImplemented, i32, i32)
	}
	for _, name := range []string{"fd_fdstat_get", "fd_fdstat_set_flags", "fd_prestat_get"} {
		refuse(name, wasiBadFile, i32, i32)
	}
	refuse("fd_close", wasiBadFile, i32)
	refuse("fd_prestat_dir_name", wasiBadFile, i32, i32, i32)
	refuse("fd_read", wasiBadFile, i32, i32, i32, i32)
	refuse("fd_write", wasiBadFile, i32, i32, i32, i32)
	refuse("fd_readdir", wasiBadFile, i32, i32, i32, i64, i32)
	refuse("fd_seek", wasiBadFile, i32, i64, i32, i32)
	for _, name := range []string{"path_create_directory", "path_remove_directory", "path_unlink_file"} {
		refuse(name, wasiNotImplemented, i32, i32, i32)
	}
	refuse("path_filestat_get", wasiNotImplemented, i32, i32, i32, i32, i32)
	refuse("path_filestat_set_times", wasiNotImplemented, i32, i32, i32, i32, i64, i64, i32)
	refuse("path_open", wasiNotImplemented, i32, i32, i32, i32, i32, i64, i64, i32, i32)
	refuse("path_rename", wasiNotImplemented, i32, i32, i32, i32, i32, i32)
	refuse("poll_oneoff", wasiNotImplemented, i32, i32, i32, i32)
	_, err = b.Instantiate(ctx)
	return err
}

func export(b wazero.HostModuleBuilder, name string, f api.GoModuleFunc, params, results []api.ValueType) wazero.HostModuleBuilder {
	return b.NewFunctionBuilder().WithGoModuleFunction(f, params, results).Export(name)
}

// clockTimeGet answers with the time of the turn, which stands still while JavaScript runs.
// https://developers.cloudflare.com/workers/reference/security-model/#step-1-disallow-timers-and-multi-threading
func clockTimeGet(ctx context.Context, _ api.Module, stack []uint64) {
	i := ctx.(callContext).isolate
	binary.LittleEndian.PutUint64(i.mem.bytes()[uint32(stack[2]):], uint64(i.now))
	stack[0] = 0
}

// enterHost is called by QuickJS for a call of the host function and for the engine's hooks.
func enterHost(ctx context.Context, _ api.Module, stack []uint64) {
	i := ctx.(callContext).isolate
	this, argc, argv := stack[1], uint32(stack[2]), uint32(stack[3])
	if number, ok := quickjs.HostCall(stack[0]); ok {
		stack[0] = i.callHost(number, argc, argv)
		return
	}
	switch argc {
	case quickjs.HookRejection:
		i.trackRejection(this, i.load64(quickjs.HostScratch), i.load64(quickjs.HostScratch+8) != 0)
		stack[0] = 0
	case quickjs.HookInterrupt:
		stack[0] = 0
		if i.interrupted.Load() {
			stack[0] = 1
		}
	case quickjs.HookLoadModule:
		stack[0] = uint64(i.loadModule(i.cString(argv)))
	}
}
