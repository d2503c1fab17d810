package adminapi

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/journal"
)

// metrics count what the journal records, and look at the namespaces when they are asked.
// https://prometheus.io/docs/practices/naming/
type metrics struct {
	emulator *emulator.Emulator
	events   *prometheus.CounterVec
	errors   *prometheus.CounterVec
	requests *prometheus.HistogramVec

	objects, alarms, sockets, generation, clock *prometheus.Desc
}

// newMetrics serves the metrics of an emulator.
func newMetrics(e *emulator.Emulator, version string) http.Handler {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("doemu_"+name, help, labels, nil)
	}
	place := []string{"kind", "worker", "namespace"}
	m := &metrics{
		emulator: e,
		events:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "doemu_events_total", Help: "Events of the journal."}, place),
		errors:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "doemu_errors_total", Help: "Events of the journal that are failures."}, place),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "doemu_event_duration_seconds", Help: "How long requests, calls and alarms took, by the emulator's clock.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 4, 10),
		}, place),
		objects:    desc("objects", "Objects by their state.", "namespace", "state"),
		alarms:     desc("alarms", "Alarms that are due.", "namespace"),
		sockets:    desc("hibernatable_websockets", "WebSockets that objects accepted for hibernation.", "namespace"),
		generation: desc("generation", "The build that serves.", "worker"),
		clock:      desc("clock_seconds", "The time by the emulator's clock, since 1970."),
	}
	e.Journal().Listen(m.event)
	registry := prometheus.NewRegistry()
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "doemu_build_info", Help: "doemu's version, as a label of 1.", ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	registry.MustRegister(m.events, m.errors, m.requests, m, build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}

// event counts an event.
func (m *metrics) event(e journal.Event) {
	labels := []string{string(e.Kind), e.Worker, e.Namespace}
	m.events.WithLabelValues(labels...).Inc()
	if e.Error != "" {
		m.errors.WithLabelValues(labels...).Inc()
	}
	switch e.Kind {
	case journal.Request, journal.Fetch, journal.RPC, journal.Alarm, journal.SocketMessage:
		m.requests.WithLabelValues(labels...).Observe(e.Duration.Seconds())
	}
}

// Describe implements prometheus.Collector.
func (m *metrics) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.objects, m.alarms, m.sockets, m.generation, m.clock} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (m *metrics) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	for _, n := range m.emulator.Namespaces() {
		info, err := n.Info()
		if err != nil {
			out <- prometheus.NewInvalidMetric(m.objects, err)
			continue
		}
		for _, state := range durable.States() {
			gauge(m.objects, float64(info.States[state]), info.UniqueKey, string(state))
		}
		gauge(m.alarms, float64(info.Alarms), info.UniqueKey)
		gauge(m.sockets, float64(info.Sockets), info.UniqueKey)
	}
	for _, s := range m.emulator.Services() {
		number := 0
		if g := s.Generation(); g != nil {
			number = g.Number
		}
		gauge(m.generation, float64(number), s.Project().Name)
	}
	gauge(m.clock, float64(m.emulator.Clock().Now().UnixMilli())/1000)
}

func (a *api) serveMetrics(w http.ResponseWriter, r *http.Request) error {
	a.metrics.ServeHTTP(w, r)
	return nil
}
