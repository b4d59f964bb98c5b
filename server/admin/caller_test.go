package admin

import (
	"net/http/httptest"
	"testing"
)

func TestARequestHasItsCaller(t *testing.T) {
	r := httptest.NewRequest("GET", "/ws/stats", nil)
	if by := callerOf(r); by != (caller{}) {
		t.Errorf("a request that was not allowed yet is of %+v", by)
	}
	if by := callerOf(withCaller(r, caller{"grafana", Read})); by != (caller{"grafana", Read}) {
		t.Errorf("it is of %+v", by)
	}
}
