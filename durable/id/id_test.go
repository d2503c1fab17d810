package id_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/doemu/doemu/durable/id"
)

// The expected ids were read from workerd's own idFromName.
func TestNamespace_FromName(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, key, object, want string
	}{
		{"ascii", "sqlkey", "foo", "78abb56f5641c8d753eb329fff971eea634531e9f75b49d323f3e47cd725e57d"},
		{"other key", "oracle-Recorder", "foo", "b6c88349fd7f98f0f91aac5f7e732bce5c160bf1ee6bb84120b2989eb7e59cb2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := id.NewNamespace(tt.key).FromName(tt.object)
			if got.String() != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	empty := id.NewNamespace("sqlkey").FromName("").String()
	if !strings.HasPrefix(empty, "fcddc105") || !strings.HasSuffix(empty, "8336") {
		t.Errorf("got %s for the empty name, want fcddc105…8336", empty)
	}
}

func TestNamespace_New(t *testing.T) {
	t.Parallel()
	ns := id.NewNamespace("sqlkey")
	got, err := ns.New(bytes.NewReader(bytes.Repeat([]byte{7}, 16)))
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Repeat("07", 16); !strings.HasPrefix(got.String(), want) {
		t.Errorf("got %s, want prefix %s", got, want)
	}
	if back, err := ns.FromString(got.String()); err != nil || back != got {
		t.Errorf("got %v, %v, want %v", back, err, got)
	}
	if _, err := ns.New(bytes.NewReader(nil)); err == nil {
		t.Error("want error")
	}
}

func TestNamespace_FromString(t *testing.T) {
	t.Parallel()
	ns := id.NewNamespace("sqlkey")
	valid := ns.FromName("foo").String()
	const (
		notHex  = "TypeError: Invalid Durable Object ID: must be 64 hex digits"
		foreign = "TypeError: Durable Object ID is not valid for this namespace."
	)
	tests := []struct{ name, text, wantErr string }{
		{"lower case", valid, ""},
		{"upper case", strings.ToUpper(valid), ""},
		{"empty", "", notHex},
		{"short", valid[:63], notHex},
		{"long", valid + "0", notHex},
		{"not hex", "g" + valid[1:], notHex},
		{"space", " " + valid[1:], notHex},
		{"changed", "0" + valid[1:], foreign},
		{"another namespace", id.NewNamespace("other").FromName("foo").String(), foreign},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := ns.FromString(tt.text)
			if tt.wantErr != "" {
				var typed *id.Error
				if !errors.As(err, &typed) || err.Error() != tt.wantErr {
					t.Fatalf("got %v, want %s", err, tt.wantErr)
				}
				return
			}
			if err != nil || got.String() != valid || !got.Equal(ns.FromName("foo")) {
				t.Errorf("got %v, %v, want %s", got, err, valid)
			}
		})
	}
}

func TestNamespace_Within(t *testing.T) {
	t.Parallel()
	ns := id.NewNamespace("sqlkey")
	seen := map[string]id.Jurisdiction{ns.FromName("foo").String(): ""}
	for _, j := range id.Jurisdictions() {
		sub, err := ns.Within(j)
		if err != nil {
			t.Fatal(err)
		}
		named := sub.FromName("foo")
		if other, ok := seen[named.String()]; ok {
			t.Errorf("got the same id in %q and %q", j, other)
		}
		seen[named.String()] = j
		// Both the namespace and any subnamespace recognise the id.
		for _, from := range []id.Namespace{ns, sub} {
			back, err := from.FromString(named.String())
			if err != nil || back != named || back.Jurisdiction() != j {
				t.Errorf("got %v in %q, %v, want %v in %q", back, back.Jurisdiction(), err, named, j)
			}
		}
		if err := ns.Check(named); err != nil {
			t.Errorf("got %v, want the namespace to take an id of %q", err, j)
		}
		if err := sub.Check(named); err != nil {
			t.Errorf("got %v, want %q to take its own id", err, j)
		}
		const want = "TypeError: get called on jurisdictional subnamespace with an ID from a different jurisdiction"
		if err := sub.Check(ns.FromName("foo")); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
		if back, err := sub.Within(""); err != nil || back.FromName("foo") != ns.FromName("foo") {
			t.Errorf("got %v, %v, want the unrestricted namespace", back, err)
		}
	}
	if _, err := ns.Within("mars"); err == nil {
		t.Error("want error for an unknown jurisdiction")
	}
}

func FuzzNamespace_FromString(f *testing.F) {
	ns := id.NewNamespace("sqlkey")
	f.Add(ns.FromName("foo").String())
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ns.FromString(text)
		if err == nil && got.String() != strings.ToLower(text) {
			t.Errorf("got %s for %s", got, text)
		}
	})
}
