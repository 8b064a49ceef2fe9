package peer

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"example.com/attest/internal/bench"
)

// Process is a contestant that is a program. It says "hello VERSION" and answers
// each line with one line:
//
//	load KIND BATCH HEADS KEYHEADS QUERIES KEYS CHANNELS CAUSAL THREADS FOLDER
//	sample SECONDS
//
// Load reads q.f32, k.f32, v.f32 and, for the backward pass, g.f32 in the folder –
// float32, little-endian, in the order batch, head, token, channel – computes
// once, writes out.f32 (the gradients of q, k and v one after the other) and answers "ready HOW" or "unsupported WHY". Sample
// computes for at least that long and answers "sample TIMES WALL CPU", the
// seconds that all these computations took by the clock and of processor time.
// "failed WHY" answers either.
type Process struct {
	Version string

	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
	stderr bytes.Buffer
}

// patience is how long an answer may take. The slowest one is to load a case in
// several ways.
const patience = 5 * time.Minute

// Start runs the command and waits for its greeting.
func Start(cmd *exec.Cmd) (*Process, error) {
	p := &Process{cmd: cmd}
	cmd.Stderr = &p.stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.stdin, p.stdout = stdin, bufio.NewReader(stdout)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	if p.Version, err = p.answer("hello"); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// Close ends the process.
func (p *Process) Close() {
	_ = p.stdin.Close()
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// ask sends a line and returns what follows the wanted word in the answer.
func (p *Process) ask(want, format string, arguments ...any) (string, error) {
	if _, err := fmt.Fprintf(p.stdin, format+"\n", arguments...); err != nil {
		return "", p.explain(err)
	}
	return p.answer(want)
}

func (p *Process) answer(want string) (string, error) {
	late := time.AfterFunc(patience, func() { _ = p.cmd.Process.Kill() })
	line, err := p.stdout.ReadString('\n')
	if !late.Stop() {
		return "", fmt.Errorf("no answer in %v", patience)
	}
	if err != nil {
		return "", p.explain(err)
	}
	word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	switch word {
	case want:
		return rest, nil
	case "unsupported":
		return "", fmt.Errorf("%w: %s", bench.ErrUnsupported, rest)
	case "failed":
		return "", errors.New(rest)
	}
	return "", fmt.Errorf("answered %q instead of %q", strings.TrimSpace(line), want)
}

// explain adds the last line that the process has printed on its standard error.
func (p *Process) explain(err error) error {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait() // then stderr is complete
	if errors.Is(err, io.EOF) {
		err = errors.New("the process ended")
	}
	lines := strings.Split(strings.TrimSpace(p.stderr.String()), "\n")
	if last := lines[len(lines)-1]; last != "" {
		return fmt.Errorf("%w: %s", err, last)
	}
	return err
}

// Load implements bench.Contestant.
func (p *Process) Load(c bench.Case, x *bench.Operands) (out []float32, how string, err error) {
	folder, err := os.MkdirTemp("", "attest-peer-")
	if err != nil {
		return nil, "", err
	}
	defer os.RemoveAll(folder)
	for name, data := range map[string][]float32{"q": x.Query.Data, "k": x.Key.Data, "v": x.Value.Data, "g": x.Gradient.Data} {
		if err := writeFloats(filepath.Join(folder, name+".f32"), data); err != nil {
			return nil, "", err
		}
	}
	for _, m := range models(c) {
		if err := os.WriteFile(filepath.Join(folder, m.name+".onnx"), m.file, 0o666); err != nil {
			return nil, "", err
		}
	}
	causal := 0
	if c.Causal {
		causal = 1
	}
	how, err = p.ask("ready", "load %s %d %d %d %d %d %d %d %d %s", c.Kind, c.Batch, c.Heads, c.KeyHeads,
		c.Queries, c.Keys, c.Channels, causal, c.Threads, folder)
	if err != nil {
		return nil, "", err
	}
	out, err = readFloats(filepath.Join(folder, "out.f32"))
	return out, how, err
}

// Sample implements bench.Contestant.
func (p *Process) Sample(seconds float64) (s bench.Sample, err error) {
	text, err := p.ask("sample", "sample %g", seconds)
	if err != nil {
		return s, err
	}
	if n, err := fmt.Sscanf(text, "%d %g %g", &s.Times, &s.Wall, &s.CPU); n != 3 || s.Times < 1 || !(s.Wall > 0 && s.CPU > 0) {
		return s, fmt.Errorf("answered %q to sample (%v)", text, err)
	}
	return s, nil
}

func writeFloats(path string, x []float32) error {
	var buffer bytes.Buffer
	buffer.Grow(4 * len(x))
	if err := binary.Write(&buffer, binary.LittleEndian, x); err != nil {
		return err
	}
	return os.WriteFile(path, buffer.Bytes(), 0o666)
}

func readFloats(path string) ([]float32, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	out := make([]float32, len(data)/4)
	return out, binary.Read(bytes.NewReader(data), binary.LittleEndian, out)
}

// command returns the command of a peer, run in the folder.
func command(ctx context.Context, folder string, words []string) *exec.Cmd {
	name := words[0]
	if strings.HasPrefix(name, "./") {
		name = filepath.Join(folder, name)
	}
	cmd := exec.CommandContext(ctx, name, words[1:]...)
	cmd.Dir = folder
	return cmd
}
