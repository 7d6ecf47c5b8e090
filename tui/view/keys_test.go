package view

import "testing"

func TestKeyTable(t *testing.T) {
	keys, names := map[string]string{}, map[string]bool{}
	seen := map[Action]bool{}
	for _, b := range Keys() {
		if b.Help == "" || b.Show == "" || b.Group == "" || b.Name == "" {
			t.Errorf("%+v is not documented", b)
		}
		if names[b.Name] {
			t.Errorf("two actions are called %s", b.Name)
		}
		names[b.Name] = true
		seen[b.Action] = true
		for _, k := range b.Keys {
			if was, ok := keys[k]; ok {
				t.Errorf("%s is bound to %s and %s", k, was, b.Name)
			}
			keys[k] = b.Name
		}
	}
	for a := NoAction + 1; a <= Compare; a++ {
		if !seen[a] {
			t.Errorf("action %d has no key", a)
		}
	}
}

func TestThemesAreComplete(t *testing.T) {
	names := map[string]bool{}
	for _, th := range Themes() {
		if names[th.Name] {
			t.Errorf("two themes are called %s", th.Name)
		}
		names[th.Name] = true
		if len(th.Series) == 0 || th.Selection == "" || th.BorderFocus == th.Border {
			t.Errorf("%s lacks a style that the screen cannot do without", th.Name)
		}
	}
}
