package load

import "testing"

func TestALongRunKeepsAllEventsInFewSamples(t *testing.T) {
	const windows = 10*maxSamples + 3
	var s series
	for i := range windows {
		s.add(Sample{Seconds: float64(i), Open: i, Entered: 1, Refused: 2, Sent: 3, Delivered: 4, CPU: .5})
	}
	all := s.flush()
	if len(all) > maxSamples {
		t.Errorf("%d samples, more than %d", len(all), maxSamples)
	}
	var sum Sample
	for i, one := range all {
		sum.Entered += one.Entered
		sum.Refused += one.Refused
		sum.Sent += one.Sent
		sum.Delivered += one.Delivered
		if one.CPU != .5 || i > 0 && one.Seconds <= all[i-1].Seconds {
			t.Fatalf("sample %d: %+v", i, one)
		}
	}
	if sum.Entered != windows || sum.Refused != 2*windows || sum.Sent != 3*windows || sum.Delivered != 4*windows {
		t.Errorf("%d windows became %+v", windows, sum)
	}
	if last := all[len(all)-1]; last.Open != windows-1 {
		t.Errorf("the last sample has %d open connections", last.Open)
	}
}
