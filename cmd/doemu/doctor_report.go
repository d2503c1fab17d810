package main

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/doemu/doemu/emulator/check"
	"github.com/doemu/doemu/emulator/doctor"
)

// doctorReport is what doemu doctor found, in the form that --json prints.
type doctorReport struct {
	Errors   int             `json:"errors"`
	Warnings int             `json:"warnings"`
	Notes    int             `json:"notes"`
	Findings []doctorFinding `json:"findings"`
	Checks   []doctorCheck   `json:"checks"`
}

type doctorFinding struct {
	Check    string         `json:"check"`
	Severity check.Severity `json:"severity"`
	Code     string         `json:"code,omitempty"`
	Mistake  int            `json:"mistake,omitempty"`
	File     string         `json:"file,omitempty"`
	Line     int            `json:"line,omitempty"`
	Column   int            `json:"column,omitempty"`
	Text     string         `json:"text"`
	Fix      string         `json:"fix,omitempty"`
	Link     string         `json:"link,omitempty"`

	finding check.Finding
}

type doctorCheck struct {
	Name     string  `json:"name"`
	Findings int     `json:"findings"`
	MS       float64 `json:"ms"`
}

func newDoctorReport(checks []doctor.Check) *doctorReport {
	r := &doctorReport{Findings: []doctorFinding{}, Checks: []doctorCheck{}}
	for _, c := range checks {
		r.Checks = append(r.Checks, doctorCheck{c.Name, len(c.Findings), milliseconds(c.Took)})
		for _, f := range c.Findings {
			switch f.Severity {
			case check.Error:
				r.Errors++
			case check.Warning:
				r.Warnings++
			case check.Note:
				r.Notes++
			}
			r.Findings = append(r.Findings, doctorFinding{
				c.Name, f.Severity, f.Mistake.Code(), f.Mistake.Number(), f.Pos.File, f.Pos.Line, f.Pos.Column, f.Text, f.Fix, f.Mistake.Link(), f,
			})
		}
	}
	return r
}

// show writes the report for a person.
func (r *doctorReport) show(c *console) {
	if len(r.Findings) == 0 {
		fmt.Fprintln(c.out, "Nothing found.")
		return
	}
	file, _ := c.out.(*os.File)
	s := &screen{color: file != nil && term.IsTerminal(int(file.Fd())) && os.Getenv("NO_COLOR") == ""}
	group := ""
	for _, f := range r.Findings {
		if f.Check != group {
			group = f.Check
			fmt.Fprintln(c.out, s.paint(bold, group))
		}
		for n, line := range strings.Split(s.findingText(f.finding), "\n") {
			if n > 0 && line != "" {
				line = "  " + line
			}
			fmt.Fprintln(c.out, "  "+line)
		}
	}
	var sums []string
	for _, sum := range []struct {
		n    int
		noun string
	}{{r.Errors, "error"}, {r.Warnings, "warning"}, {r.Notes, "note"}} {
		if sum.n > 0 {
			sums = append(sums, counted(sum.n, sum.noun))
		}
	}
	fmt.Fprintln(c.out, strings.Join(sums, ", "))
}
