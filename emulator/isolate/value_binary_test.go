package isolate

import (
	"math"
	"reflect"
	"testing"
)

func TestValue_binary(t *testing.T) {
	t.Parallel()
	for _, want := range []Value{
		Undefined(), Null(), Bool(true), Bool(false), Number(math.Pi), Number(math.Inf(-1)), String(""), String("a\x00b"),
		Bytes([]byte{}), Bytes([]byte{0, 255}), JSON([]byte(`{"a":[1]}`)),
	} {
		b, err := want.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var got Value
		if err := got.UnmarshalBinary(b); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%v: got %v, %v", want, got, err)
		}
	}
	if b, err := (Handle{1}).Value().MarshalBinary(); err == nil {
		t.Errorf("a handle: got %v, want an error", b)
	}
	for _, bad := range []string{"", "\x00a", "\x02", "\x02\x02", "\x03\x00", "\x06{", "\x07", "\xff"} {
		var v Value
		if err := v.UnmarshalBinary([]byte(bad)); err == nil {
			t.Errorf("%q: got %v, want an error", bad, v)
		}
	}
}
