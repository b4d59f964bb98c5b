package main

import "fmt"

// measurement has the figures of one server at one job in one round. CPU time is for the job's unit. Zero means that the job
// has no such figure.
type measurement struct {
	Round     int         `json:"round"`
	Server    string      `json:"server"`
	Job       string      `json:"job"`
	Failed    string      `json:"failed,omitempty"`
	Count     int64       `json:"count,omitempty"`
	CPUMicros float64     `json:"cpu_us,omitempty"`
	PerSecond float64     `json:"per_second,omitempty"`
	P50       float64     `json:"p50_us,omitempty"`
	P99       float64     `json:"p99_us,omitempty"`
	P999      float64     `json:"p999_us,omitempty"`
	Resident  float64     `json:"bytes_per_connection,omitempty"`
	Jitter    *deliveries `json:"jitter,omitempty"`
	Others    float64     `json:"others_percent,omitempty"` // of the server's core, used by other work during the measurement
}

// String shows a measurement on one line, as progress.
func (m measurement) String() string {
	if m.Failed != "" {
		return "failed: " + m.Failed
	}
	if m.Jitter != nil {
		return m.Jitter.String()
	}
	if m.Resident > 0 {
		return fmt.Sprintf("%.0f B", m.Resident)
	}
	return fmt.Sprintf("%.2f µs CPU, %.0f/s, p99 %.0f µs", m.CPUMicros, m.PerSecond, m.P99)
}
