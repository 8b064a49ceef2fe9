module example.com/kernel

go 1.26.0

require example.com/attest v0.0.0

require (
	golang.org/x/sys v0.49.0 // indirect
	gonum.org/v1/gonum v0.17.0 // indirect
	pgregory.net/rapid v1.3.0 // indirect
)

replace example.com/attest => ../..
