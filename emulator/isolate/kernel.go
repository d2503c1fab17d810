package isolate

import (
	_ "embed"
	"encoding/json"
	"fmt"

	"github.com/doemu/doemu/emulator/isolate/internal/module"
)

//go:embed kernel.js
var kernelSource string

// Flags of JS_Eval.
const (
	evalGlobal      = 0
	evalModule      = 1
	evalCompileOnly = 1 << 5
)

// The events that the kernel itself takes, before those of the configuration: they settle the
// promises of ops that wait.
const (
	resolveEvent Event = iota
	rejectEvent
)

func kernelConfig(ops []Op, events []string) ([]byte, map[string]Event, error) {
	type opConfig struct {
		Name  string `json:"name"`
		Waits bool   `json:"waits"`
	}
	var config struct {
		Ops    []opConfig `json:"ops"`
		Events []string   `json:"events"`
	}
	config.Ops = []opConfig{}
	seen := map[string]bool{}
	for _, op := range ops {
		if seen[op.Name] {
			return nil, nil, fmt.Errorf("op %q is declared twice", op.Name)
		}
		seen[op.Name] = true
		config.Ops = append(config.Ops, opConfig{op.Name, op.Waits})
	}
	config.Events = append([]string{"resolve", "reject"}, events...)
	numbers := map[string]Event{}
	for n, name := range config.Events {
		if _, ok := numbers[name]; ok {
			return nil, nil, fmt.Errorf("event %q is declared twice", name)
		}
		numbers[name] = Event(n)
	}
	text, err := json.Marshal(config)
	return text, numbers, err
}

// loadKernel evaluates the kernel and keeps what Go calls. The kernel object stays reachable for
// the platform as a global, until [Isolate.Seal] removes it.
func (i *Isolate) loadKernel() error {
	function, err := i.evalRaw("doemu:kernel", kernelSource, evalGlobal)
	if err != nil {
		return err
	}
	makeOp := i.hostFunction(len(i.engine.ops), "op")
	result := i.callRaw(function, scratchOuter, makeOp, i.toRaw(JSON(i.engine.kernel)))
	if isException(result) {
		return i.exception()
	}
	i.free(function)
	i.roots.Dispatch = i.property(result, "dispatch")
	i.roots.MakeError = i.property(result, "errorFor")
	i.roots.Describe = i.property(result, "describeFor")
	kernel := i.property(result, "kernel")
	i.free(result)
	define, err := i.evalRaw("doemu:kernel", `(kernel) => Object.defineProperty(globalThis, "`+KernelGlobal+`", { value: kernel, configurable: true })`, evalGlobal)
	if err != nil {
		return err
	}
	i.free(i.callRaw(define, scratchOuter, kernel))
	i.free(define)
	return nil
}

// KernelGlobal is the name of the global that holds the kernel until [Isolate.Seal].
const KernelGlobal = "__doemu_kernel"

// Seal removes the way to the kernel from the global object, before any code of a user runs.
func (i *Isolate) Seal() error { return i.EvalScript("doemu:seal", "delete globalThis."+KernelGlobal) }

func (i *Isolate) property(object uint64, name string) uint64 {
	at := i.lend(name)
	value := i.propertyAt(object, at)
	i.giveBack(at)
	return value
}

// callRaw calls a function and uses the arguments up. The result is the caller's. The arguments lie
// in their own part of the scratch memory, since QuickJS reads them there while the call runs.
func (i *Isolate) callRaw(function uint64, where uint32, args ...uint64) uint64 {
	at := i.roots.Scratch + where
	for n, arg := range args {
		i.store64(at+uint32(n)*8, arg)
	}
	result := i.call(function, uint32(len(args)), at)
	for _, arg := range args {
		i.free(arg)
	}
	return result
}

func (i *Isolate) evalRaw(name, source string, flags uint32) (uint64, error) {
	result := i.compile(name, source, flags)
	if isException(result) {
		return 0, i.exception()
	}
	return result, nil
}

// compile evaluates a text with the flags of JS_Eval, or only compiles it.
func (i *Isolate) compile(name, source string, flags uint32) uint64 {
	nameAt := i.malloc(len(name) + 1)
	if nameAt == 0 {
		i.mem.Exceed()
		panic(trap{ErrMemoryLimit})
	}
	copy(i.mem.Bytes()[nameAt:], name+"\x00")
	at := i.lend(source)
	result := i.evalAt(at, len(source), nameAt, flags)
	i.giveBack(at)
	i.freeMemory(nameAt)
	return result
}

// Version names the engine: heap images of one version mean nothing to another.
func Version() string { return module.ModuleSHA256 + kernelSource }
