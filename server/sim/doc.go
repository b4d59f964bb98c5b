// Package sim holds a simulation and nothing else: a whole node on netpolltest's clock and network, a crowd of
// clients good and bad, and a model that knows what each of them must hear. One seed decides everything that
// happens, and so replays it (docs/TESTING.md).
package sim
