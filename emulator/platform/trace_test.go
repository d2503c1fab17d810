package platform

import (
	"strings"
	"testing"
	"time"
)

// A trace holds so much and then says that there was more.
func TestTrace_limit(t *testing.T) {
	t.Parallel()
	var item TraceItem
	var tail Tail = func(i TraceItem) { item = i }
	tr := tail.Trace(TraceItem{}, time.Now)
	line := `["` + strings.Repeat("x", 1000) + `"]`
	for range 1000 {
		tr.log("log", line, "")
		tr.Throw("Error", strings.Repeat("y", 1000), "")
	}
	tr.End(nil, true)
	lines, exceptions := len(item.Logs), len(item.Exceptions)
	total := lines*len(line) + exceptions*1000
	if last := item.Logs[lines-1]; !item.Truncated || string(last.Message) != tooMuchTraced || last.Level != "warn" || total > mostTraced || total < mostTraced/2 {
		t.Errorf("got %d lines and %d exceptions of %d bytes, the last line %.60s", lines, exceptions, total, last.Message)
	}
	tr = tail.Trace(TraceItem{}, time.Now)
	tr.log("log", line, "")
	tr.End(nil, true)
	if item.Truncated || len(item.Logs) != 1 {
		t.Errorf("got %d lines, truncated %v, want one", len(item.Logs), item.Truncated)
	}
}
