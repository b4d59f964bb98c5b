// Package sim holds simulations and nothing else: a whole node on the clock and network of netpolltest, a crowd of
// good and bad clients, and a model of the messages that each must receive; and a fleet, which is several nodes on one
// modelled bus. One seed decides everything that happens, and so replays it (docs/TESTING.md).
package sim
