// The arithmetic of a phase vocoder between its Fourier transforms, as a plain C ABI for ctypes.
//
// The phases are those of Signalsmith Stretch 1.1.1 (Geraint Luff, "Four Ways To Write A Pitch-Shifter", ADC 2022; MIT, see
// SIGNALSMITH.txt) where nothing is transposed, with one difference: every hop says which frames of the source lie in its window,
// so that a map from output to input is followed to the frame and rounding never adds up.
//
// A spectrum has `half` bands of which band b lies (b + 1/2) / (2 half) of the sample rate high. It is had from a complex transform
// of `half` points (`packed`): the values of its even points are the even bands, and those of the odd ones, from the last on, the
// odd bands conjugated. Time 0 is the middle of a window.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <new>
#include <vector>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

// With AVX2 the same operations in the same order, eight at a time: the same samples, sooner. (Fused multiply-add would round
// otherwise, so it is left out here and by -ffp-contract=off.)
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#define PROCESSORS __attribute__((target_clones("avx2", "default"), flatten))
#else
#define PROCESSORS
#endif

namespace {

constexpr float faint = 1e-15f;
constexpr double most_stretched = 2.0, least_stretched = 0.5;  // phases are not turned further: held tones would tremble
constexpr int margin = 64;  // zeros around a spectrum: more than any step between bands reaches

// Numbers too small to matter count as zero while it lives: they would take a hundred times as long.
class FastFades {
#if defined(__SSE__)
	unsigned before = _mm_getcsr();

public:
	FastFades() { _mm_setcsr(before | 0x8040); }
	~FastFades() { _mm_setcsr(before); }
#elif defined(__aarch64__)
	std::uint64_t before;

public:
	FastFades() {
		asm volatile("mrs %0, fpcr" : "=r"(before));
		asm volatile("msr fpcr, %0" ::"r"(before | (1ull << 24)));
	}
	~FastFades() { asm volatile("msr fpcr, %0" ::"r"(before)); }
#else
public:
	FastFades() {}
	~FastFades() {}
#endif
};

struct Complex {
	float re, im;
};

inline Complex operator*(Complex a, Complex b) { return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re}; }
inline Complex operator+(Complex a, Complex b) { return {a.re + b.re, a.im + b.im}; }
inline Complex conj(Complex a) { return {a.re, -a.im}; }
inline float norm(Complex a) { return a.re * a.re + a.im * a.im; }

// Complex numbers as two rows, so that compilers can work on several at once; zeros on both sides.
struct Bands {
	std::vector<float> rows;
	float *re, *im;

	explicit Bands(int half) : rows(2 * (half + 2 * margin), 0.0f) {
		re = rows.data() + margin;
		im = re + half + 2 * margin;
	}
	Bands(Bands &&) = default;  // vectors keep their place when they move
	Complex operator[](int band) const { return {re[band], im[band]}; }
	void set(int band, Complex value) { re[band] = value.re, im[band] = value.im; }
};

void unpack(const Complex *packed, int half, Bands &bands) {
	for (int k = 0; 2 * k < half; ++k) bands.set(2 * k, packed[k]);
	for (int k = half / 2; k < half; ++k) {
		const int band = 2 * half - 1 - 2 * k;
		if (band < half) bands.set(band, conj(packed[k]));
	}
}

void pack(const Bands &bands, int half, Complex *packed) {
	for (int k = 0; k < half; ++k) packed[k] = 2 * k < half ? bands[2 * k] : conj(bands[2 * half - 1 - 2 * k]);
}

// How the phase turns from `step` bands below each band to it: the step, a fraction of a band, is interpolated.
void turns(const Bands &heard, int half, float step, Bands &turned) {
	const int whole = static_cast<int>(std::floor(-step));
	const float part = -step - whole;
	for (int b = 0; b < half; ++b) {
		const float re = heard.re[b + whole], im = heard.im[b + whole];
		const float below_re = re + (heard.re[b + whole + 1] - re) * part;
		const float below_im = im + (heard.im[b + whole + 1] - im) * part;
		turned.re[b] = heard.re[b] * below_re + heard.im[b] * below_im;
		turned.im[b] = heard.im[b] * below_re - heard.re[b] * below_im;
	}
}

// What is at work for one channel.
struct Channel {
	Bands heard, before, guess, turn, far_turn, from_above, out;
	std::vector<float> energy;

	explicit Channel(int half)
		: heard(half), before(half), guess(half), turn(half), far_turn(half), from_above(half), out(half), energy(half) {}

	// First guess: each band turns on as it turned in the source from a hop before.
	void guess_from_time(const Complex *previous, float *energies, int half) {
		for (int b = 0; b < half; ++b) {
			const float re = heard.re[b] * before.re[b] + heard.im[b] * before.im[b];
			const float im = heard.im[b] * before.re[b] - heard.re[b] * before.im[b];
			energy[b] = heard.re[b] * heard.re[b] + heard.im[b] * heard.im[b];
			const float scale = std::max(energies[b], energy[b]) + faint;
			guess.re[b] = (previous[b].re * re - previous[b].im * im) / scale;
			guess.im[b] = (previous[b].re * im + previous[b].im * re) / scale;
			energies[b] = energy[b];
		}
	}

	// What the guesses of the bands above say of each band.
	void listen_above(int half, int far) {
		for (int b = 0; b < half; ++b) {
			const int near = b + 1, high = b + far;
			from_above.re[b] = guess.re[near] * turn.re[near] + guess.im[near] * turn.im[near] +
				(guess.re[high] * far_turn.re[high] + guess.im[high] * far_turn.im[high]);
			from_above.im[b] = guess.im[near] * turn.re[near] - guess.re[near] * turn.im[near] +
				(guess.im[high] * far_turn.re[high] - guess.re[high] * far_turn.im[high]);
		}
	}

	// The band at the level it was heard with, at a phase; where there is none, as it was heard.
	Complex at_phase(int band, Complex phase) const {
		float power = norm(phase);
		if (power <= faint) {
			phase = heard[band];
			power = norm(phase) + faint;
		}
		const float scale = std::sqrt(energy[band] / power);
		return {phase.re * scale, phase.im * scale};
	}
};

// Band by band from below: the louder channel follows its neighbours, the other keeps its distance from it.
void settle(std::vector<Channel> &channels, int half, int far) {
	const int last = static_cast<int>(channels.size()) - 1;  // 1 of two channels, 0 of one
	for (int b = 0; b < half; ++b) {
		const int louder = channels[last].energy[b] > channels[0].energy[b] ? last : 0;
		auto &lead = channels[louder], &other = channels[last - louder];
		const Complex phase = lead.from_above[b] + lead.out[b - 1] * lead.turn[b] + lead.out[b - far] * lead.far_turn[b];
		const Complex settled = lead.at_phase(b, phase);
		lead.out.set(b, settled);
		if (last) other.out.set(b, other.at_phase(b, settled * (other.heard[b] * conj(lead.heard[b]))));
	}
}

}  // namespace

extern "C" {

// Of every hop two windows, ready to be transformed: the `block` frames before frame ends[h], and those a hop earlier.
// input: (channels, frames), 1 or 2 of them. window: (block). turn: (half, 2), cosine and sine of pi n / (2 half). packed: (hops, 2, channels, half).
PROCESSORS void phases_analyse(
	const float *input, std::int64_t frames, int channels, const std::int64_t *ends, int hops, int hop, int block, int half,
	const float *window, const float *turn, float *packed
) noexcept {
	const int middle = block / 2, after = block - middle, gap = half - middle;
	for (int h = 0; h < hops; ++h) {
		for (int earlier = 0; earlier < 2; ++earlier) {
			for (int c = 0; c < channels; ++c) {
				const float *heard = input + c * frames + ends[h] - block - earlier * hop;
				for (int n = 0; n < half; ++n) {
					const float late = n < after ? heard[n + middle] * window[n + middle] : 0.0f;
					const float early = n >= gap ? heard[n - gap] * window[n - gap] : 0.0f;
					const float cosine = turn[2 * n], sine = turn[2 * n + 1];
					packed[2 * n] = late * cosine + early * sine;
					packed[2 * n + 1] = early * cosine - late * sine;
				}
				packed += 2 * half;
			}
		}
	}
}

// Of every hop the spectrum that is heard.
// packed: (hops, 2, channels, half), as transformed. speeds: (hops), how many times as fast as the output the source passes.
// out: (channels, half) and energies: (channels, half) hold what the hop before left. made: (hops, channels, half).
// Returns 0 if there is no memory; then nothing was done.
PROCESSORS int phases_settle(
	const float *packed, int hops, int channels, int hop, int half, const double *speeds, float *out, float *energies,
	float *made
) noexcept {
	const FastFades fast_fades;
	std::vector<Channel> all;
	try {
		all.reserve(channels);
		for (int c = 0; c < channels; ++c) all.emplace_back(half);
	} catch (const std::bad_alloc &) {
		return 0;
	}
	const int far = static_cast<int>(std::lround(2.0 * half / hop));
	auto *heard = reinterpret_cast<const Complex *>(packed);
	auto *previous = reinterpret_cast<Complex *>(out);
	auto *settled = reinterpret_cast<Complex *>(made);
	for (int h = 0; h < hops; ++h) {
		const auto stretch = static_cast<float>(std::clamp(1 / speeds[h], least_stretched, most_stretched));
		for (int c = 0; c < channels; ++c) {
			auto &channel = all[c];
			unpack(heard + (2 * h * channels + c) * half, half, channel.heard);
			unpack(heard + ((2 * h + 1) * channels + c) * half, half, channel.before);
			channel.guess_from_time(previous + c * half, energies + c * half, half);
			turns(channel.heard, half, stretch, channel.turn);
			turns(channel.heard, half, far * stretch, channel.far_turn);
			channel.listen_above(half, far);
		}
		settle(all, half, far);
		for (int c = 0; c < channels; ++c) {
			for (int b = 0; b < half; ++b) previous[c * half + b] = all[c].out[b];
			pack(all[c].out, half, settled + (h * channels + c) * half);
		}
	}
	return 1;
}

// The windows of the hops added up, each from its hop's first frame on.
// packed: (hops, channels, half), transformed back. tail: (channels, block), what windows before have left there.
// output: (hops * hop, channels): all that has become final.
PROCESSORS void phases_add(
	const float *packed, int hops, int channels, int hop, int block, int half, const float *window, const float *turn,
	float *tail, float *output
) noexcept {
	const FastFades fast_fades;
	const int middle = block / 2, after = block - middle, gap = half - middle;
	for (int h = 0; h < hops; ++h) {
		for (int c = 0; c < channels; ++c) {
			float *sum = tail + c * block;
			for (int n = 0; n < after; ++n) {
				sum[n + middle] += (packed[2 * n] * turn[2 * n] - packed[2 * n + 1] * turn[2 * n + 1]) * window[n + middle];
			}
			for (int n = gap; n < half; ++n) {
				sum[n - gap] += (packed[2 * n] * turn[2 * n + 1] + packed[2 * n + 1] * turn[2 * n]) * window[n - gap];
			}
			for (int n = 0; n < hop; ++n) output[(static_cast<std::int64_t>(h) * hop + n) * channels + c] = sum[n];
			std::copy(sum + hop, sum + block, sum);
			std::fill(sum + block - hop, sum + block, 0.0f);
			packed += 2 * half;
		}
	}
}

}  // extern "C"
