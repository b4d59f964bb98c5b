package server

import (
	"context"
	"errors"
	"sync"
	"testing"
)

func TestAwaitReturnsAfterTheLastAnswer(t *testing.T) {
	var answers sync.WaitGroup
	answers.Add(2)
	go answers.Done()
	go answers.Done()
	if err := await(context.Background(), &answers); err != nil {
		t.Error(err)
	}
}

func TestAwaitEndsWithItsContext(t *testing.T) {
	var answers sync.WaitGroup
	answers.Add(1)
	defer answers.Done()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := await(ctx, &answers); !errors.Is(err, context.Canceled) {
		t.Errorf("await returned %v", err)
	}
}
