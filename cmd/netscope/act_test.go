package main

import (
	"strings"
	"testing"
	"time"

	"netscope/protocols/lab"
)

func TestAct(t *testing.T) {
	s := lab.Spec{ID: "swarm", Acts: []lab.Act{{Name: "kill", Args: "PEER"}, {Name: "add"}}}
	for text, want := range map[string]lab.Action{
		"30s kill alice":  {At: 30 * time.Second, Kind: "param", Name: "kill", Text: "alice"},
		" 1m30s  add ":    {At: 90 * time.Second, Kind: "param", Name: "add"},
		"0s kill bob off": {Kind: "param", Name: "kill", Text: "bob off"},
	} {
		if got, err := act(s, text); err != nil || got != want {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"": "write the time", "kill alice": "write the time", "-1s add": "write the time", "5s sing": "this lab can kill PEER, add",
	} {
		if _, err := act(s, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := act(lab.Spec{ID: "dns"}, "5s add"); err == nil {
		t.Error("a lab without acts acts")
	}
}
