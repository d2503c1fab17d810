package adminapi

import (
	"net/http"
	"time"

	"github.com/doemu/doemu/emulator/fault"
)

// rule asks for failures. What is empty holds for all; next is how many times it happens.
type rule struct {
	Namespace string       `json:"namespace,omitempty"`
	Object    string       `json:"object,omitempty"`
	Where     fault.Point  `json:"where"`
	What      fault.Action `json:"what"`
	Message   string       `json:"message,omitempty"`
	MS        float64      `json:"ms,omitempty"`
	Rate      float64      `json:"rate,omitempty"`
	Next      int          `json:"next,omitempty"`
}

// activeRule is a rule that holds, with how often it was looked at and failed something.
type activeRule struct {
	rule
	Met      int `json:"met"`
	Happened int `json:"happened"`
}

func (a *api) faults(w http.ResponseWriter, _ *http.Request) {
	rules := []activeRule{}
	for _, r := range a.emulator.Faults().Rules() {
		rules = append(rules, activeRule{
			rule{r.Namespace, r.Object, r.Where, r.What, r.Message, float64(r.Delay.Microseconds()) / 1000, r.Rate, r.Next}, r.Met, r.Happened,
		})
	}
	succeed(w, map[string]any{"rules": rules})
}

func (a *api) setFaults(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Rules []rule `json:"rules"`
	}
	if !read(w, r, &body) {
		return
	}
	rules := make([]fault.Rule, len(body.Rules))
	for n, r := range body.Rules {
		rules[n] = fault.Rule{
			Namespace: r.Namespace, Object: r.Object, Where: r.Where, What: r.What, Message: r.Message,
			Delay: time.Duration(r.MS * float64(time.Millisecond)), Rate: r.Rate, Next: r.Next,
		}
	}
	if err := a.emulator.Faults().Set(rules); err != nil {
		fail(w, http.StatusBadRequest, err.Error()+".")
		return
	}
	a.faults(w, r)
}
