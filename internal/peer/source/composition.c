// Attention composed of a library's matrix products and a softmax of ours, and
// its plain product, as a peer: see docs/bench.md for the protocol.
//
// Compiled as it is for OpenBLAS, with -DONEDNN for oneDNN. Threads share the
// heads and blocks of queries; each calls the library's product for one thread.
#define _GNU_SOURCE
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifdef ONEDNN
#include <oneapi/dnnl/dnnl.h>
#else
#include <cblas.h>
#endif

enum { none = 0, transposed = 1 };

// product stores alpha·A·op(B) in C, m×n with k terms an element, row by row.
static void product(int op, int m, int n, int k, float alpha, const float *a, int lda, const float *b, int ldb,
                    float *c, int ldc) {
#ifdef ONEDNN
	dnnl_sgemm('N', op == transposed ? 'T' : 'N', m, n, k, alpha, a, lda, b, ldb, 0, c, ldc);
#else
	if (m == 1) { // the library's product of a matrix and a vector
		int rows = op == transposed ? n : k, cols = op == transposed ? k : n;
		cblas_sgemv(CblasRowMajor, op == transposed ? CblasNoTrans : CblasTrans, rows, cols, alpha, b, ldb, a, 1, 0, c, 1);
		return;
	}
	cblas_sgemm(CblasRowMajor, CblasNoTrans, op == transposed ? CblasTrans : CblasNoTrans, m, n, k, alpha, a, lda, b,
	            ldb, 0, c, ldc);
#endif
}

// exponential returns eˣ for x ≤ 0 within 2 units in the last place, in a form
// that compilers turn into vector instructions: 2ʳ·eᶠ, |f| ≤ log(2)/2.
static inline float exponential(float x) {
	x = x < -87 ? -87 : x;
	float r = rintf(x * 0x1.715476p0f);
	float f = fmaf(r, -0x1.7f7d1cp-20f, fmaf(r, -0x1.62e4p-1f, x));
	float p = 1 / 720.0f;
	p = fmaf(p, f, 1 / 120.0f);
	p = fmaf(p, f, 1 / 24.0f);
	p = fmaf(p, f, 1 / 6.0f);
	p = fmaf(p, f, 0.5f);
	p = fmaf(p, f, 1);
	p = fmaf(p, f, 1);
	union {
		int i;
		float f;
	} power = {((int)r + 127) << 23};
	return p * power.f;
}

// weigh replaces n logits by their exponentials after the largest is taken off,
// and returns the sum of these.
static float weigh(float *x, int n) {
	float top = -INFINITY, sum = 0;
#pragma omp simd reduction(max : top)
	for (int j = 0; j < n; j++) top = top > x[j] ? top : x[j];
#pragma omp simd reduction(+ : sum)
	for (int j = 0; j < n; j++) {
		x[j] = exponential(x[j] - top);
		sum += x[j];
	}
	return sum;
}

typedef struct {
	char kind[16], folder[4096];
	int batch, heads, keyHeads, m, n, d, causal, threads;
	float *q, *k, *v, *out; // a product has q·k = out, n×n each
	float *logits;          // threads × rows × n
	int rows;               // of logits that are computed at a time
	int grouped;            // heads with the same keys share a product
} problem;

// attend computes rows queries of `count` neighbouring heads from i0 on.
static void attend_rows(const problem *p, const float *q, const float *k, const float *v, float *out, float *logits,
                        int i0, int rows) {
	int n = p->causal && i0 + rows < p->n ? i0 + rows : p->n;
	product(transposed, rows, n, p->d, 1 / sqrtf(p->d), q, p->d, k, p->d, logits, p->n);
	float sum[rows];
	for (int i = 0; i < rows; i++) {
		float *row = logits + (size_t)i * p->n;
		int seen = p->causal && i0 + i + 1 < n ? i0 + i + 1 : n;
		sum[i] = weigh(row, seen);
		for (int j = seen; j < n; j++) row[j] = 0;
	}
	product(none, rows, p->d, n, 1, logits, p->n, v, p->d, out, p->d);
	for (int i = 0; i < rows; i++)
		for (int c = 0; c < p->d; c++) out[(size_t)i * p->d + c] /= sum[i];
}

static void attend(const problem *p) {
	int group = p->heads / p->keyHeads, merged = p->grouped ? group : 1;
	int parts = p->heads / merged, m = p->m * merged; // heads that share a product are rows of it
#pragma omp parallel for num_threads(p->threads) collapse(2) schedule(dynamic)
	for (int part = 0; part < p->batch * parts; part++) {
		for (int i0 = 0; i0 < m; i0 += p->rows) {
			int b = part / parts, h = part % parts * merged;
			size_t key = ((size_t)b * p->keyHeads + h / group) * p->n * p->d;
			size_t query = (((size_t)b * p->heads + h) * p->m + i0) * p->d;
			int rows = m - i0 < p->rows ? m - i0 : p->rows;
			attend_rows(p, p->q + query, p->k + key, p->v + key, p->out + query,
			            p->logits + (size_t)omp_get_thread_num() * p->rows * p->n, i0, rows);
		}
	}
}

static void once(const problem *p) {
	if (strcmp(p->kind, "sgemm") == 0)
		product(none, p->n, p->n, p->n, 1, p->q, p->n, p->k, p->n, p->out, p->n);
	else
		attend(p);
}

static double seconds(clockid_t clock) {
	struct timespec t;
	clock_gettime(clock, &t);
	return t.tv_sec + 1e-9 * t.tv_nsec;
}

// sample repeats the operation for at least `least` seconds, once at least.
static void sample(const problem *p, double least) {
	double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID), now;
	int times = 0;
	do {
		once(p);
		times++;
		now = seconds(CLOCK_MONOTONIC);
	} while (now - wall < least);
	printf("sample %d %.9g %.9g\n", times, now - wall, seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu);
}

static float *space(size_t size) {
	float *x = aligned_alloc(64, (4 * size + 63) / 64 * 64);
	if (!x) exit(1);
	memset(x, 0, 4 * size);
	return x;
}

// file opens the problem's file of an operand.
static FILE *file(const problem *p, const char *name, const char *mode) {
	char path[sizeof p->folder + 16];
	snprintf(path, sizeof path, "%s/%s.f32", p->folder, name);
	FILE *f = fopen(path, mode);
	if (!f) {
		printf("failed %s cannot be opened\n", path);
		exit(1);
	}
	return f;
}

static float *operand(const problem *p, const char *name, size_t size) {
	float *x = space(size);
	FILE *f = file(p, name, "rb");
	if (fread(x, 4, size, f) != size) {
		printf("failed %s is short\n", name);
		exit(1);
	}
	fclose(f);
	return x;
}

// choose takes the number of rows and the sharing of products with which the
// operation needs the least time.
static void choose(problem *p) {
	int group = p->heads / p->keyHeads, best = p->rows, shared = 0;
	double least = INFINITY;
	for (p->grouped = 0; p->grouped <= (group > 1 && !p->causal); p->grouped++) {
		for (int rows = 64; rows <= 512; rows *= 2) {
			if (rows > 64 && rows / 2 >= p->m * group) continue;
			p->rows = rows;
			double fastest = INFINITY;
			for (int k = 0; k < 3; k++) {
				double t = seconds(CLOCK_PROCESS_CPUTIME_ID);
				once(p);
				t = seconds(CLOCK_PROCESS_CPUTIME_ID) - t;
				if (k > 0 && t < fastest) fastest = t; // the first one warms up
			}
			if (fastest < least) least = fastest, best = rows, shared = p->grouped;
		}
	}
	p->rows = best, p->grouped = shared;
}

static void load(problem *p) {
	free(p->q), free(p->k), free(p->v), free(p->out), free(p->logits);
	p->v = p->logits = NULL;
	size_t size;
	if (strcmp(p->kind, "sgemm") == 0) {
		size = (size_t)p->n * p->n;
		p->q = operand(p, "q", size), p->k = operand(p, "k", size), p->out = space(size);
		once(p);
		printf("ready");
	} else {
		size = (size_t)p->batch * p->heads * p->m * p->d;
		size_t keys = (size_t)p->batch * p->keyHeads * p->n * p->d;
		p->q = operand(p, "q", size), p->k = operand(p, "k", keys), p->v = operand(p, "v", keys);
		p->out = space(size), p->logits = space((size_t)p->threads * 512 * p->n);
		choose(p);
		once(p);
		printf("ready %d rows at a time%s", p->rows, p->grouped ? ", a group of heads in one product" : "");
	}
	FILE *f = file(p, "out", "wb");
	if (fwrite(p->out, 4, size, f) != size || fclose(f) != 0) exit(1);
	printf("\n");
}

#ifndef ONEDNN
// adopt runs this program anew with the kernel of the library that multiplies
// fastest here, unless one is asked for: the library knows processors by name.
static void adopt(const char *program) {
	static const char *const kernels[] = {"", "SkylakeX", "Haswell", "Zen"};
	const char *best = "";
	double most = 0;
	if (getenv("OPENBLAS_CORETYPE")) return;
	for (int k = 0; k < 4; k++) {
		char command[sizeof(problem)];
		snprintf(command, sizeof command, "OPENBLAS_CORETYPE=%s '%s' -speed 2>/dev/null", kernels[k], program);
		FILE *f = popen(command, "r");
		double speed = 0;
		if (f && fscanf(f, "%lf", &speed) == 1 && speed > most) most = speed, best = kernels[k];
		if (f) pclose(f);
	}
	setenv("OPENBLAS_CORETYPE", best, 1);
	execl(program, program, (char *)NULL);
}

// speed prints how many products of 512×512 are made in a second.
static void speed(void) {
	problem p = {.kind = "sgemm", .n = 512};
	p.q = space(512 * 512), p.k = space(512 * 512), p.out = space(512 * 512);
	double least = INFINITY;
	for (int k = 0; k < 20; k++) {
		double t = seconds(CLOCK_PROCESS_CPUTIME_ID);
		once(&p);
		t = seconds(CLOCK_PROCESS_CPUTIME_ID) - t;
		least = t < least ? t : least;
	}
	printf("%g\n", 1 / least);
}
#endif

int main(int count, char **arguments) {
	omp_set_num_threads(1);
#ifdef ONEDNN
	(void)count, (void)arguments;
	const dnnl_version_t *v = dnnl_version();
	printf("hello oneDNN %d.%d.%d\n", v->major, v->minor, v->patch);
#else
	openblas_set_num_threads(1);
	if (count > 1 && strcmp(arguments[1], "-speed") == 0) return speed(), 0;
	adopt(arguments[0]);
	printf("hello %s, kernel %s\n", openblas_get_config(), openblas_get_corename());
#endif
	fflush(stdout);
	problem p = {0};
	char line[sizeof p];
	double least;
	while (fgets(line, sizeof line, stdin)) {
		if (sscanf(line, "load %15s %d %d %d %d %d %d %d %d %4095[^\n]", p.kind, &p.batch, &p.heads, &p.keyHeads, &p.m,
		           &p.n, &p.d, &p.causal, &p.threads, p.folder) == 10) {
			if (strcmp(p.kind, "sgemm") != 0 && strcmp(p.kind, "attention") != 0)
				printf("unsupported no %s here\n", p.kind);
			else
				load(&p);
		} else if (sscanf(line, "sample %lf", &least) == 1)
			sample(&p, least);
		else
			printf("failed no command: %s", line);
		fflush(stdout);
	}
	return 0;
}
