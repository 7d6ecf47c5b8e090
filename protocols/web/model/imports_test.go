package model

import (
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
)

// A prediction that could ask the network would prove nothing: the package uses
// arithmetic only.
func TestImportsNoNetwork(t *testing.T) {
	allowed := map[string]bool{`"fmt"`: true, `"math"`: true, `"math/rand/v2"`: true, `"sort"`: true, `"time"`: true}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range tree.Imports {
			if !allowed[i.Path.Value] {
				t.Errorf("%s imports %s", f.Name(), i.Path.Value)
			}
		}
	}
}
