package metrics

import "testing"

// TestHistogramsAreCumulative reads a histogram as Prometheus does.
func TestHistogramsAreCumulative(t *testing.T) {
	_, addr, url := serve(t)
	defer join(t, addr, "alice").CloseNow()
	h := scrape(t, url)["momentum_handshake_seconds"].GetMetric()[0].GetHistogram()
	buckets := h.GetBucket()
	for i := 1; i < len(buckets); i++ {
		if buckets[i].GetUpperBound() <= buckets[i-1].GetUpperBound() || buckets[i].GetCumulativeCount() < buckets[i-1].GetCumulativeCount() {
			t.Errorf("bucket %d is not in order: %v", i, buckets)
		}
	}
	if h.GetSampleCount() != 1 || buckets[len(buckets)-1].GetCumulativeCount() != 1 || h.GetSampleSum() <= 0 {
		t.Errorf("one handshake is shown as %v", h)
	}
}
