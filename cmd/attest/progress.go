package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// progress shows one line that is written over, on a terminal alone.
type progress struct {
	mu          sync.Mutex
	w           io.Writer // nil: show nothing
	total, made int
	shown       time.Time
}

func newProgress(stderr io.Writer) *progress {
	f, ok := stderr.(*os.File)
	if !ok {
		return &progress{}
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return &progress{}
	}
	return &progress{w: f}
}

func (p *progress) start(total int) { p.total += total }

func (p *progress) done(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.made++
	if p.w == nil || time.Since(p.shown) < 50*time.Millisecond {
		return
	}
	p.shown = time.Now()
	fmt.Fprintf(p.w, "\r%d of %d  %s\x1b[K", p.made, p.total, strings.ToValidUTF8(what, "?"))
}

// end clears the line.
func (p *progress) end() {
	if p.w != nil {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
