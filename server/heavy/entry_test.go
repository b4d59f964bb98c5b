package heavy

import "testing"

func TestAnEntryForgetsSlotsAfterAMinute(t *testing.T) {
	e := entry{used: true}
	e.close(20, Amounts{Out: 5, Queued: 9}, 21)
	e.close(21, Amounts{Out: 7, Queued: 2}, 25) // three slots pass without a turn
	if all := e.sum(25, past, Amounts{Out: 1, Queued: 3}); all != [measures]uint64{Out: 13, Queued: 9} {
		t.Errorf("the sum is %v", all)
	}
	if all := e.sum(25, 4, Amounts{}); all != [measures]uint64{Out: 7, Queued: 2} {
		t.Errorf("the sum of four slots is %v", all)
	}
	e.close(25, Amounts{}, 25+past-4)
	if e.idle() || e.sum(25+past-4, past, Amounts{})[Out] != 7 {
		t.Errorf("%+v", e)
	}
	if e.close(33, Amounts{Refused: 1}, 33+past+1); !e.idle() {
		t.Errorf("after a minute: %+v", e)
	}
}

// TestAnEntryOfTheFirstSlotsHasNoSlotsBefore: the numbers of slots begin at 0.
func TestAnEntryOfTheFirstSlotsHasNoSlotsBefore(t *testing.T) {
	e := entry{used: true}
	e.close(0, Amounts{In: 3}, 1)
	if all := e.sum(1, past, Amounts{In: 1}); all[In] != 4 {
		t.Errorf("%v", all)
	}
}
