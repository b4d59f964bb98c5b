package report

import (
	"encoding/json"
	"fmt"
	"html"
	"html/template"
	"math"
	"strings"
)

// The size of a picture, and the room for the labels of its axes, in SVG units.
const (
	plotWidth, plotHeight   = 640.0, 300.0
	plotLeft, plotRight     = 68.0, 626.0
	plotTop, plotBottom     = 12.0, 262.0
	tickLength, labelOffset = 4.0, 8.0
)

type point struct{ x, y float64 }

// curve is one line. Its colour depends on its index in the plot.
type curve struct {
	name   string
	filled bool
	dashed bool
	dots   bool // single points, without a line between them
	points []point
}

// plot is one picture.
type plot struct {
	title, subtitle string
	xUnit, yUnit    string
	logX, logY      bool
	top             float64 // the y axis ends at this value or above
	until           float64 // end of the time axis; unused with logX
	curves          []curve
}

// draw writes the plot as SVG, and its values for the script that shows them at the pointer.
func (p *plot) draw() template.HTML {
	x, y := p.axes()
	var b strings.Builder
	fmt.Fprintf(&b, `<figure class="plot"><figcaption><b>%s</b> <span>%s</span></figcaption>`, html.EscapeString(p.title), html.EscapeString(p.subtitle))
	p.legend(&b)
	fmt.Fprintf(&b, `<div class="canvas"><svg viewBox="0 0 %g %g" role="img" aria-label="%s, %s">`, plotWidth, plotHeight, html.EscapeString(p.title), html.EscapeString(p.subtitle))
	p.grid(&b, x, y)
	for i, c := range p.curves {
		c.draw(&b, i, x, y)
	}
	fmt.Fprintf(&b, `<line class="cross" y1="%g" y2="%g" visibility="hidden"/></svg><div class="tip" hidden></div>`, plotTop, plotBottom)
	p.values(&b, x)
	b.WriteString(`</div></figure>`)
	return template.HTML(b.String())
}

func (p *plot) axes() (x, y axis) {
	low, high := point{math.Inf(1), math.Inf(1)}, point{math.Inf(-1), math.Max(p.top, 0)}
	for _, c := range p.curves {
		for _, q := range c.points {
			low = point{math.Min(low.x, q.x), math.Min(low.y, q.y)}
			high = point{math.Max(high.x, q.x), math.Max(high.y, q.y)}
		}
	}
	x = newTimeAxis(0, math.Max(high.x, p.until), plotLeft, plotRight)
	if p.logX {
		x = newAxis(low.x, high.x, plotLeft, plotRight, true)
	}
	return x, newAxis(low.y, high.y, plotBottom, plotTop, p.logY)
}

// legend lists the names of the curves.
func (p *plot) legend(b *strings.Builder) {
	b.WriteString(`<ul class="legend">`)
	for i, c := range p.curves {
		fmt.Fprintf(b, `<li><i class="c%d%s"></i>%s</li>`, i, c.style(), html.EscapeString(c.name))
	}
	b.WriteString(`</ul>`)
}

func (p *plot) grid(b *strings.Builder, x, y axis) {
	for i, v := range y.ticks {
		label := tickLabel(v)
		if i == len(y.ticks)-1 {
			label = strings.TrimSpace(label + " " + p.yUnit)
		}
		fmt.Fprintf(b, `<line class="grid" x1="%g" x2="%g" y1="%.1f" y2="%.1f"/>`, plotLeft, plotRight, y.position(v), y.position(v))
		fmt.Fprintf(b, `<text class="tick" text-anchor="end" x="%g" y="%.1f">%s</text>`, plotLeft-labelOffset, y.position(v)+4, html.EscapeString(label))
	}
	for _, v := range x.ticks {
		fmt.Fprintf(b, `<line class="axis" x1="%.1f" x2="%.1f" y1="%g" y2="%g"/>`, x.position(v), x.position(v), plotBottom, plotBottom+tickLength)
		fmt.Fprintf(b, `<text class="tick" text-anchor="middle" x="%.1f" y="%g">%s</text>`, x.position(v), plotBottom+18, tickLabel(v))
	}
	fmt.Fprintf(b, `<line class="axis" x1="%g" x2="%g" y1="%g" y2="%g"/>`, plotLeft, plotRight, plotBottom, plotBottom)
	fmt.Fprintf(b, `<text class="unit" text-anchor="end" x="%g" y="%g">%s</text>`, plotRight, plotHeight-4, html.EscapeString(p.xUnit))
}

func (c *curve) draw(b *strings.Builder, i int, x, y axis) {
	if c.dots {
		for _, q := range c.points {
			fmt.Fprintf(b, `<circle class="dot c%d" cx="%.1f" cy="%.1f" r="3.5"/>`, i, x.position(q.x), y.position(q.y))
		}
		return
	}
	var path strings.Builder
	for n, q := range c.points {
		command := 'L'
		if n == 0 {
			command = 'M'
		}
		fmt.Fprintf(&path, "%c%.1f %.1f", command, x.position(q.x), y.position(q.y))
	}
	if c.filled {
		first, last := c.points[0], c.points[len(c.points)-1]
		fmt.Fprintf(b, `<path class="area c%d" d="%sL%.1f %gL%.1f %gZ"/>`, i, path.String(), x.position(last.x), plotBottom, x.position(first.x), plotBottom)
	}
	fmt.Fprintf(b, `<path class="curve c%d%s" d="%s"/>`, i, c.style(), path.String())
}

// style returns the CSS class of a curve that is not a plain line.
func (c *curve) style() string {
	switch {
	case c.dashed:
		return " dashed"
	case c.dots:
		return " dots"
	}
	return ""
}

// pointer is a value that the script shows at the pointer.
type pointer struct {
	At   float64 `json:"at"` // x position in the picture
	Text string  `json:"x"`
	Y    string  `json:"y"`
}

// values writes the data of the script that shows values at the pointer.
func (p *plot) values(b *strings.Builder, x axis) {
	all := make(map[string][]pointer)
	for _, c := range p.curves {
		for _, q := range c.points {
			all[c.name] = append(all[c.name], pointer{math.Round(10*x.position(q.x)) / 10, valueLabel(q.x) + " " + p.xUnit, valueLabel(q.y) + " " + p.yUnit})
		}
	}
	text, err := json.Marshal(all) // it escapes <, > and &, so that no value can end the script element
	if err == nil {
		fmt.Fprintf(b, `<script type="application/json">%s</script>`, text)
	}
}

func valueLabel(v float64) string {
	if math.Abs(v) >= 100 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}
