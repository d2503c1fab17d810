package emulator_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/doemu/doemu/durable"
)

// Saving and restoring an object of 1 MB on disk, which is in memory each time; p95-ms is the 95th percentile.
func BenchmarkSnapshot_megabyte(b *testing.B) {
	r := newRig(b, `export class Thing extends DurableObject {
		fill() { for (let n = 0; n < 1024; n++) this.ctx.storage.kv.put("k" + n, "x".repeat(1000)); }
		touch() { this.ctx.storage.kv.put("touched", Date.now()); }
	}`, onDisk(b))
	r.get("/fill")
	s := r.save("full")
	for name, op := range map[string]func(n int) error{
		"save": func(n int) error {
			_, err := r.SaveSnapshot(context.Background(), fmt.Sprintf("s%d", n))
			return err
		},
		"restore": func(int) error {
			_, err := r.RestoreSnapshot(context.Background(), s, durable.CloseSockets)
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				b.StopTimer()
				r.get("/touch")
				b.StartTimer()
				began := time.Now()
				if err := op(len(took)); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(began))
			}
			all, err := r.Snapshots().List()
			if err != nil {
				b.Fatal(err)
			}
			for _, one := range all {
				if one.Name != s.Name {
					if err := r.Snapshots().Remove(one.Name); err != nil {
						b.Fatal(err)
					}
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		})
	}
}

// Restoring 1,000 small objects on disk that are all in memory.
func BenchmarkSnapshot_thousand(b *testing.B) {
	r := newRig(b, `export class Thing extends DurableObject {
		touch() { this.ctx.storage.kv.put("touched", Date.now()); }
	}`, onDisk(b))
	touch := func() {
		for n := range 1000 {
			r.get(fmt.Sprintf("/touch?name=o%d", n))
		}
	}
	touch()
	s := r.save("all")
	for b.Loop() {
		b.StopTimer()
		touch()
		b.StartTimer()
		if _, err := r.RestoreSnapshot(context.Background(), s, durable.CloseSockets); err != nil {
			b.Fatal(err)
		}
	}
}
