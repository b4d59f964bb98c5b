// Package heavy keeps the heaviest connections of one reactor: those with the most bytes in either direction, the longest queues
// and the most refused messages over the last seconds. It has no clock: its caller says when the next slot of time begins.
//
// Each connection has a Meter, which remembers its counters at the beginning of the slot. So the amounts of a slot are exact, and
// one comparison with a bar, the hundredth-highest amount, tells whether the book must look at the connection. Only those above
// the bar get a place in the book, which then keeps their amounts slot by slot.
package heavy
