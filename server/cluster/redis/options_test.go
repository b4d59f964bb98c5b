package redis

import (
	"log/slog"
	"testing"
	"time"
)

func TestOptionsAreChecked(t *testing.T) {
	o := func(change func(*Options)) error {
		o := Options{Node: &peer{}, Log: slog.New(slog.DiscardHandler), Now: time.Now, History: testHistory}
		change(&o)
		err := o.check()
		if err == nil && o.Prefix == "" {
			t.Error("no prefix")
		}
		return err
	}
	for _, change := range []func(*Options){
		func(o *Options) { o.Node = nil },
		func(o *Options) { o.Now = nil },
		func(o *Options) { o.History.Age = time.Millisecond },
		func(o *Options) { o.History.Bytes = 0 },
	} {
		if o(change) == nil {
			t.Error("wrong options are accepted")
		}
	}
	for _, change := range []func(*Options){func(*Options) {}, func(o *Options) { o.History = History{} }, func(o *Options) { o.Prefix = "x" }} {
		if err := o(change); err != nil {
			t.Error(err)
		}
	}
}
