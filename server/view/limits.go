package view

import "time"

const (
	// Step is the time between two views. People read no faster, and the rates of a shorter step would jump.
	Step = time.Second

	// pastSteps is how far back the history goes: fifteen minutes. A storm of all clients of a node is over by then, and an operator whom
	// an alert wakes has opened the page.
	pastSteps = 15 * 60

	// windowSteps is the time over which quantiles are taken. A reactor's lag is measured ten times a second, so one second would not have
	// a p99.
	windowSteps = 10

	// shareSteps is for how long the last known share of a core stands for a reactor that has not measured a newer one: an idle one
	// measures once a second, and not in time with the views.
	shareSteps = 3

	// patience is how long a viewer may read nothing while the kernel has no more room for it: that is some megabytes, minutes of views.
	patience = 10 * time.Second

	// stall is how long all viewers wait for one whose connection does not take a view at once. Then it gets a goroutine of its own.
	stall = 5 * time.Millisecond

	// minuteSteps is the time over which closes are counted.
	minuteSteps = 60
)
