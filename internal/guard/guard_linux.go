package guard

import "golang.org/x/sys/unix"

// Pages says whether faults can be expected at all.
const Pages = true

// pages maps at least n bytes, at least one page, between two pages that cannot
// be touched.
func pages(n int) ([]byte, func(), error) { return between(n, 0) }

// between is pages with flags of the mapping.
func between(n, flags int) ([]byte, func(), error) {
	page := unix.Getpagesize()
	inner := max(1, (n+page-1)/page) * page
	all, err := unix.Mmap(-1, 0, inner+2*page, unix.PROT_NONE, unix.MAP_ANON|unix.MAP_PRIVATE|flags)
	if err != nil {
		return nil, nil, err
	}
	free := func() { _ = unix.Munmap(all) }
	data := all[page : page+inner : page+inner]
	if err := unix.Mprotect(data, unix.PROT_READ|unix.PROT_WRITE); err != nil {
		free()
		return nil, nil, err
	}
	return data, free, nil
}

// reserve is pages, of memory that is taken up page by page, as it is written to.
func reserve(n int) ([]byte, func(), error) {
	if Raced { // the race detector would need as much memory again for each page
		return nil, nil, unix.ENOSYS
	}
	data, free, err := between(n, unix.MAP_NORESERVE)
	if err == nil {
		_ = unix.Madvise(data, unix.MADV_NOHUGEPAGE) // or the kernel may give 2 MiB for each
	}
	return data, free, err
}
