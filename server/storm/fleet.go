package storm

// fleet remembers how many connections there were in the last steps.
type fleet struct {
	live [memorySteps]int
	next int
}

func (f *fleet) add(live int) {
	f.live[f.next] = live
	f.next = (f.next + 1) % len(f.live)
}

// most returns the highest number.
func (f *fleet) most() (n int) {
	for _, live := range f.live {
		n = max(n, live)
	}
	return n
}
