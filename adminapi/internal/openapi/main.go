// Openapi prints the OpenAPI document of the admin API, for those who generate clients.
package main

import (
	"fmt"
	"os"

	"github.com/doemu/doemu/adminapi"
)

func main() {
	if _, err := os.Stdout.Write(adminapi.OpenAPI("0.0.0")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
