// Signalsmith Stretch with a position of its own for every hop, as a plain C ABI for ctypes.
//
// The library's `process` spreads each call's input evenly over its output. Here every hop says which samples of the source lie
// in its window, so that a map from output to input is followed to the sample and rounding never adds up. Nothing is kept between
// hops but the phases: `seek` brings the whole window and the hop before it, and `process` then makes one spectrum.

#include <algorithm>
#include <cstdint>
#include <exception>
#include <random>

#include "signalsmith/signalsmith-stretch.h"

// With AVX2 the same operations in the same order, eight at a time: the same samples, a fifth faster. (Fused multiply-add would
// round otherwise, so it is left out here and by -ffp-contract=off.)
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#define PROCESSORS __attribute__((target_clones("avx2", "default"), flatten))
#else
#define PROCESSORS
#endif

namespace {

// The library reads and writes `samples[channel][frame]`; ours are interleaved.
template <typename Sample>
struct Interleaved {
	struct Channel {
		Sample *first;
		int channels;
		Sample &operator[](int frame) const { return first[static_cast<std::int64_t>(frame) * channels]; }
	};
	Sample *frames;
	int channels;
	Channel operator[](int channel) const { return {frames + channel, channels}; }
};

struct Feed {
	// The engine randomises phases beyond a stretch of two, which makes held tones tremble; `feed` never says more than two.
	signalsmith::stretch::SignalsmithStretch<float, std::minstd_rand> stretch{1};
	int channels, block, hop;

	Feed(int channels, int block, int hop) : channels(channels), block(block), hop(hop) {
		stretch.configure(channels, block, hop);
		stretch.reset();
	}
};

constexpr double slowest = 0.5;

}  // namespace

extern "C" {

// nullptr if there is no memory.
void *feed_create(int channels, int block, int hop) noexcept {
	try {
		return new Feed(channels, block, hop);
	} catch (const std::exception &) {
		return nullptr;
	}
}

void feed_destroy(void *feed) noexcept { delete static_cast<Feed *>(feed); }

// Hop h is made of the `block` frames of `input` before frame ends[h], while the source passes speeds[h] times as fast as the
// output; block + hop frames before each end are read. Hop h of `output` is what has become final with it: all but the first of
// its windows began earlier.
PROCESSORS void feed_hops(
	void *opaque, const float *input, const std::int64_t *ends, const double *speeds, int hops, float *output
) noexcept {
	auto &feed = *static_cast<Feed *>(opaque);
	signalsmith::perf::StopDenormals fast_fades;
	const int window = feed.block + feed.hop;
	for (int h = 0; h < hops; ++h) {
		const Interleaved<const float> heard{input + (ends[h] - window) * feed.channels, feed.channels};
		const Interleaved<float> made{output + static_cast<std::int64_t>(h) * feed.hop * feed.channels, feed.channels};
		feed.stretch.seek(heard, window, std::max(slowest, speeds[h]));
		feed.stretch.process(heard, 0, made, feed.hop);
	}
}

}  // extern "C"
