package machine

import (
	"bufio"
	"bytes"
	"os"
	"strconv"
	"strings"
)

// available is how many bytes of memory are free, for this process: by the system and by its container.
func available() (bytes uint64, ok bool) {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0, false
	}
	free, ok := memAvailable(text)
	limit, limited := number("/sys/fs/cgroup/memory.max")
	used, known := number("/sys/fs/cgroup/memory.current")
	if limited && known && limit > used {
		free = min(free, limit-used)
	}
	return free, ok
}

// memAvailable reads the line of /proc/meminfo that counts what programs can get.
func memAvailable(meminfo []byte) (uint64, bool) {
	lines := bufio.NewScanner(bytes.NewReader(meminfo))
	for lines.Scan() {
		if rest, ok := strings.CutPrefix(lines.Text(), "MemAvailable:"); ok {
			kib, err := strconv.ParseUint(strings.TrimSpace(strings.TrimSuffix(rest, "kB")), 10, 54)
			return kib << 10, err == nil
		}
	}
	return 0, false
}

// number reads a file with one number; ok is false if it has something else, such as "max".
func number(file string) (n uint64, ok bool) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, false
	}
	n, err = strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
	return n, err == nil
}

// strictOvercommit says if Linux gives no more addresses than it has memory for.
func strictOvercommit() string {
	if mode, ok := number("/proc/sys/vm/overcommit_memory"); ok && mode == 2 {
		return "vm.overcommit_memory is 2: Linux gives no more addresses than it has memory, and each isolate reserves 128 MiB of them. Set it to 0 or 1"
	}
	return ""
}
