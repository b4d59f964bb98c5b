package main

import (
	"testing"
	"time"
)

func TestWithoutRedisTheUsersHaveLeftAfterTheGrace(t *testing.T) {
	one := &side{}
	if one.left(time.Hour)() {
		t.Error("users have left at once")
	}
	if one.memory() != 0 {
		t.Error("no Redis has memory")
	}
}
