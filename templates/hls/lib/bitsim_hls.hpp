// SPDX-License-Identifier: LicenseRef-bitsim-output (yours without conditions)
// The static library of bitsim's HLS target: folded matrix-vector units on ternary or binary weights, the requantizers, input
// and output of AXI4-Stream frames. Data is added, subtracted, compared and shifted; nothing is multiplied.
// C++14, types of at most 64 bits, streams without names: what vendors' and plain compilers agree on. Pragmas of Vitis HLS stand
// inside what they are about, those of Catapult in front of it; each tool passes over the other's.
//   BITSIM_WORD_BEATS  beats are words, {last, data} in and {user, last, data} out, instead of ap_axiu
//   BITSIM_CHANNEL     storage class of the streams between the units: static where a tool wants it
#ifndef BITSIM_HLS_HPP
#define BITSIM_HLS_HPP

#ifndef BITSIM_WORD_BEATS
#include <ap_axi_sdata.h>
#endif
#include <ap_int.h>
#include <hls_stream.h>

#include <cstdint>

#ifndef BITSIM_CHANNEL
#define BITSIM_CHANNEL
#endif

namespace bitsim {

// An input beat of Bits bits of data, an output beat of 32.
#ifdef BITSIM_WORD_BEATS
template <int Bits>
struct InBeat {
  typedef ap_uint<Bits + 1> type;
  static ap_uint<64> data(const type& beat) { return ap_uint<Bits>(beat); }
  static bool last(const type& beat) { return (beat >> Bits) != 0; }
  static type make(const ap_uint<64>& data, bool last) {
    const type high = last ? 1 : 0;
    return data | ap_uint<64>(high) << Bits;
  }
};

struct OutBeat {
  typedef ap_uint<34> type;
  static ap_int<32> data(const type& beat) { return ap_int<32>(beat); }
  static bool last(const type& beat) { return (beat >> 32 & 1) != 0; }
  static bool user(const type& beat) { return (beat >> 33) != 0; }
  static type make(const ap_int<32>& data, bool last, const ap_uint<1>& user) {
    const type low = ap_uint<32>(data);
    const type middle = last ? 1 : 0;
    const type high = user;
    return high << 33 | middle << 32 | low;
  }
};
#else
template <int Bits>
struct InBeat {
  typedef ap_axiu<Bits, 1, 1, 1> type;
  static ap_uint<64> data(const type& beat) { return ap_uint<64>(beat.data); }
  static bool last(const type& beat) { return beat.last != 0; }
  static type make(const ap_uint<64>& data, bool last) {
    type beat;
    beat.data = data;
    beat.keep = -1;
    beat.strb = -1;
    beat.user = 0;
    beat.id = 0;
    beat.dest = 0;
    beat.last = last ? 1 : 0;
    return beat;
  }
};

struct OutBeat {
  typedef ap_axiu<32, 1, 1, 1> type;
  static ap_int<32> data(const type& beat) { return ap_int<32>(beat.data); }
  static bool last(const type& beat) { return beat.last != 0; }
  static bool user(const type& beat) { return beat.user != 0; }
  static type make(const ap_int<32>& data, bool last, const ap_uint<1>& user) {
    type beat;
    beat.data = data;
    beat.keep = 15;
    beat.strb = 15;
    beat.user = user;
    beat.id = 0;
    beat.dest = 0;
    beat.last = last ? 1 : 0;
    return beat;
  }
};
#endif

// What the testbench sees of hidden layers: every code as it leaves its requantizer. Nothing of it is synthesized.
#ifdef BITSIM_TAPS
void tap(int layer, int neuron, int code);
#define BITSIM_TAP(layer, neuron, code) ::bitsim::tap(layer, neuron, (code).to_int())
#else
#define BITSIM_TAP(layer, neuron, code)
#endif

// The stream of one lane out of several; the lane is a variable, so every lane is looked at.
template <int Lanes, class T>
T read_lane(hls::stream<T> (&lanes)[Lanes], int lane) {
#pragma HLS INLINE
  T value = 0;
#pragma hls_unroll yes
  for (int i = 0; i < Lanes; ++i) {
#pragma HLS UNROLL
    if (i == lane) value = lanes[i].read();
  }
  return value;
}

template <int Lanes, class T>
void write_lane(hls::stream<T> (&lanes)[Lanes], int lane, const T& value) {
#pragma HLS INLINE
#pragma hls_unroll yes
  for (int i = 0; i < Lanes; ++i) {
#pragma HLS UNROLL
    if (i == lane) lanes[i].write(value);
  }
}

inline int next_of(int index, int count) { return index == count - 1 ? 0 : index + 1; }

// One frame of input beats. A frame whose last comes early is filled up with zeros; one whose last comes late loses the
// surplus. Either way `fault` is 1 and the next frame is taken as usual.
template <int Beats, int Bits>
class Frame {
 public:
  typedef typename InBeat<Bits>::type Beat;

  explicit Frame(hls::stream<Beat>& source) : source_(source), ended_(false), index_(0) {}

  // Data of the next beat.
  ap_uint<64> next() {
#pragma HLS INLINE
    ap_uint<64> data = 0;
    if (!ended_) {
      const Beat beat = source_.read();
      data = InBeat<Bits>::data(beat);
      ended_ = InBeat<Bits>::last(beat);
      if (ended_ && index_ != Beats - 1) fault_ = 1;
    }
    ++index_;
    return data;
  }

  // After the last beat that counts: drops what comes too late.
  ap_uint<1> finish() {
#pragma HLS INLINE
    while (!ended_) {
      const Beat beat = source_.read();
      ended_ = InBeat<Bits>::last(beat);
      fault_ = 1;
    }
    return fault_;
  }

 private:
  hls::stream<Beat>& source_;
  bool ended_;
  int index_;
  ap_uint<1> fault_ = 0;
};

// Every code is one pixel: code = pixel >> Shift. Lanes pixels of 8 bits a beat, the first lowest; Lanes divides Simd.
#pragma hls_design
template <int Pixels, int Lanes, int Shift, int CodeBits, int Simd>
void read_pixels(hls::stream<typename InBeat<(Lanes << 3)>::type>& source, hls::stream<ap_uint<CodeBits> > (&codes)[Simd],
                 hls::stream<ap_uint<1> >& fault) {
#pragma HLS INLINE off
  Frame<Pixels / Lanes, (Lanes << 3)> frame(source);
  int lane = 0;
#pragma hls_pipeline_init_interval 1
  for (int beat = 0; beat < Pixels / Lanes; ++beat) {
#pragma HLS PIPELINE II = 1
    const ap_uint<64> data = frame.next();
#pragma hls_unroll yes
    for (int i = 0; i < Lanes; ++i) {
#pragma HLS UNROLL
      const ap_uint<8> pixel = data >> (i << 3);
      write_lane(codes, lane + i, ap_uint<CodeBits>(pixel >> Shift));
    }
    lane = lane + Lanes == Simd ? 0 : lane + Lanes;
  }
  fault.write(frame.finish());
}

// Codes are sums of windows: code = (sum of PoolRows x PoolCols pixels) >> Shift, over CropRows x CropCols pixels from row Top,
// column Left. One pixel a beat.
#pragma hls_design
template <int Rows, int Cols, int Top, int Left, int CropRows, int CropCols, int PoolRows, int PoolCols, int Shift,
          int SumBits, int CodeBits, int Simd>
void read_windows(hls::stream<InBeat<8>::type>& source, hls::stream<ap_uint<CodeBits> > (&codes)[Simd],
                  hls::stream<ap_uint<1> >& fault) {
#pragma HLS INLINE off
  static const int Windows = CropCols / PoolCols;
  Frame<Rows * Cols, 8> frame(source);
  ap_uint<SumBits> sums[Windows];
  int lane = 0;
  int y = 0;  // row and column inside a window
  for (int row = 0; row < Rows; ++row) {
    int x = 0;
    int window = 0;
    const bool row_inside = row >= Top && row < Top + CropRows;
#pragma hls_pipeline_init_interval 1
    for (int col = 0; col < Cols; ++col) {
#pragma HLS PIPELINE II = 1
      const ap_uint<64> data = frame.next();
      if (row_inside && col >= Left && col < Left + CropCols) {
        const ap_uint<8> pixel = data;
        const ap_uint<SumBits> before = x == 0 && y == 0 ? ap_uint<SumBits>(0) : sums[window];
        const ap_uint<SumBits> sum = before + pixel;
        sums[window] = sum;
        if (x == PoolCols - 1 && y == PoolRows - 1) {
          write_lane(codes, lane, ap_uint<CodeBits>(sum >> Shift));
          lane = next_of(lane, Simd);
        }
        if (x == PoolCols - 1) window = next_of(window, Windows);
        x = next_of(x, PoolCols);
      }
    }
    if (row_inside) y = next_of(y, PoolRows);
  }
  fault.write(frame.finish());
}

// The input where the trit takes part, negated where it subtracts, else 0. Codes: 00 zero, 01 +1, 11 -1; binary: 0 +1, 1 -1. Masks
// instead of a choice: the same gates, and no branch that a processor could mispredict in C simulation.
template <int InBits, int CodeBits>
ap_int<InBits + 1> select(unsigned code, const ap_uint<InBits>& input) {
#pragma HLS INLINE
  const bool take = CodeBits == 1 || (code & 1u) != 0;
  const bool subtract = CodeBits == 1 ? (code & 1u) != 0 : (code & 2u) != 0;
  const ap_int<InBits + 1> plus = input;
  const ap_int<InBits + 1> taken = take ? -1 : 0;
  const ap_int<InBits + 1> sign = subtract ? -1 : 0;
  return ((plus & taken) ^ sign) - sign;
}

// A dense layer folded onto Pe x Simd select-adders: one word of Simd inputs a cycle, Pe rows at a time. Frame words are kept
// and played back for each of the Outputs / Pe passes. rom[pe][chunk][step] holds ChunkLanes trit codes, lane 0 lowest.
// start[0] is what every row starts from, or start[row] when there are biases (HasBias).
#pragma hls_design
template <int Inputs, int Outputs, int Pe, int Simd, int InBits, int CodeBits, int AccBits, int ChunkLanes, int HasBias,
          class Word, int Chunks, int Steps, int Starts>
void dense(hls::stream<ap_uint<InBits> > (&in)[Simd], hls::stream<ap_int<AccBits> > (&out)[Pe],
           const Word (&rom)[Pe][Chunks][Steps], const std::int32_t (&start)[Starts]) {
#pragma HLS INLINE off
#pragma HLS ARRAY_PARTITION variable = rom complete dim = 1
#pragma HLS ARRAY_PARTITION variable = rom complete dim = 2
  static const int Words = Inputs / Simd;
  static const int Passes = Outputs / Pe;
  ap_uint<InBits> buffer[Words][Simd];
#pragma HLS ARRAY_PARTITION variable = buffer complete dim = 2
  ap_int<AccBits> acc[Pe];
#pragma HLS ARRAY_PARTITION variable = acc complete
  int step = 0;
  int row = 0;  // of PE 0
  for (int pass = 0; pass < Passes; ++pass) {
#pragma hls_pipeline_init_interval 1
    for (int word = 0; word < Words; ++word) {
#pragma HLS PIPELINE II = 1
      ap_uint<InBits> input[Simd];
#pragma HLS ARRAY_PARTITION variable = input complete
#pragma hls_unroll yes
      for (int i = 0; i < Simd; ++i) {
#pragma HLS UNROLL
        if (pass == 0) buffer[word][i] = in[i].read();
        input[i] = buffer[word][i];
      }
#pragma hls_unroll yes
      for (int p = 0; p < Pe; ++p) {
#pragma HLS UNROLL
        ap_int<AccBits> sum = 0;
#pragma hls_unroll yes
        for (int i = 0; i < Simd; ++i) {
#pragma HLS UNROLL
          const unsigned codes = rom[p][i / ChunkLanes][step];
          const unsigned code = codes >> (CodeBits == 2 ? (i % ChunkLanes) << 1 : i % ChunkLanes);
          sum = sum + select<InBits, CodeBits>(code, input[i]);
        }
        const ap_int<AccBits> first = start[HasBias ? row + p : 0];
        const ap_int<AccBits> base = word == 0 ? first : acc[p];
        acc[p] = base + sum;
        if (word == Words - 1) out[p].write(acc[p]);
      }
      ++step;
    }
    row += Pe;
  }
}

// Two trits of a pair v = (v mod 3, v div 3), 0, 1, 2 for 0, +1, -1, as codes; the first in the lowest bits.
inline unsigned base3_pair(unsigned v) {
#pragma HLS INLINE
  static const unsigned char codes[9] = { 0, 1, 3, 4, 5, 7, 12, 13, 15 };
  return codes[v];
}

// Five trits out of one byte, the first in the lowest bits: byte = {p, x, y}, 3 + 3 + 2 bits, where x = 110 and y = 10 are escapes.
inline unsigned base3_codes(unsigned byte) {
#pragma HLS INLINE
  const unsigned p = (byte >> 5) & 7u;
  const unsigned field = (byte >> 2) & 7u;
  const unsigned y = byte & 3u;
  const bool far = field == 6u;
  const unsigned x = far ? p : field;
  const unsigned first = base3_pair(far ? 8u : p);
  const unsigned second = base3_pair(y == 2u ? 7u + (x >> 2) : x == 7u ? 6u : x);
  const unsigned last = y == 2u ? x & 3u : y;
  return first | second << 4 | last << 8;
}

// As dense, with five trits a byte: rom[0][g] holds the bytes of lanes 4g to 4g + 3, of all PEs in a row. A byte's fifth trit
// waits until four words were read; the fifth step is theirs and reads nothing.
#pragma hls_design
template <int Inputs, int Outputs, int Pe, int Simd, int InBits, int AccBits, int HasBias, int Bytes, int Steps, int Starts>
void dense_base3(hls::stream<ap_uint<InBits> > (&in)[Simd], hls::stream<ap_int<AccBits> > (&out)[Pe],
                 const std::uint8_t (&rom)[1][Bytes][Steps], const std::int32_t (&start)[Starts]) {
#pragma HLS INLINE off
#pragma HLS ARRAY_PARTITION variable = rom complete dim = 1
#pragma HLS ARRAY_PARTITION variable = rom complete dim = 2
  static const int Words = Inputs / Simd;
  static const int Passes = Outputs / Pe;
  ap_uint<InBits> buffer[Words][Simd];
#pragma HLS ARRAY_PARTITION variable = buffer complete dim = 2
  ap_int<AccBits> acc[Pe];
#pragma HLS ARRAY_PARTITION variable = acc complete
  unsigned waiting[Bytes] = {};  // codes of fifth trits, the first word's lowest
#pragma HLS ARRAY_PARTITION variable = waiting complete
  int address = 0;
  int phase = 0;  // of five steps
  int row = 0;    // of PE 0
  for (int pass = 0; pass < Passes; ++pass) {
#pragma hls_pipeline_init_interval 1
    for (int word = 0; word < Words; ++word) {
#pragma HLS PIPELINE II = 1
      ap_uint<InBits> input[Simd];
#pragma HLS ARRAY_PARTITION variable = input complete
#pragma hls_unroll yes
      for (int i = 0; i < Simd; ++i) {
#pragma HLS UNROLL
        if (pass == 0) buffer[word][i] = in[i].read();
        input[i] = buffer[word][i];
      }
      unsigned codes[Bytes];  // of four lanes each
#pragma HLS ARRAY_PARTITION variable = codes complete
#pragma hls_unroll yes
      for (int g = 0; g < Bytes; ++g) {
#pragma HLS UNROLL
        if (phase == 4) {
          codes[g] = waiting[g];
        } else {
          const unsigned five = base3_codes(rom[0][g][address]);
          const unsigned before = phase == 0 ? 0u : waiting[g];
          codes[g] = five & 255u;
          waiting[g] = before >> 2 | (five >> 8) << 6;
        }
      }
      if (phase != 4) ++address;
      phase = next_of(phase, 5);
      int lane = 0;  // a constant wherever it stands, once the loops are unrolled
#pragma hls_unroll yes
      for (int p = 0; p < Pe; ++p) {
#pragma HLS UNROLL
        ap_int<AccBits> sum = 0;
#pragma hls_unroll yes
        for (int i = 0; i < Simd; ++i) {
#pragma HLS UNROLL
          sum = sum + select<InBits, 2>(codes[lane >> 2] >> ((lane & 3) << 1), input[i]);
          ++lane;
        }
        const ap_int<AccBits> first = start[HasBias ? row + p : 0];
        const ap_int<AccBits> base = word == 0 ? first : acc[p];
        acc[p] = base + sum;
        if (word == Words - 1) out[p].write(acc[p]);
      }
    }
    row += Pe;
  }
}

template <int AccBits, int OutBits>
ap_uint<OutBits> saturated(const ap_int<AccBits>& value) {
#pragma HLS INLINE
  const ap_int<OutBits + 1> largest = (static_cast<std::int64_t>(1) << OutBits) - 1;
  return value > largest ? ap_uint<OutBits>(largest) : ap_uint<OutBits>(value);
}

// ReLU, right shift (its half unit is in the sum already), saturation.
#pragma hls_design
template <int Layer, int Outputs, int Pe, int AccBits, int Shift, int OutBits, int Lanes>
void requantize_static(hls::stream<ap_int<AccBits> > (&in)[Pe], hls::stream<ap_uint<OutBits> > (&out)[Lanes]) {
#pragma HLS INLINE off
  int pe = 0;
  int lane = 0;
#pragma hls_pipeline_init_interval 1
  for (int neuron = 0; neuron < Outputs; ++neuron) {
#pragma HLS PIPELINE II = 1
    const ap_int<AccBits> sum = read_lane(in, pe);
    const ap_int<AccBits> positive = sum > 0 ? sum : ap_int<AccBits>(0);
    const ap_int<AccBits> shifted = positive >> Shift;
    const ap_uint<OutBits> code = saturated<AccBits, OutBits>(shifted);
    BITSIM_TAP(Layer, neuron, code);
    write_lane(out, lane, code);
    pe = next_of(pe, Pe);
    lane = next_of(lane, Lanes);
  }
}

// The same with the shift that brings the largest sum of the image to OutBits bits.
#pragma hls_design
template <int Layer, int Outputs, int Pe, int AccBits, int OutBits, int Lanes>
void requantize_dynamic(hls::stream<ap_int<AccBits> > (&in)[Pe], hls::stream<ap_uint<OutBits> > (&out)[Lanes]) {
#pragma HLS INLINE off
  ap_int<AccBits> sums[Outputs];
  ap_int<AccBits> seen = 0;  // every bit that some positive sum has
  int pe = 0;
#pragma hls_pipeline_init_interval 1
  for (int neuron = 0; neuron < Outputs; ++neuron) {
#pragma HLS PIPELINE II = 1
    const ap_int<AccBits> sum = read_lane(in, pe);
    const ap_int<AccBits> positive = sum > 0 ? sum : ap_int<AccBits>(0);
    sums[neuron] = positive;
    seen = seen | positive;
    pe = next_of(pe, Pe);
  }
  int shift = 0;
#pragma hls_unroll yes
  for (int bit = OutBits; bit < AccBits; ++bit) {
#pragma HLS UNROLL
    if (((seen >> bit) & 1) != 0) shift = bit - OutBits + 1;
  }
  const ap_int<AccBits + 1> half = shift == 0 ? 0 : 1 << (shift - 1);
  int lane = 0;
#pragma hls_pipeline_init_interval 1
  for (int neuron = 0; neuron < Outputs; ++neuron) {
#pragma HLS PIPELINE II = 1
    const ap_int<AccBits + 1> rounded = sums[neuron] + half;
    const ap_int<AccBits + 1> shifted = rounded >> shift;
    const ap_uint<OutBits> code = saturated<AccBits + 1, OutBits>(shifted);
    BITSIM_TAP(Layer, neuron, code);
    write_lane(out, lane, code);
    lane = next_of(lane, Lanes);
  }
}

// How many of the neuron's thresholds the sum reaches.
#pragma hls_design
template <int Layer, int Outputs, int Pe, int AccBits, int OutBits, int Lanes, int Levels>
void requantize_thresholds(hls::stream<ap_int<AccBits> > (&in)[Pe], hls::stream<ap_uint<OutBits> > (&out)[Lanes],
                           const std::int32_t (&thresholds)[Outputs][Levels]) {
#pragma HLS INLINE off
#pragma HLS ARRAY_PARTITION variable = thresholds complete dim = 2
  int pe = 0;
  int lane = 0;
#pragma hls_pipeline_init_interval 1
  for (int neuron = 0; neuron < Outputs; ++neuron) {
#pragma HLS PIPELINE II = 1
    const ap_int<AccBits> sum = read_lane(in, pe);
    ap_uint<OutBits> code = 0;
#pragma hls_unroll yes
    for (int level = 0; level < Levels; ++level) {
#pragma HLS UNROLL
      const ap_int<AccBits> threshold = thresholds[neuron][level];
      if (sum >= threshold) code = level + 1;
    }
    BITSIM_TAP(Layer, neuron, code);
    write_lane(out, lane, code);
    pe = next_of(pe, Pe);
    lane = next_of(lane, Lanes);
  }
}

// The logits as beats of 32 bits, then the index of the first largest with last. user: the frame was faulty.
#pragma hls_design
template <int Classes, int Pe, int AccBits>
void write_logits(hls::stream<ap_int<AccBits> > (&in)[Pe], hls::stream<ap_uint<1> >& fault,
                  hls::stream<OutBeat::type>& sink) {
#pragma HLS INLINE off
  const ap_uint<1> faulty = fault.read();
  ap_int<AccBits> best = 0;
  int winner = 0;
  int pe = 0;
#pragma hls_pipeline_init_interval 1
  for (int beat = 0; beat <= Classes; ++beat) {
#pragma HLS PIPELINE II = 1
    ap_int<32> data = winner;
    if (beat < Classes) {
      const ap_int<AccBits> logit = read_lane(in, pe);
      if (beat == 0 || logit > best) {
        best = logit;
        winner = beat;
      }
      data = logit;
    }
    pe = next_of(pe, Pe);
    sink.write(OutBeat::make(data, beat == Classes, faulty));
  }
}

}  // namespace bitsim

#endif
