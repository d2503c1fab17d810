package isolate

import (
	"os"
	"regexp"
	"strconv"
	"testing"
)

const benchSource = `on("run", () => {}); on("loaded", () => { host.note(1) });
	on("unhandled", async () => { for (let n = 0; n < 10; n++) await null })`

func benchImage(b *testing.B) *Image {
	i, _ := boot(b, benchSource)
	image, err := i.Image()
	if err != nil {
		b.Fatal(err)
	}
	return image
}

func BenchmarkFork(b *testing.B) {
	image := benchImage(b)
	for b.Loop() {
		i, err := image.Fork(Options{Owner: &notes{}})
		if err != nil {
			b.Fatal(err)
		}
		i.Close()
	}
}

func BenchmarkFork_firstCall(b *testing.B) {
	image := benchImage(b)
	ev := image.engine.Event("run")
	for b.Loop() {
		i, err := image.Fork(Options{Owner: &notes{}})
		if err != nil {
			b.Fatal(err)
		}
		if err := i.Deliver(ev); err != nil {
			b.Fatal(err)
		}
		i.Close()
	}
}

func BenchmarkTurn(b *testing.B) {
	image := benchImage(b)
	for name, event := range map[string]string{"empty": "run", "host call": "loaded", "ten awaits": EventUnhandled} {
		b.Run(name, func(b *testing.B) {
			n := &notes{}
			i, err := image.Fork(Options{Owner: n})
			if err != nil {
				b.Fatal(err)
			}
			defer i.Close()
			ev := image.engine.Event(event)
			for b.Loop() {
				if err := i.Deliver(ev); err != nil {
					b.Fatal(err)
				}
				n.said = n.said[:0]
			}
		})
	}
}

// BenchmarkLive tells what a live isolate costs, by making a thousand.
func BenchmarkLive(b *testing.B) {
	image := benchImage(b)
	const many = 1000
	for b.Loop() {
		before := resident(b)
		all := make([]*Isolate, many)
		for n := range all {
			i, err := image.Fork(Options{Owner: &notes{}})
			if err != nil {
				b.Fatal(err)
			}
			if err := i.Deliver(image.engine.Event("run")); err != nil {
				b.Fatal(err)
			}
			all[n] = i
		}
		b.ReportMetric(float64(resident(b)-before)/many, "KiB/isolate")
		for _, i := range all {
			i.Close()
		}
	}
}

var privateMemory = regexp.MustCompile(`(?m)^(?:Private_Dirty|Private_Clean):\s+(\d+) kB$`)

// resident is the memory in KiB that this process shares with no other mapping, 0 where the system
// does not tell.
func resident(b *testing.B) int {
	text, err := os.ReadFile("/proc/self/smaps_rollup")
	if err != nil {
		return 0
	}
	sum := 0
	for _, m := range privateMemory.FindAllSubmatch(text, -1) {
		kib, err := strconv.Atoi(string(m[1]))
		if err != nil {
			b.Fatal(err)
		}
		sum += kib
	}
	return sum
}

// BenchmarkPages tells how many of the system's pages a fork owns after its first turn, and after a hundred.
func BenchmarkPages(b *testing.B) {
	image := benchImage(b)
	for _, turns := range []int{1, 100} {
		b.Run(strconv.Itoa(turns)+"_turns", func(b *testing.B) {
			before := resident(b)
			var all []*Isolate
			for b.Loop() {
				i, err := image.Fork(Options{Owner: &notes{}})
				if err != nil {
					b.Fatal(err)
				}
				for range turns {
					if err := i.Deliver(image.engine.Event("run")); err != nil {
						b.Fatal(err)
					}
				}
				all = append(all, i)
			}
			b.ReportMetric(float64(resident(b)-before)*1024/float64(os.Getpagesize())/float64(len(all)), "pages/isolate")
			for _, i := range all {
				i.Close()
			}
		})
	}
}
