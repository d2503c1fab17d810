package platform

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"io"
	"strings"

	"github.com/doemu/doemu/emulator/isolate"
)

func cryptoOps() []isolate.Op {
	return []isolate.Op{
		{Name: "crypto.random", Run: func(c *isolate.Call) (isolate.Value, error) {
			if c.Turn() == nil {
				return isolate.Value{}, errGlobalScope
			}
			b, _ := c.View(0)
			_, err := io.ReadFull(realmOf(c).Random, b)
			return isolate.Undefined(), err
		}},
		{Name: "crypto.uuid", Run: func(c *isolate.Call) (isolate.Value, error) {
			if c.Turn() == nil {
				return isolate.Value{}, errGlobalScope
			}
			var b [16]byte
			if _, err := io.ReadFull(realmOf(c).Random, b[:]); err != nil {
				return isolate.Value{}, err
			}
			b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
			return isolate.String(fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])), nil
		}},
		{Name: "crypto.digest", Run: func(c *isolate.Call) (isolate.Value, error) {
			b, _ := c.View(1)
			return digest(strings.ToUpper(c.String(0)), b), nil
		}},
	}
}

// digest is undefined for algorithms that are not known.
func digest(algorithm string, b []byte) isolate.Value {
	switch algorithm {
	case "MD5":
		sum := md5.Sum(b)
		return isolate.Bytes(sum[:])
	case "SHA-1":
		sum := sha1.Sum(b)
		return isolate.Bytes(sum[:])
	case "SHA-256":
		sum := sha256.Sum256(b)
		return isolate.Bytes(sum[:])
	case "SHA-384":
		sum := sha512.Sum384(b)
		return isolate.Bytes(sum[:])
	case "SHA-512":
		sum := sha512.Sum512(b)
		return isolate.Bytes(sum[:])
	}
	return isolate.Undefined()
}
