package guard

import "golang.org/x/sys/unix"

// Pages says whether faults can be expected at all.
const Pages = true

// pages maps at least n bytes, at least one page, between two pages that cannot
// be touched.
func pages(n int) ([]byte, func(), error) {
	page := unix.Getpagesize()
	inner := max(1, (n+page-1)/page) * page
	all, err := unix.Mmap(-1, 0, inner+2*page, unix.PROT_NONE, unix.MAP_ANON|unix.MAP_PRIVATE)
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

// reserve maps n bytes that take up memory page by page, as they are written to.
func reserve(n int) ([]byte, func(), error) {
	if Raced { // the race detector would need as much memory again for each page
		return nil, nil, unix.ENOSYS
	}
	all, err := unix.Mmap(-1, 0, n, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE|unix.MAP_NORESERVE)
	if err != nil {
		return nil, nil, err
	}
	_ = unix.Madvise(all, unix.MADV_NOHUGEPAGE) // or the kernel may give 2 MiB for each
	return all, func() { _ = unix.Munmap(all) }, nil
}
