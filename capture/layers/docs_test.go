package layers

import (
	"strings"
	"testing"
)

// TestDocs checks that an explanation is at most two sentences and names its
// source where there is one.
func TestDocs(t *testing.T) {
	for name, doc := range docs {
		if !strings.HasSuffix(doc, ".") || strings.Count(doc, ". ") > 1 {
			t.Errorf("%s: %q is not one or two sentences", name, doc)
		}
		if strings.HasPrefix(name, "ip") || strings.HasPrefix(name, "tcp") || strings.HasPrefix(name, "udp") {
			if !strings.Contains(doc, "(RFC ") {
				t.Errorf("%s: %q names no RFC", name, doc)
			}
		}
	}
	for p, row := range protoTable {
		if row.name == "" || row.title == "" || row.short == "" {
			t.Errorf("protocol %d has no name", p)
		}
	}
}
